import Foundation
import Telling
import Testing

/// Traces that were kept: opened again, and compared.
@Suite struct OpenAndCompare {
  private let recordings = SourceTree().recordings!

  /// A file with this text, for as long as the test takes.
  private func withFile<Value>(
    _ text: String, _ body: (String) throws -> Value
  ) throws -> Value {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("walkthrough-\(UUID()).jsonl")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file.path)
  }

  @Test(arguments: [["accept"], ["scar", "A2"]])
  func `a file opens again and says the same`(_ arguments: [String]) throws {
    let json = try Program.run(arguments + ["--json"]).output
    let plain = try Program.run(arguments + ["--plain"]).output
    try withFile(json) { path in
      let again = try Program.run(["open", path, "--json"]).output
      #expect(again == json)
      let lines = try Program.run(["open", path]).output.split(separator: "\n")
      #expect(lines.first == "\(arguments.joined(separator: " ")), by walkthrough")
      #expect(lines.dropFirst() == plain.split(separator: "\n").dropFirst())
    }
    // Another editor's line ends.
    try withFile(json.replacing("\n", with: "\r\n")) { path in
      let again = try Program.run(["open", path, "--json"]).output
      #expect(again == json)
    }
  }

  @Test func `a broken file is refused with its line`() throws {
    let json = try Program.run(["accept", "--json"]).output
    let outcome = try withFile(String(json.dropLast(20))) {
      try Program.run(["open", $0])
    }
    #expect((outcome.code, outcome.output) == (2, ""))
    let last = splitLines(json).count
    #expect(outcome.error.hasSuffix(".jsonl, line \(last): this is no JSON\n"))
  }

  @Test func `CPython's recording opens with its own functions`() throws {
    let path = "\(recordings)/accept.jsonl"
    let lines = try Program.run(["open", path, "--json"]).output
    #expect(lines.contains(#""asyncio":"BaseSelectorEventLoop._sock_accept""#))
    let terminal = try PseudoTerminal(["open", path])
    try terminal.wait(for: "accept · step 1 of")
    terminal.type("/EAGAIN:\r")
    try terminal.wait(for: "asyncio  BaseSelectorEventLoop._sock_accept (selector_ev")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `a scar's two shapes`() throws {
    let outcome = try Program.run(["compare", "a2"])
    #expect(outcome.code == 0)
    let first = try #require(
      outcome.output.firstMatch(
        of: /first difference: step (\d+) on the left, and noth/))
    let line = try #require(
      outcome.output.split(separator: "\n").first { $0.hasPrefix("-") })
    #expect(line.wholeMatch(of: /- +(\d+) +accept4\(listener\) → .* │/)?.1 == first.1)
    let terminal = try PseudoTerminal(["compare", "A2"])
    try terminal.wait(for: "today's shape, on the same script")
    terminal.type("g\(first.1)\r")
    try terminal.wait(for: "nothing of the kind")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `two runs do not differ, two scenarios do`() throws {
    for name in ["accept", "timers", "transport-echo"] {
      let json = try Program.run([name, "--json"]).output
      let text = try withFile(json) { try Program.run(["compare", $0, name]).output }
      #expect(
        text.contains("\nno difference but ports, times, and the numbers in names"))
    }
    let text = try Program.run(["compare", "recv", "accept"]).output
    #expect(text.contains("\nfirst difference: step "))
    #expect(text.contains("\n+ ") && text.contains("\n- "))
  }

  @Test func `ours and CPython's, with the reasons, and without`() throws {
    let told = try Program.run(["compare", "accept"]).output
    #expect(told.contains("\nright: accept, by CPython 3.13.0\n"))
    #expect(told.contains("accept4 makes the new socket non-blocking in the same call"))
    let plain = try Program.run(["compare", "accept", "\(recordings)/accept.jsonl"])
      .output
    for text in [told, plain] {
      let extra = text.split(separator: "\n").filter { $0.hasPrefix("+") }
      #expect(extra.contains { $0.contains("fcntl(connection 1, set O_NONBLOCK)") })
    }
  }
}
