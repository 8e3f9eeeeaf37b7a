import Comparison
import Foundation
import Scenarios
import TestSupport

/// Runs `record.py` with the Python of this machine, once for all scenarios.
enum Recorder {
  /// The versions with which all of this was tried out. Another one may have mended what
  /// stands in `Difference.all`, or changed something else.
  static let triedOut: Set = [
    "3.9.18", "3.10.13", "3.11.7", "3.12.1", "3.13.0",
  ]

  /// Whether there is a Python that can run it.
  static let isThere = run(["-c", "import sys; sys.exit(sys.version_info < (3, 9))"])

  static func trace(_ scenario: String) throws -> AsyncioTrace {
    guard let trace = try traces.get()[scenario] else { throw NoRecording() }
    return trace
  }

  /// Recorded once more: see `Scenario.usualTrace`, why two runs may differ.
  static func traceAgain(_ scenario: String) throws -> AsyncioTrace {
    guard let trace = try record()[scenario] else { throw NoRecording() }
    return trace
  }

  private struct NoRecording: Error {}

  private static let traces = Result { try record() }

  private static func record() throws -> [String: AsyncioTrace] {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "asyncio-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "CPython/record.py")
    if !run([script.path, "--all", folder.path]) { throw NoRecording() }
    var traces: [String: AsyncioTrace] = [:]
    for scenario in Scenario.all {
      let file = folder.appending(path: "\(scenario.name).jsonl")
      traces[scenario.name] = try AsyncioTrace(
        String(contentsOf: file, encoding: .utf8))
    }
    return traces
  }

  private static func run(_ arguments: [String]) -> Bool {
    let python = Process()
    python.executableURL = URL(filePath: "/usr/bin/env")
    python.arguments = limited(300, ["python3"] + arguments)
    python.standardInput = FileHandle.nullDevice
    python.standardError = FileHandle.nullDevice
    guard (try? python.run()) != nil else { return false }
    python.waitUntilExit()
    return python.terminationStatus == 0
  }
}
