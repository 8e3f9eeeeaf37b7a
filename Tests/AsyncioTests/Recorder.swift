import Foundation
import StepThrough

/// Runs `record.py` with the Python of this machine, once for all scenarios.
enum Recorder {
  /// Whether there is a Python that can run it.
  static let isThere = run(["-c", "import sys; sys.exit(sys.version_info < (3, 9))"])

  static func trace(_ scenario: String) throws -> AsyncioTrace {
    let text = try String(
      contentsOf: try folder.get().appending(path: "\(scenario).jsonl"), encoding: .utf8
    )
    guard let trace = AsyncioTrace(text) else { throw NoRecording() }
    return trace
  }

  private struct NoRecording: Error {}

  private static let folder = Result {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "asyncio-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true)
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "CPython/record.py")
    if !run([script.path, "--all", folder.path]) { throw NoRecording() }
    return folder
  }

  private static func run(_ arguments: [String]) -> Bool {
    let python = Process()
    python.executableURL = URL(filePath: "/usr/bin/env")
    python.arguments = ["python3"] + arguments
    python.standardInput = FileHandle.nullDevice
    python.standardError = FileHandle.nullDevice
    guard (try? python.run()) != nil else { return false }
    python.waitUntilExit()
    return python.terminationStatus == 0
  }
}
