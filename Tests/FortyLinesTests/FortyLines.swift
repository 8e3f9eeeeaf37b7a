import Foundation
import TestSupport
import Testing

/// The four servers of chapter 0: what their guests live to see.
@Suite struct FortyLines {
  /// What each of them says. Who speaks first, a guest or the server, is chance.
  private struct Output {
    let status: Int32
    let error: String
    let lines: [String]
    func said(by name: String) -> [String] { lines.filter { $0.hasPrefix(name) } }
  }

  private func run(_ arguments: String...) throws -> Output {
    let program = Process()
    program.executableURL = URL(filePath: "/usr/bin/env")
    // It ends by itself; the limit is for one that does not.
    program.arguments = limited(120, [builtProgram("forty-lines")] + arguments)
    program.environment = withoutLeaks  // the callback that program 2 forgets
    let (output, errors) = (Pipe(), Pipe())
    program.standardOutput = output
    program.standardError = errors
    try program.run()
    // Little is said: neither pipe can be full.
    let said = try output.fileHandleForReading.readToEnd() ?? Data()
    let complaints = try errors.fileHandleForReading.readToEnd() ?? Data()
    program.waitUntilExit()
    return Output(
      status: program.terminationStatus,
      error: String(decoding: complaints, as: UTF8.self),
      lines: String(decoding: said, as: UTF8.self).split(separator: "\n").map(
        String.init))
  }

  /// Ada and Bo are greeted in the end, by all four.
  private func expectGreetings(_ output: Output) {
    #expect(output.status == 0 && output.error == "")
    #expect(
      output.said(by: "Ada hears") == [
        #"Ada hears "Your name?""#, #"Ada hears "Hello, Ada.""#,
      ])
    #expect(
      output.said(by: "Bo hears") == [
        #"Bo hears "Your name?""#, #"Bo hears "Your name?""#, #"Bo hears "Hello, Bo.""#,
      ])
  }

  @Test func `1 the second guest waits for the first`() throws {
    let output = try run("1")
    expectGreetings(output)
    #expect(output.lines.contains("Bo waits for two seconds, and nobody asks him"))
    #expect(output.said(by: "Cy").last == "Cy is hung up on")
    #expect(output.said(by: "server") == ["server: lost a guest: a name of 25 letters"])
  }

  @Test func `2 nobody hears of the error, and the callback comes after the end`()
    throws
  {
    let output = try run("2")
    expectGreetings(output)
    #expect(output.lines.contains("Bo is asked meanwhile"))
    #expect(
      output.said(by: "Cy").last
        == "Cy waits for two seconds, hears nothing, and leaves")
    #expect(
      output.said(by: "server") == ["server: after 1000 turns I wait for 1 guest. Why?"]
    )
  }

  @Test func `3 the error is heard, and the guest is forgotten`() throws {
    let output = try run("3")
    expectGreetings(output)
    #expect(output.lines.contains("Bo is asked meanwhile"))
    #expect(
      output.said(by: "Cy").last
        == "Cy waits for two seconds, hears nothing, and leaves")
    #expect(output.said(by: "server") == ["server: lost a guest: a name of 25 letters"])
  }

  @Test func `4 everybody is greeted, or hung up on`() throws {
    let output = try run("4")
    expectGreetings(output)
    #expect(output.lines.contains("Bo is asked meanwhile"))
    #expect(output.said(by: "Cy").last == "Cy is hung up on")
    #expect(output.said(by: "server") == ["server: lost a guest: a name of 25 letters"])
  }

  @Test(arguments: [[], ["0"], ["5"], ["one"], ["1", "2"], [""], ["--help"]])
  func `which of the four`(words: [String]) throws {
    let output =
      try words.isEmpty
      ? run() : words.count == 1 ? run(words[0]) : run(words[0], words[1])
    #expect(output.status == 2 && output.lines.isEmpty)
    #expect(
      output.error
        == "forty-lines: which of the four? Say: swift run forty-lines 1 (or 2, 3, 4)\n"
    )
  }

  /// The root of the package.
  private static let root = URL(filePath: #filePath).appending(path: "../../..")
    .standardized

  @Test(arguments: 1...4) func `the chapter quotes what they say`(number: Int) throws {
    let chapter = try String(
      contentsOf: Self.root.appending(path: "chapters/00-a-loop-in-forty-lines.md"),
      encoding: .utf8)
    let block = try #require(
      chapter.firstRange(of: "```\n$ swift run forty-lines \(number)\n"))
    let quoted = chapter[block.upperBound...].split(separator: "\n").prefix {
      $0 != "```"
    }
    let output = try run("\(number)")
    for name in ["Ada", "Bo", "Cy", "server"] {
      #expect(
        quoted.filter { $0.hasPrefix(name) }.map(String.init) == output.said(by: name))
    }
    #expect(quoted.count == output.lines.count)
  }

  @Test func `the loop has forty lines`() throws {
    let loop = try String(
      contentsOf: Self.root.appending(path: "Sources/forty-lines/Loop.swift"),
      encoding: .utf8)
    let lines = loop.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count { $0.firstRange(of: "// [") == nil } == 40)
  }
}
