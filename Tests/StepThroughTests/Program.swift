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
    process.environment = withoutLeaks  // what is left in the middle stays as it is
    let output = Pipe()
    process.standardOutput = output
    // A file, and no second pipe: one that is full while the other is read would be the
    // end of both.
    let complaints = FileManager.default.temporaryDirectory
      .appending(path: UUID().uuidString)
    try Data().write(to: complaints)
    defer { try? FileManager.default.removeItem(at: complaints) }
    process.standardError = try FileHandle(forWritingTo: complaints)
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      error: try String(contentsOf: complaints, encoding: .utf8))
  }
}

/// Makes a program of a file that was just written.
///
/// Another test may be starting a child at this moment, which for a while has all files
/// open that we have; and what somebody has open for writing does not start ("text file
/// busy"). So the program is a copy, which we have never had open.
func makeExecutable(_ path: String) throws {
  let script = #"cp "$1" "$1.copy" && chmod 755 "$1.copy" && mv "$1.copy" "$1""#
  let shell = try Process.run(
    URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", script, "sh", path])
  shell.waitUntilExit()
  if shell.terminationStatus != 0 {
    throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
  }
}
