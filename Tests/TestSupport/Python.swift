import Foundation

/// Whether there is a Python whose asyncio is one that the walkthrough follows.
package let hasPython: Bool = {
  let test = "import sys; sys.exit(sys.version_info < (3, 9))"
  return (try? Script(test).status()) == 0
}()

/// A Python program in a process of its own. It has `patience`.
package final class Script: @unchecked Sendable {
  private let process = Process()
  private let output = Pipe()

  package init(_ text: String, _ arguments: String...) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = limited(
      Int(patience), ["python3", "-c", text] + arguments)
    process.standardOutput = output
    try process.run()
  }

  deinit { if process.isRunning { process.terminate() } }

  /// The next line that it prints; `nil` at the end.
  package func line() -> String? {
    var bytes: [UInt8] = []
    while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first {
      if byte == 10 { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return nil
  }

  /// Everything that it still prints.
  package func rest() throws -> String {
    String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
  }

  /// Waits for its end.
  package func status() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }
}
