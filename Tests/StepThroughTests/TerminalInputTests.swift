import CLibrary
import Telling
import Testing

/// Terminals that are not as one would wish, and everything they may send.
@Suite struct TerminalInputTests {
  let right = "\u{1B}[C"

  @Test func `an arrow that is slow to come leaves the question open`() throws {
    let terminal = try PseudoTerminal(["accept"])
    try terminal.wait(for: "step 1 of")
    terminal.type("/abc")
    try terminal.wait(for: "find: abc_")
    // Half a key for so long that it was taken for the escape key ...
    terminal.type("\u{1B}")
    try terminal.wait(for: "→ next")
    // ... and that is taken back. Nothing of it has been typed.
    terminal.type("[")
    terminal.type("D")
    try terminal.wait(for: "find: abc_")
    terminal.type("d")
    try terminal.wait(for: "find: abcd_")
    terminal.type("\u{1B}")
    try terminal.wait(for: "→ next")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test(arguments: [
    "\u{1B}[M qq", "\u{1B}[M#qq", "\u{1B}[<0;10;5M\u{1B}[<0;10;5m", "\u{1B}[32;10;5M",
  ]) func `the mouse presses no keys`(report: String) throws {
    let terminal = try PseudoTerminal(["accept"])
    try terminal.wait(for: "step 1 of")
    terminal.type("u")
    try terminal.wait(for: "all steps shown")
    terminal.type(report + right)
    try terminal.wait(for: "step 2 of")
    // Raw bytes need not be characters.
    terminal.type(bytes: [0x1B, 0x5B, 0x4D, 0x20, 0xFF, 0x71])
    terminal.type(right)
    try terminal.wait(for: "step 3 of")
    #expect(terminal.lines.last?.contains("no such key") == false)
    terminal.type("?")
    try terminal.wait(for: "shift selects text")
    terminal.type(report + "\u{1B}")
    // Not before: escape and a letter that come together are another key.
    try terminal.wait(for: "→ next")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `the wheel turns through lists`() throws {
    let terminal = try PseudoTerminal(["accept"])
    try terminal.wait(for: "step 1 of")
    terminal.type("ul\u{1B}[<65;10;5M\u{1B}[<65;10;5M\u{1B}[<64;10;5M\r")
    try terminal.wait(for: "step 4 of")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `a pasted text is text`() throws {
    let terminal = try PseudoTerminal(["accept"])
    try terminal.wait(for: "step 1 of")
    terminal.type("\u{1B}[200~q\rnq\u{1B}[201~")
    try terminal.wait(for: "what was pasted is ignored")
    #expect(terminal.lines.first?.contains("step 1 of") == true)
    // Its line end does not answer the question for the reader.
    terminal.type("/\u{1B}[200~EAGAIN:\r\n\u{1B}[201~")
    try terminal.wait(for: "find: EAGAIN:_")
    terminal.type("\r")
    try terminal.wait(for: "accept4(listener) → EAGAIN: nobody is waiting")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test(arguments: ["/ab": "find: ab_", "g1": "go to step: 1_", "/": "find: _"])
  func `Ctrl-C leaves a question`(typed: String, question: String) throws {
    let terminal = try PseudoTerminal(["accept"])
    try terminal.wait(for: "step 1 of")
    for key in ["\u{3}", "\u{4}"] {
      terminal.type(typed)
      try terminal.wait(for: question)
      terminal.type(key)
      try terminal.wait(for: "→ next")
    }
    // A signal is not typed, so it asks for the end wherever one is.
    terminal.type(typed)
    try terminal.wait(for: question)
    terminal.signal(SIGINT)
    #expect(try terminal.end() == 130)
  }

  @Test(arguments: [
    (0, 0, [], 80, 24), (100, 0, [], 100, 24), (0, 30, [], 80, 30),
    (0, 0, ["COLUMNS=90", "LINES=33"], 90, 33), (0, 40, ["LINES=33"], 80, 40),
    (0, 0, ["COLUMNS=-1", "LINES=many"], 80, 24),
    (0, 0, ["COLUMNS=0", "LINES=99999999999"], 80, 24),
  ]) func `a terminal that does not know its size`(
    columns: Int, rows: Int, environment: [String], width: Int, height: Int
  ) throws {
    let terminal = try PseudoTerminal(
      ["accept"], columns: columns, rows: rows, environment: environment)
    try terminal.wait(for: "a picture of \(width)x\(height)") { terminal in
      let lines = terminal.lines
      return lines.count == height && lines.allSatisfy { displayWidth($0) == width }
    }
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `a terminal that does not block is waited for`() throws {
    // More than the kernel has room for between the program and us.
    let terminal = try PseudoTerminal(
      ["accept"], columns: 500, rows: 200, isBlocking: false)
    let before = terminal.settingsBefore
    try terminal.wait(for: "step 1 of")
    terminal.type("u")
    try terminal.wait(for: "all steps shown")
    for number in 1...3 {
      try terminal.wait(for: "step \(number) of")
      terminal.type(right)
    }
    try terminal.wait(for: "step 4 of")
    terminal.type("q")
    #expect(try terminal.end() == 0)
    #expect(terminal.settings == before)
  }

  @Test
  func `a terminal that takes nothing more does not hold a program that must end`()
    throws
  {
    let terminal = try PseudoTerminal(
      ["accept"], columns: 500, rows: 200, isBlocking: false)
    try terminal.wait(for: "the beginning") { $0.everything.contains("step 1 of") }
    terminal.signal(SIGTERM)
    #expect(terminal.code() == -SIGTERM)
    #expect(terminal.settings == terminal.settingsBefore)
  }

  @Test(arguments: [SIGSEGV, SIGILL, SIGTRAP, SIGABRT, SIGUSR1, SIGALRM, SIGQUIT])
  func `a crash gives the terminal back`(signal: Int32) throws {
    let terminal = try PseudoTerminal(["accept"])
    let before = terminal.settingsBefore
    try terminal.wait(for: "step 1 of")
    #expect(terminal.settings != before)
    #expect(terminal.modes["1000"] == true && terminal.modes["2004"] == true)
    terminal.signal(signal)
    #expect(try terminal.end() == -signal)
    #expect(terminal.settings == before)
  }

  @Test func `a terminal that is closed ends it`() throws {
    let terminal = try PseudoTerminal(["accept"])
    try terminal.wait(for: "step 1 of")
    // Whether the signal is first, or the end of what can be read, is a matter of luck.
    #expect([-SIGHUP, 0].contains(terminal.hangUp()))
    // Not everybody hears of it by a signal.
    let deaf = try PseudoTerminal(["accept"], shell: "trap '' HUP; exec \"$@\"")
    try deaf.wait(for: "step 1 of")
    #expect(deaf.hangUp() == 0)
  }

  @Test func `Ctrl-Z and back`() throws {
    let shell = "set -m; \"$@\"; echo stopped; read line; fg; echo \"ended with $?\""
    let terminal = try PseudoTerminal(["accept"], shell: shell)
    let before = terminal.settingsBefore
    try terminal.wait(for: "step 1 of")
    terminal.type("u" + right)
    try terminal.wait(for: "step 2 of")
    terminal.type("\u{1A}")
    try terminal.wait(for: "the shell") { $0.everything.contains("stopped") }
    #expect(terminal.modes == PseudoTerminal.usual)
    #expect(terminal.settings == before)
    terminal.type("\r")
    try terminal.wait(for: "step 2 of")
    terminal.type(right)
    try terminal.wait(for: "step 3 of")
    terminal.type("q")
    try terminal.wait(for: "the end") { $0.everything.contains("ended with 0") }
    #expect(terminal.modes == PseudoTerminal.usual)
  }
}
