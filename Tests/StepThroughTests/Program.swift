import CLibrary
import Foundation

/// The built `walkthrough`, run as a reader runs it.
enum Program {
  /// It lies beside the tests: both come out of one build.
  static let path: String = {
    let me = try? FileManager.default.destinationOfSymbolicLink(
      atPath: "/proc/self/exe")
    let folder = URL(fileURLWithPath: me ?? "").deletingLastPathComponent()
    let built = folder.appendingPathComponent("walkthrough").path
    if FileManager.default.isExecutableFile(atPath: built) { return built }
    // Some runners start a helper that loads the tests: then ask for the tests' file.
    return Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent().path }
      .map { $0 + "/walkthrough" }
      .first { FileManager.default.isExecutableFile(atPath: $0) } ?? built
  }()

  struct Outcome {
    let code: Int32
    let output: String
    let error: String
  }

  /// Runs it without a terminal, to its end.
  ///
  /// - Parameters:
  ///   - arguments: what stands behind its name.
  ///   - folder: where the reader stands.
  ///   - path: which program, if it is another one.
  static func run(
    _ arguments: [String], in folder: String? = nil, path: String = Program.path
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.standardInput = FileHandle.nullDevice
    let (output, error) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = error
    try process.run()
    // What goes to standard error is a line; it fits into the pipe meanwhile.
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      error: String(decoding: complaint, as: UTF8.self))
  }
}
