import CLibrary
import Foundation
import TestSupport

/// The built `walkthrough`, run as a reader runs it.
enum Program {
  static let path = builtProgram("walkthrough")

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
