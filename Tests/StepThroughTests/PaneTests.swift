import Comparison
import EventLoops
import Foundation
import Recording
import Scars
import Scenarios
import Screen
import Telling
import Testing

/// Panes: their focus, what one chooses in them, and that nothing is out of reach.
@Suite struct PaneTests {
  let tree = SourceTree()
  let small = ScreenSize(columns: 80, rows: 24)

  private func browser(_ name: String, _ size: ScreenSize) throws -> Browser {
    let trace = try #require(Scenario.choices.first { $0.name == name }).trace()
    var browser = Browser(trace, Counterparts(trace, tree), scenarios: Scenario.choices)
    browser.fit(size, tree)
    return browser
  }

  private func text(_ browser: Browser, _ size: ScreenSize) -> String {
    screen(browser, tree, size).map(\.text).joined(separator: "\n")
  }

  private func press(_ browser: inout Browser, _ keys: Key...) {
    for key in keys {
      _ = browser.press(key)
      browser.fit(browser.size, tree)
    }
  }

  @Test func `everything of the machine can be reached`() throws {
    var browser = try browser("chat", small)
    for key in [.character("g")] + "150".map(Key.character) + [.enter] {
      press(&browser, key)
    }
    let sections = browser.trace.state(after: browser.position).sections
    #expect(text(browser, small).contains("hidden)"))
    press(&browser, .tab, .tab)
    #expect(browser.focus == .machine)
    for _ in 0..<100 { press(&browser, .up) }
    for section in sections {
      for item in section.items {
        #expect(browser.selected.map { $0 == (section.title, item.id) } == true)
        #expect(text(browser, small).contains(String(item.name.prefix(20))))
        press(&browser, .down)
      }
    }
    press(&browser, .escape)
    #expect(browser.focus == nil)
  }

  @Test func `what was printed is not what goes first`() throws {
    var browser = try browser("chat", ScreenSize(columns: 60, rows: 16))
    press(&browser, .end)
    let line = try #require(
      browser.trace.state(after: browser.position).transcript.last)
    #expect(text(browser, browser.size).contains(String(line.prefix(15))))
  }

  @Test func `the source scrolls to its ends and no further`() throws {
    var browser = try browser("accept", small)
    press(&browser, .tab)
    #expect(browser.focus == .source)
    let first = text(browser, small)
    for _ in 0..<100 { press(&browser, .pageUp) }
    #expect(text(browser, small).contains("   1 "))
    press(&browser, .down)
    #expect(!text(browser, small).contains("   1 "))
    for _ in 0..<100 { press(&browser, .pageDown) }
    let last = try #require(
      tree.lines(browser.tellings[0].step.file)?.count)
    #expect(text(browser, small).contains("\(last) "))
    press(&browser, .right, .left)
    #expect(text(browser, small) == first)
  }

  @Test(arguments: CausesTests.scenarios)
  func `what a step did is found without putting everything into words`(name: String)
    throws
  {
    for trace in try CausesTests.traces(name) {
      var (before, after) = (LoopState(), LoopState())
      for step in trace.steps {
        before = after
        after.apply(step)
        let old = before.sections
        for section in after.sections {
          let same = old.first { $0.title == section.title }
          let (front, changes, back) = section.changes(since: same)
          let all = MachineSection.changes(
            from: same.map { Array($0.items) } ?? [], to: Array(section.items))
          let at = "\(name) \(step.number) \(section.title)"
          #expect(all.prefix(front).allSatisfy { $0.mark == .same }, "\(at)")
          #expect(all.suffix(back).allSatisfy { $0.mark == .same }, "\(at)")
          let middle = all.dropFirst(front).dropLast(back)
          #expect(middle.map(\.mark) == changes.map(\.mark), "\(at)")
          #expect(middle.map(\.item) == changes.map(\.item), "\(at)")
          for (place, item) in section.items.enumerated() {
            #expect(section.items.place(of: item.id) == place, "\(at)")
            #expect(section.items.isQuiet(place) == item.isQuiet, "\(at)")
          }
        }
        // And what it may have touched is all that it has changed.
        let touched = Set(
          step.touched(before: before).flatMap { thing in
            [before, after].flatMap { $0.items(about: thing) }.map { "\($0)" }
          })
        if step.event.isPart { continue }
        for (old, new) in zip(before.sections, after.sections)
        where old.title == new.title && old.title != "Printed" {
          for item in new.items where !old.items.contains(item) {
            #expect(touched.contains("\(item)"), "\(name) \(step.number) \(item)")
          }
        }
      }
    }
  }

  @Test func `of thousands of things those are shown that matter`() throws {
    var steps: [Step] = []
    func add(_ event: LoopEvent) {
      steps.append(
        Step(
          number: steps.count + 1, event: .loop(event), file: "", line: 0, names: [:]))
    }
    for number in 1...5000 {
      let future = Name(number, "Future-\(number)")
      add(.futureCreated(future))
      if number % 1000 != 0 { add(.futureSettled(future, .result)) }
    }
    var browser = Browser(Trace(scenario: "many", steps: steps))
    browser.fit(small, tree)
    press(&browser, .end)
    let picture = text(browser, small)
    for number in 1...5 { #expect(picture.contains("Future-\(number)000 pending")) }
    let shown = picture.matches(of: /Future-\d+ (pending|has its)/).count
    #expect(picture.contains("Futures (\(5000 - shown) hidden)"))
    press(&browser, .tab, .tab)
    #expect(browser.selected?.id == "5000")
    #expect(text(browser, small).contains("↑ 49"))
    for _ in 1...2 { press(&browser, .up) }
    #expect(browser.selected?.id == "4998")
    press(&browser, .character("o"))
    #expect(
      browser.tellings[browser.position - 1].sentence.hasPrefix("Future-4998 has"))
  }

  @Test func `a press on a row, a turn, a step of CPython's`() throws {
    var browser = try browser("accept", ScreenSize(columns: 100, rows: 30))
    browser.tree = tree
    func press(on words: String) throws {
      let lines = screen(browser, tree, browser.size).map(\.text)
      let row = try #require(lines.firstIndex { $0.contains(words) }, "\(words)")
      let column = lines[row].prefix(upTo: lines[row].firstRange(of: words)!.lowerBound)
      self.press(
        &browser,
        .mouse(Mouse(.press, column: displayWidth(column) + 1, row: row + 1)))
    }
    try press(on: "2 3 4 ──")
    #expect(browser.tellings[browser.position - 1].sentence.hasPrefix("Turn 2"))
    self.press(&browser, .character("c"))
    try press(on: "31  sockAcceptStep")
    #expect(browser.position == 31 && browser.focus == .cpython)
    self.press(&browser, .escape, .character("l"))
    try press(on: "  33  ")
    #expect(browser.mode == .steps && browser.position == 33)
    self.press(&browser, .character("t"))
    try press(on: "  36  ")
    #expect(browser.mode == .timeline && browser.position == 36)
    self.press(&browser, .character("?"))
    self.press(&browser, .mouse(Mouse(.press, column: 5, row: 5)))
    #expect(browser.mode == .timeline)
    // What is being typed is not lost.
    self.press(&browser, .character("t"), .character("/"), .character("x"))
    self.press(&browser, .mouse(Mouse(.press, column: 5, row: 5)))
    #expect(browser.isAsking)
  }

  @Test func `the mouse chooses a pane, and what it hits there`() throws {
    var browser = try browser("accept", small)
    let rows = screen(browser, tree, small)
    let row = try #require(rows.firstIndex { $0.text.contains("+ Task-1") })
    press(&browser, .mouse(Mouse(.press, column: 60, row: row + 1)))
    #expect(browser.focus == .machine)
    #expect(browser.selected?.section == "Tasks")
    // Chosen already, it opens: to where it came from.
    let now = screen(browser, tree, small)
    let place = try #require(now.firstIndex { $0.text.contains("+ Task-1") })
    press(&browser, .mouse(Mouse(.press, column: 60, row: place + 1)))
    #expect(browser.hint?.hasPrefix("nothing in this run led to it") == true)
    press(&browser, .mouse(Mouse(.press, column: 5, row: row + 1)))
    #expect(browser.focus == .source)
    press(&browser, .mouse(Mouse(.wheelDown, column: 60, row: row + 1)))
    #expect(browser.focus == .machine)
  }

  @Test func `a step that changes nothing says so`() throws {
    var browser = try browser("accept", small)
    var quiet = 0
    for _ in browser.trace.steps {
      let (before, after) = (
        browser.trace.state(after: browser.position - 1),
        browser.trace.state(after: browser.position)
      )
      func items(_ state: LoopState) -> [[MachineSection.Item]] {
        state.sections.map { Array($0.items) }
      }
      let isQuiet =
        items(before) == items(after) && before.phase == after.phase
        && before.iteration == after.iteration
      if isQuiet, browser.position > 13, browser.position < 59 {
        quiet += 1
        #expect(text(browser, small).contains("nothing changed"))
      } else if browser.position > 13, browser.position < 59 {
        #expect(!text(browser, small).contains("nothing changed"))
      }
      press(&browser, .right)
    }
    #expect(quiet > 0)
  }

  @Test func `the strip says where in the turn one is`() throws {
    var browser = try browser("accept", small)
    #expect(text(browser, small).contains("─ [before] 1 2 3 4 ─"))
    press(&browser, .right)
    #expect(text(browser, small).contains("[1] 2 3 4 ── [poll] → queue → callbacks"))
    press(&browser, .right, .right)
    #expect(text(browser, small).contains("poll → [queue] → callbacks"))
    press(&browser, .right)
    #expect(text(browser, small).contains("poll → queue → [callback 1 of 1]"))
  }

  @Test func `what is before and after the turns is one line until one wants it`()
    throws
  {
    var browser = try browser("accept", small)
    #expect(text(browser, small).contains("the steps 1 to 13 in one"))
    // The machine is that after all of them.
    #expect(text(browser, small).contains("+ listener"))
    press(&browser, .right)
    #expect(browser.position == 14)
    press(&browser, .left)
    #expect(browser.position == 1)
    press(&browser, .end)
    #expect(text(browser, small).contains("After the last turn"))
    #expect(text(browser, small).contains("the end: chapter 6 tells this story"))
    press(&browser, .character("l"))
    #expect(!text(browser, small).contains("eventfd"))
    press(&browser, .character("u"), .home)
    #expect(text(browser, small).contains("eventfd"))
  }

  @Test func `a scar says its two outcomes, and d goes to where they part`() throws {
    var browser = try browser("scar A2", ScreenSize(columns: 200, rows: 60))
    let first = text(browser, browser.size)
    for part in ["gh-153761", "old      the client was", "today    the client still"] {
      #expect(first.contains(part), "\(part)")
    }
    press(&browser, .character("d"))
    let old = browser.tellings[browser.position - 1].sentence
    #expect(old.hasPrefix("accept4(listener) → connection 1"))
    press(&browser, .character("d"))
    #expect(browser.tellings[browser.position - 1].sentence != old)
    #expect(text(browser, browser.size).contains("today's shape parts"))
  }

  @Test func `one comes back to the step that one left`() throws {
    var browser = try browser("accept", small)
    press(&browser, .right, .right)
    let accept = browser.trace
    let other = try #require(Scenario.named("timers")).trace()
    browser = browser.opening(other, nil)
    #expect(browser.position == 1)
    browser = browser.opening(accept, nil)
    #expect(browser.position == 15)
    #expect(browser.hint?.contains("where you left") == true)
  }

  @Test func `the list has chapters, and what one types searches it`() throws {
    var browser = Browser(Trace(scenario: ""), scenarios: Scenario.choices)
    #expect(text(browser, small).contains("6. sock_accept"))
    #expect(text(browser, small).contains("begin here"))
    #expect(text(browser, small).contains("more"))
    for letter in "153761" { press(&browser, .character(letter)) }
    let found = text(browser, small)
    #expect(found.contains("scar A2") && found.contains("1 found"))
    #expect(!found.contains("stream-echo"))
    press(&browser, .character("x"))
    #expect(browser.press(.enter) == .nothing)
    press(&browser, .escape)
    let place = try #require(Scenario.choices.firstIndex { $0.name == "scar A2" })
    #expect(browser.press(.enter) == .start(place))
  }

  @Test func `the chapters' titles are those of the chapters`() throws {
    let folder = try #require(tree.root) + "/chapters"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    for (number, title) in Scenario.chapterTitles {
      let begin = number < 10 ? "0\(number)-" : "\(number)-"
      let name = try #require(
        names.first { $0.hasPrefix(begin) && $0.hasSuffix(".md") })
      let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
      #expect(
        splitLines(text)[0].replacing("`", with: "") == "# \(number). \(title)")
    }
    #expect(
      Scenario.choices.allSatisfy { Scenario.chapterTitles[$0.chapter] != nil })
  }

  @Test(arguments: [(60, 16), (80, 24), (200, 60)])
  func `the help has every key, scrolls, and has the words`(size: (Int, Int)) throws {
    let size = ScreenSize(columns: size.0, rows: size.1)
    var browser = try browser("accept", size)
    press(&browser, .character("?"))
    var all = text(browser, size)
    for _ in 0..<100 {
      press(&browser, .down)
      all += text(browser, size)
    }
    #expect(!text(browser, size).contains("more lines"))
    for word in ["shift-Tab", "handle", "scar", "[accept.done-first]", "gh-153761"] {
      #expect(all.contains(word), "\(word)")
    }
    press(&browser, .escape, .character("l"), .character("?"))
    #expect(text(browser, size).contains("Keys in the log"))
    press(&browser, .escape)
    #expect(browser.mode == .log(selected: 1))
  }

  @Test func `CPython's own line is there if this machine has that CPython`() throws {
    let wide = ScreenSize(columns: 200, rows: 60)
    var browser = try browser("accept", wide)
    #expect(browser.missesOriginal == "3.13.0")
    // No Python has this version.
    browser.original = OriginalSource(version: "0.0")
    #expect(browser.missesOriginal == nil)
    #expect(browser.original?.line(at: "selector_events.py:712") == nil)
  }

  @Test func `keywords, types, texts and comments have colours`() throws {
    var browser = try browser("accept", small)
    var lines = screen(browser, tree, small)
    let line = try #require(lines.first { $0.text.contains("throws {") })
    #expect(line.ansi(.dark).contains("\u{1B}[35mthrows"))
    #expect(!line.ansi(.none).contains("[35m"))
    press(&browser, .right)
    lines = screen(browser, tree, small)
    let comment = try #require(lines.first { $0.text.contains("// ") })
    #expect(comment.ansi(.dark).contains("\u{1B}[32m"))
    #expect(comment.ansi(.light).contains("\u{1B}[34m"))
  }

  @Test(arguments: [
    ("15;0", Palette.dark), ("0;15", .light), ("0;default;15", .light),
    ("12;7", .light),
    ("7;8", .dark), ("default;default", nil), ("", nil),
  ]) func `what a terminal says of its ground`(said: String, palette: Palette?) {
    #expect(Palette(ground: said) == palette)
  }

  @Test func `states on the way are those from the beginning`() throws {
    let trace = try #require(Scenario.named("chat")).trace()
    var (snapshots, state) = (Snapshots(), LoopState())
    var all = [state]
    // Twenty times as long, so that some are given up again.
    let steps = Array(repeatElement(trace.steps, count: 20).joined())
    for (place, step) in steps.enumerated() {
      state.apply(step)
      snapshots.add(state, after: place + 1)
      if place < 300 || place > steps.count - 3 { all.append(state) }
    }
    for count in 0...300 {
      #expect(snapshots.state(after: count, of: steps) == all[count])
    }
    #expect(snapshots.state(after: steps.count, of: steps) == all.last)
  }
}
