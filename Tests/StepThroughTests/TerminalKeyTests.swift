import Foundation
import Telling
import Testing

/// The keys and the mouse in a terminal: what they do in the program itself.
@Suite struct TerminalKeyTests {
  let up = "\u{1B}[A"
  let down = "\u{1B}[B"
  let right = "\u{1B}[C"
  let left = "\u{1B}[D"
  let pageUp = "\u{1B}[5~"
  let pageDown = "\u{1B}[6~"
  let backspace = "\u{7F}"

  private func start(
    _ words: [String] = ["accept"], columns: Int = 100, rows: Int = 30,
    environment: [String] = []
  ) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(
      words, columns: columns, rows: rows, environment: environment)
    try terminal.wait(for: "step ")
    return terminal
  }

  /// Types each text and waits for what then stands on the screen.
  private func go(_ terminal: PseudoTerminal, _ way: [(String, String)]) throws {
    for (keys, words) in way {
      terminal.type(keys)
      try terminal.wait(for: words)
    }
  }

  private func quit(_ terminal: PseudoTerminal) throws {
    terminal.type("q")
    #expect(try terminal.end() == 0)
    #expect(terminal.settings == terminal.settingsBefore)
  }

  @Test func `panes have a focus, scroll, and take the whole screen`() throws {
    let terminal = try start()
    try go(
      terminal,
      [
        ("ug20\r", "step 20 of"), ("\t", "↑ ↓ PgUp PgDn scroll"),
        (pageUp + pageUp + pageUp + pageUp, "   1 "), ("\t", "↑ ↓ choose"),
        ("z", "z back"), (pageDown + pageUp + "kj" + up + down, "z back"),
        ("z", "z whole screen"), ("\u{1B}", "Tab panes"), ("j", "↑ ↓ choose"),
        ("\u{1B}", "Tab panes"), ("\u{1B}[Z", "↑ ↓ choose"),
      ])
    // The arrows sideways go on stepping.
    try go(terminal, [(right, "step 21 of"), (left, "step 20 of")])
    try quit(terminal)
  }

  @Test func `keys that follow`() throws {
    let terminal = try start()
    try go(
      terminal,
      [
        ("ug36\r", "step 36 of"), ("o", "step 34 of"), ("o", "step 33 of"),
        (backspace, "step 34 of"), (backspace, "step 36 of"), ("g19\r", "step 19 of"),
        ("f", "Future-1: 1 of"), (right, "step 23 of"), (left, "step 19 of"),
        ("f", "Future-1 · its life"), (down + "\r", "step 23 of"),
        ("\u{1B}", "Tab panes"), ("g18\r", "step 18 of"), ("a", "step 20 of"),
        ("e", "step 26 of"), ("r", "step 31 of"), ("R", "step 17 of"),
        ("E", "no end of a callback comes before"), ("A", "step 15 of"),
        ("/accept4\r", "step 20 of"), ("/\r", "step 33 of"), ("N", "step 20 of"),
        ("y", "this is `walkthrough accept:20`"),
      ])
    try quit(terminal)
  }

  @Test func `other screens, and back`() throws {
    let terminal = try start(["accept:20"])
    try go(
      terminal,
      [
        ("b", "chapters/06-sock-accept.md"), ("b", "step 20 of"),
        ("t", "accept · all of it · step 20"), (right, "all of it · step 21"),
        ("\r", "step 21 of"), (left, "step 20 of"),
        ("w", "What if, here, it were this?"), ("?", "Keys where one asks what"),
        ("x", "What if, here"), ("w", "step 20 of"), ("u", "all steps shown"),
      ])
    for (key, title) in [
      ("l", "Keys in the log"), ("t", "Keys in the picture"),
      ("b", "Keys in a chapter"),
    ] {
      try go(terminal, [(key + "?", title), ("x", "goes back"), (key, "step 20 of")])
    }
    try quit(terminal)
    let scar = try start(["scar", "A2"])
    try go(scar, [("d", "the old shape parts"), ("d", "today's shape parts")])
    try quit(scar)
  }

  /// A press of the mouse on some words.
  private func press(_ terminal: PseudoTerminal, on words: String) throws -> String {
    let lines = terminal.lines
    let row = try #require(lines.firstIndex { $0.contains(words) }, "\(words)")
    let before = lines[row].prefix(upTo: lines[row].firstRange(of: words)!.lowerBound)
    return "\u{1B}[<0;\(displayWidth(before) + 1);\(row + 1)M"
  }

  @Test func `the mouse does what one expects`() throws {
    let terminal = try start(["accept:40"])
    terminal.type(try press(terminal, on: "Future-1"))
    try terminal.wait(for: "↑ ↓ choose")
    // Once more, and one is where it became so.
    terminal.type(try press(terminal, on: "Future-1"))
    try terminal.wait(for: "step 34 of")
    terminal.type("\u{1B}")
    try terminal.wait(for: "Tab panes")
    terminal.type(try press(terminal, on: "3 4 ── poll"))
    try terminal.wait(for: "Turn 3: the loop asks")
    terminal.type("l")
    try terminal.wait(for: "enter goes there")
    let row = try press(terminal, on: "The code of Task-1 has ended")
    terminal.type(row)
    try terminal.wait(for: "49 The code of Task-1 has ended")
    terminal.type("t")
    try terminal.wait(for: "all of it")
    terminal.type(try press(terminal, on: "  45  "))
    try terminal.wait(for: "accept · all of it · step 45")
    terminal.type("t")
    try quit(terminal)
  }

  @Test func `in the list one types, and takes letters away`() throws {
    let terminal = try PseudoTerminal([])
    try terminal.wait(for: "begin here: ")
    try go(
      terminal,
      [
        ("timersx", "nothing is called so"), (backspace, "search: timers_"),
        ("\u{1B}", "type to search"), ("recv", "search: recv_"),
      ])
    let row = try press(terminal, on: "recv-cancel-retry")
    terminal.type(row + row)
    try terminal.wait(for: "recv-cancel-retry · step 1")
    try quit(terminal)
  }

  @Test func `the chapter is there in the reader's own pager, and we are back`() throws
  {
    let terminal = try start(["accept:20"], environment: ["PAGER=grep -n EINTR"])
    /// What is typed while the pager has the terminal is the pager's: so its end is
    /// waited for.
    func page(_ number: Int) throws {
      terminal.type("B")
      try terminal.wait(for: "the picture after the pager") {
        $0.everything.components(separatedBy: "\u{1B}[?1049h").count == number + 2
      }
    }
    try page(1)
    #expect(terminal.everything.contains("EINTR is treated as EAGAIN"))
    try go(terminal, [(right, "step 21 of"), ("b", "in your pager")])
    try page(2)
    try go(terminal, [("b", "step 21 of")])
    try quit(terminal)
    let without = try start(["accept:20"], environment: ["PAGER=/nonexistent"])
    try go(without, [("B", "'/nonexistent' cannot be run; PAGER names another")])
    try quit(without)
  }

  @Test func `a light ground has colours that one can read on it`() throws {
    let terminal = try start()
    #expect(terminal.everything.contains("\u{1B}[32m") && terminal.asked)
    terminal.type("\u{1B}]11;rgb:ffff/ffff/ea00\u{1B}\\")
    try terminal.wait(for: "comments in blue") {
      $0.everything.contains("\u{1B}[34m")
    }
    try go(terminal, [("l", "enter goes there"), ("l", "step 1 of")])
    #expect(terminal.lines.last?.contains("no such key") == false)
    try quit(terminal)
    // Who says it by itself is not asked, and who wants no colours, neither.
    for (words, isBlue) in [("COLORFGBG=0;15", true), ("NO_COLOR=1", false)] {
      let terminal = try start(environment: [words])
      #expect(!terminal.asked)
      #expect(terminal.everything.contains("\u{1B}[34m") == isBlue)
      try quit(terminal)
    }
  }

  @Test func `CPython's own line is shown, or why it is not`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("walkthrough-python-\(UUID())").path
    let files = FileManager.default
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? files.removeItem(atPath: folder) }
    let source = (1...900).map { "    this is line \($0)\n" }.joined()
    try source.write(
      toFile: folder + "/selector_events.py", atomically: true, encoding: .utf8)
    for (version, words) in [
      ("3.13.0", "this is line 712"), ("3.11.7", "no source: python3 is 3.11.7"),
    ] {
      let script = "#!/bin/sh\necho \(version)\necho \(folder)\n"
      try script.write(toFile: folder + "/python3", atomically: true, encoding: .utf8)
      try makeExecutable(folder + "/python3")
      let terminal = try start(
        ["accept:20"], environment: ["PATH=\(folder):/usr/bin:/bin"])
      try go(terminal, [("c", "CPython 3.13.0"), ("", words)])
      try quit(terminal)
    }
    let nowhere = try start(["accept:20"], environment: ["PATH=\(folder)/nowhere"])
    try go(nowhere, [("c", "no source: there is no python3")])
    try quit(nowhere)
  }
}

extension PseudoTerminal {
  /// The terminal was asked for the colour of its ground.
  fileprivate var asked: Bool { everything.contains("\u{1B}]11;?") }
}
