import CLibrary
import Experiments
import Foundation
import Testing

/// `walkthrough break`, up to where a build would begin. What builds is played by a
/// script here.
@Suite struct BreakTests {
  @Test func `the list has them all`() throws {
    let outcome = try Program.run(["break"])
    #expect((outcome.code, outcome.error) == (0, ""))
    let lines = outcome.output.split(separator: "\n")
    for experiment in Experiment.all {
      #expect(lines.contains { $0.hasPrefix("\(experiment.name) ") })
    }
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  /// A package with one line to break.
  private func package() throws -> Copy {
    let copy = try Copy(of: Self.root)
    try copy.makePackage([
      "Sources/SocketOperations/SockAccept.swift":
        "// [accept.done-first]\nif future.done() { return }\n"
    ])
    return copy
  }

  private static let root = {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 1...3 { folder.deleteLastPathComponent() }
    return folder.path
  }()

  /// Breaks that line, where `swift` is this script.
  private func run(_ copy: Copy, swift script: String?) throws -> Program.Outcome {
    let tools = "\(copy.root)/tools"
    try copy.makePackage(["tools/swift": "#!/bin/sh\n\(script ?? "")\n"])
    if script != nil { try makeExecutable("\(tools)/swift") }
    let path = script == nil ? "/nonesuch" : "\(tools):/usr/bin:/bin"
    return try Program.run(
      ["PATH=\(path)", copy.program, "break", "accept.done-first"], path: "/usr/bin/env"
    )
  }

  @Test(arguments: [
    (nil, "swift does not start (No such file or directory): put a Swift toolchain on"),
    (
      "echo error: 'No space left on device'; exit 1",
      "there is no room left to build in"
    ),
    (
      "echo $3/A.swift:1:1: error: no; exit 1",
      "the package itself cannot be built: A.s"
    ),
  ]) func `what cannot be is one sentence`(_ script: String?, _ complaint: String)
    throws
  {
    let copy = try package()
    let outcome = try run(copy, swift: script)
    #expect(outcome.code == 1)
    #expect(outcome.error.contains(complaint), "\(outcome.error)")
    #expect(outcome.error.filter { $0 == "\n" }.count == 1)
    #expect(
      outcome.output.contains("The package is copied to \(copy.root)/.build/break"))
  }

  @Test func `a change that is refused is no fault of the package`() throws {
    let copy = try package()
    let broken = "grep -rq future $3/Sources || { echo A.swift:1: error: no; exit 1; }"
    let outcome = try run(copy, swift: broken)
    #expect((outcome.code, outcome.error) == (0, ""))
    #expect(outcome.output.contains("it cannot be built: A.swift:1: error: no"))
    #expect(outcome.output.contains("NOT AS CLAIMED"))
    // The reader's file is what it was, and the copy's, too.
    for place in ["", "/.build/break"] {
      let file = "\(copy.root)\(place)/Sources/SocketOperations/SockAccept.swift"
      #expect(try String(contentsOfFile: file, encoding: .utf8).contains("future.done"))
    }
  }

  @Test func `a line that is gone is named before anything is built`() throws {
    let copy = try package()
    try copy.makePackage(["Sources/SocketOperations/SockAccept.swift": "\n"])
    let outcome = try run(copy, swift: "exit 1")
    #expect(outcome.code == 1)
    #expect(
      outcome.error == "walkthrough: accept.done-first: there is no label "
        + "'accept.done-first' in the source any more\n")
  }

  @Test func `only one works there at a time`() throws {
    let copy = try package()
    try copy.makePackage([".build/break/.lock": ""])
    let lock = open("\(copy.root)/.build/break/.lock", O_RDWR | O_CLOEXEC)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX) == 0)
    let outcome = try run(copy, swift: "exit 1")
    #expect(outcome.code == 1)
    #expect(outcome.error.contains("somebody is at work in \(copy.root)/.build/break"))
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `who stops it stops what it has started`(_ signal: Int32) throws {
    let copy = try package()
    let sign = "\(copy.root)/sign"
    mkfifo(sign, 0o600)
    // It says who it is, and then waits for what never comes.
    let process = Process()
    try copy.makePackage([
      "tools/swift": "#!/bin/sh\necho $$ > \(sign)\nread x < \(sign)\n"
    ])
    try makeExecutable("\(copy.root)/tools/swift")
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "PATH=\(copy.root)/tools:/usr/bin:/bin", copy.program, "break",
      "accept.done-first",
    ]
    let (output, error) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, error)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = FileHandle(forReadingAtPath: sign)?.readDataToEndOfFile()
    let child = try #require(
      pid_t(String(decoding: text ?? Data(), as: UTF8.self).filter(\.isNumber)))
    #expect(kill(process.processIdentifier, signal) == 0)
    let complaint = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(
      String(decoding: complaint, as: UTF8.self)
        == "walkthrough: stopped; the copy in .build/break stays for the next time\n")
    #expect(kill(child, 0) != 0 && errno == ESRCH)
  }
}
