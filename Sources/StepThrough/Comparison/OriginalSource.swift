// The source of CPython's asyncio that this machine has, if it has one. No text of it is
// ours to hand out; but whoever has a Python has it.

import Foundation
import Telling

/// The files of an installed asyncio.
package struct OriginalSource: Sendable {
  /// A file's name to its lines; none if there is no asyncio of that version.
  private var files: [String: [String]] = [:]
  /// Why there are none; `nil` if there are.
  package private(set) var lack: String?

  /// Asks the `python3` of this machine, and reads what it says.
  ///
  /// - Parameters:
  ///   - version: which CPython it has to be: lines move from one to the next.
  ///   - patience: how many seconds it may take to answer.
  package init(version: String, patience: Double = 2) {
    let answer = ask(patience).map(splitLines) ?? []
    guard answer.count == 2 else {
      lack = "there is no python3"
      return
    }
    guard answer[0] == version else {
      lack = "python3 is \(answer[0])"
      return
    }
    let names = try? FileManager.default.contentsOfDirectory(atPath: answer[1])
    for name in names ?? [] where name.hasSuffix(".py") {
      let text = try? String(contentsOfFile: "\(answer[1])/\(name)", encoding: .utf8)
      files[name] = text.map(splitLines)
    }
    if files.isEmpty { lack = "python3 has none" }
  }

  /// A line of a file.
  ///
  /// - Parameter place: `selector_events.py:712`.
  /// - Returns: the line without its indentation; `nil` if it is not here.
  package func line(at place: String) -> String? {
    let parts = place.split(separator: ":").map(String.init)
    guard parts.count == 2, let lines = files[parts[0]], let number = Int(parts[1]),
      lines.indices.contains(number - 1)
    else { return nil }
    return String(lines[number - 1].drop { $0 == " " })
  }
}

/// The version of `python3` and the folder of its asyncio, a line each.
private func ask(_ patience: Double) -> String? {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [
    "python3", "-I", "-c",
    "import asyncio, platform\nprint(platform.python_version())\n"
      + "print(asyncio.__path__[0])",
  ]
  let output = Pipe()
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  let isOver = DispatchSemaphore(value: 0)
  process.terminationHandler = { _ in isOver.signal() }
  guard (try? process.run()) != nil else { return nil }
  // Two lines fit into the pipe, so nobody has to read before the end.
  if isOver.wait(timeout: .now() + patience) == .timedOut {
    kill(process.processIdentifier, SIGKILL)
    return nil
  }
  guard process.terminationStatus == 0 else { return nil }
  let text = output.fileHandleForReading.readDataToEndOfFile()
  return String(decoding: text, as: UTF8.self)
}
