import CLibrary
import Scars
import Scenarios
import Telling
import Testing

/// The program in a terminal: keys go in, pictures come out, and afterwards the
/// terminal is as it was.
@Suite struct TerminalTests {
  let right = "\u{1B}[C"
  let left = "\u{1B}[D"

  @Test func `forward, back, and quit`() throws {
    let terminal = try PseudoTerminal(["accept"])
    let before = terminal.settingsBefore
    try terminal.wait(for: "accept · step 1 of")
    #expect(terminal.settings != before)
    let first = terminal.lines
    terminal.type(right)
    // What comes before the first turn is one line.
    try terminal.wait(for: "step 14 of")
    terminal.type(left)
    try terminal.wait(for: "step 1 of")
    #expect(terminal.lines == first)
    terminal.type("q")
    #expect(try terminal.end() == 0)
    #expect(terminal.settings == before)
  }

  @Test func `the EAGAIN can be found`() throws {
    let terminal = try PseudoTerminal(["accept"])
    try terminal.wait(for: "step 1 of")
    terminal.type("/EAGAIN:\r")
    try terminal.wait(for: "accept4(listener) → EAGAIN: nobody is waiting")
    try terminal.wait(for: "asyncio  BaseSelectorEventLoop._sock_accept (selector_ev")
    terminal.type("ug3\r")
    try terminal.wait(for: "step 3 of")
    terminal.type("l")
    try terminal.wait(for: "enter goes there")
    terminal.type("\u{1B}[B\r")
    try terminal.wait(for: "step 4 of")
    terminal.type("?")
    try terminal.wait(for: "Any key goes back")
    terminal.type("xq")
    #expect(try terminal.end() == 0)
  }

  @Test func `the first screen lets one choose`() throws {
    let terminal = try PseudoTerminal([])
    try terminal.wait(for: "What do you want to see it do?")
    // The one to begin with is chosen already.
    terminal.type("\r")
    try terminal.wait(for: "accept · step 1 of")
    terminal.type("stimers")
    try terminal.wait(for: "search: timers_")
    terminal.type("\r")
    try terminal.wait(for: "timers (scripted kernel) · step 1 of")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `the scars stand behind the scenarios`() throws {
    let terminal = try PseudoTerminal([])
    try terminal.wait(for: "end: the scars")
    terminal.type("\u{1B}[F\r")
    let last = try #require(Scenario.choices.last)
    let kernel = last.isScripted ? " (scripted kernel)" : ""
    try terminal.wait(for: "\(last.name)\(kernel) · the old shape · step 1 of")
    try terminal.wait(for: "The old shape: ")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `at 200 columns all three are side by side, and a pane takes it all`()
    throws
  {
    let terminal = try PseudoTerminal(["accept"], columns: 200, rows: 60)
    try terminal.wait(for: "CPython 3.13.0")
    #expect(terminal.lines.contains { $0.contains("Ready queue ↑ leaves, ↓ enters") })
    terminal.type("c")
    try terminal.wait(for: "no CPython") { terminal in
      let lines = terminal.lines
      return terminal.isWhole(lines)
        && !lines.contains { $0.contains("CPython 3.13.0") }
    }
    terminal.type("\t\tz")
    try terminal.wait(for: "z back")
    #expect(!terminal.lines.contains { $0.contains("EventLoop.swift") })
    terminal.type("\u{1B}")
    try terminal.wait(for: "z whole screen")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `a new size is a new picture`() throws {
    let terminal = try PseudoTerminal(["accept"])
    try terminal.wait(for: "step 1 of")
    for (columns, rows) in [(140, 40), (60, 16)] {
      terminal.resize(columns, rows)
      try terminal.wait(for: "\(columns)x\(rows)") { terminal in
        let lines = terminal.lines
        return terminal.isWhole(lines)
          && lines.allSatisfy { displayWidth($0) == columns }
      }
    }
    terminal.resize(40, 10)
    try terminal.wait(for: "too small")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test(arguments: ["\u{3}": 130, "\u{4}": 0])
  func `Ctrl-C and Ctrl-D end it`(key: String, code: Int32) throws {
    let terminal = try PseudoTerminal(["accept"])
    let before = terminal.settingsBefore
    try terminal.wait(for: "step 1 of")
    terminal.type(key)
    #expect(try terminal.end() == code)
    #expect(terminal.settings == before)
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
  func `a signal ends it and the terminal is as it was`(signal: Int32) throws {
    let terminal = try PseudoTerminal(["accept"])
    let before = terminal.settingsBefore
    try terminal.wait(for: "step 1 of")
    terminal.signal(signal)
    #expect(try terminal.end() == (signal == SIGINT ? 130 : -signal))
    #expect(terminal.settings == before)
  }
}
