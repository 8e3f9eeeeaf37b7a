import Comparison
import Recording
import Scars
import Scenarios
import Screen
import Telling
import Testing

/// The picture, without a terminal.
@Suite struct ScreenTests {
  static let sizes = [(60, 16), (80, 24), (140, 40), (61, 50), (300, 17)]
    .map { ScreenSize(columns: $0.0, rows: $0.1) }
  let tree = SourceTree()

  @Test(arguments: sizes) func `every picture fits`(size: ScreenSize) {
    var browser = Browser(HandMade.trace, scenarios: Scenario.choices)
    func check() {
      let lines = screen(browser, tree, size)
      #expect(lines.count == size.rows)
      #expect(lines.allSatisfy { displayWidth($0.text) == size.columns })
    }
    for _ in HandMade.events {
      check()
      _ = browser.press(.right)
    }
    for key: Key in [
      .character("l"), .up, .escape, .character("?"), .escape,
      .character("s"), .pageDown, .end, .escape, .character("/"), .character("登"),
    ] {
      _ = browser.press(key)
      check()
    }
  }

  @Test(arguments: sizes) func `CPython's steps beside ours`(size: ScreenSize) throws {
    let trace = try #require(Scenario.named("accept")).trace()
    var browser = Browser(trace, Counterparts(trace, tree))
    browser.fit(size, tree)
    // Where there is room it is there without being asked for.
    if size.columns < 170 { _ = browser.press(.character("c")) }
    var text = ""
    for _ in trace.steps {
      let lines = screen(browser, tree, size)
      #expect(lines.count == size.rows)
      #expect(lines.allSatisfy { displayWidth($0.text) == size.columns })
      text += lines.map(\.text).joined(separator: "\n")
      _ = browser.press(.right)
    }
    // The step, where CPython did it, and one that only CPython has.
    for part in ["▶ 20  accept4(lis", "selector_events.py:712", "+     fcntl(conn"] {
      #expect(text.contains(part))
    }
    if size.columns >= 140 { #expect(text.contains("accept4 makes the new socket")) }
    _ = browser.press(.character("c"))
    #expect(!screen(browser, tree, size).contains { $0.text.contains("CPython 3") })
  }

  @Test func `without a recording of CPython the machine stays`() {
    let nowhere = SourceTree(root: "/nonexistent")
    #expect(Counterparts(HandMade.trace, nowhere) == nil)
    var browser = Browser(HandMade.trace, Counterparts(HandMade.trace, tree))
    _ = browser.press(.character("c"))
    #expect(browser.hint?.contains("no recording of CPython") == true)
    #expect(!browser.showsCPython)
  }

  @Test func `a terminal that is too small says how large it should be`() {
    let lines = screen(Browser(HandMade.trace), tree, ScreenSize(columns: 40, rows: 5))
    #expect(lines.map(\.text).joined().contains("least 60x16"))
    #expect(lines.count == 5)
  }

  @Test func `source, machine and sentence are on one screen`() {
    var browser = Browser(HandMade.trace)
    _ = browser.press(.character("u"))
    for _ in 0..<14 { _ = browser.press(.right) }
    let text = screen(browser, tree, ScreenSize(columns: 80, rows: 24)).map(\.text)
      .joined(separator: "\n")
    #expect(text.contains("/StepThrough/Recording/Recorder.swift:60"))
    #expect(text.contains("▶ 60"))
    #expect(text.contains("~ Task-1 waits for Future-1"))
    #expect(text.contains("15 Task-1 suspends: it waits for Future-1"))
    #expect(
      text.contains("accept4(listener) → EAGAIN (Resource temporarily unavailable)"))
  }

  @Test func `stepping back gives the picture before`() {
    var browser = Browser(HandMade.trace)
    _ = browser.press(.character("u"))
    browser.hint = nil
    let size = ScreenSize(columns: 80, rows: 24)
    var pictures: [[StyledLine]] = []
    for _ in HandMade.events.dropLast() {
      pictures.append(screen(browser, tree, size))
      _ = browser.press(.right)
    }
    for picture in pictures.reversed() {
      _ = browser.press(.left)
      #expect(screen(browser, tree, size) == picture)
    }
  }

  @Test func `without the source everything else is there`() {
    let nowhere = SourceTree(root: "/nonexistent")
    var browser = Browser(HandMade.trace)
    _ = browser.press(.character("u"))
    let lines = screen(browser, nowhere, ScreenSize(columns: 80, rows: 24))
    let text = lines.map(\.text).joined(separator: "\n")
    #expect(text.contains("(the source is not here)"))
    #expect(text.contains("socket(AF_INET) → listener"))
  }

  @Test func `long lines are folded between words`() {
    #expect(wrap("one two three", to: 8) == ["one two", "three"])
    #expect(wrap("one two three", to: 8, indent: 2) == ["one two", "  three"])
    #expect(wrap("incomprehensible", to: 6) == ["incomp", "rehens", "ible"])
    #expect(wrap("", to: 6) == [""])
    #expect(displayWidth("登录 →e\u{301}") == 7)
  }
}
