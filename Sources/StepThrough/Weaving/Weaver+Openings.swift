// A chapter begins with a program, and with what it prints.

import Foundation
import Telling

extension Weaver {
  /// ```` ```text opening 6 ````: the command, and what it prints when it is run now.
  mutating func said(byOpening number: String) -> [String]? {
    guard let program = Self.opening else {
      problem("the program 'opening' is not built: run `swift build --product opening`")
      return nil
    }
    let process = Process()
    process.executableURL = program
    process.arguments = [number]
    process.standardInput = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    do {
      try process.run()
      let data = try output.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      let said = splitLines(String(decoding: data, as: UTF8.self))
      if process.terminationStatus == 0 {
        return ["$ swift run opening \(number)"] + said
      }
      problem("opening \(number) fails: \(said.joined(separator: " "))")
    } catch { problem("opening \(number) does not start: \(reason(error))") }
    return nil
  }

  /// It comes out of the same build as whoever weaves, and lies beside it.
  private static let opening: URL? =
    ([Bundle.main.executableURL].compactMap { $0 } + Bundle.allBundles.map(\.bundleURL))
    .map { $0.deletingLastPathComponent().appending(path: "opening") }
    .first { FileManager.default.isExecutableFile(atPath: $0.path) }
}
