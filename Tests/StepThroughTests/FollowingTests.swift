import Comparison
import Recording
import Scars
import Scenarios
import Screen
import Telling
import Testing

/// What the keys do that lead from a step to another one.
@Suite struct FollowingTests {
  static let tree = SourceTree()

  private func browser(_ name: String = "accept", at step: Int) throws -> Browser {
    let trace = try CausesTests.traces(name)[0]
    var browser = Browser(trace, Counterparts(trace, Self.tree), start: step)
    browser.tree = Self.tree
    return browser
  }
  private func press(_ browser: inout Browser, _ keys: String) {
    for key in keys { _ = browser.press(key == "\n" ? .enter : .character(key)) }
  }
  private func text(_ browser: Browser, _ columns: Int = 100, _ rows: Int = 30)
    -> String
  {
    screen(browser, Self.tree, ScreenSize(columns: columns, rows: rows)).map(\.text)
      .joined(separator: "\n")
  }

  // MARK: Causes

  @Test func `o goes to the cause, and its cause, and backspace goes back`() throws {
    var browser = try browser(at: 36)
    var places: [Int] = []
    for _ in 1...4 {
      press(&browser, "o")
      places.append(browser.position)
    }
    #expect(places == [34, 33, 32, 31])
    for place in [32, 33, 34, 36] {
      _ = browser.press(.backspace)
      #expect(browser.position == place)
    }
    _ = browser.press(.backspace)
    #expect(browser.position == 36 && browser.hint?.contains("nowhere") == true)
  }

  @Test func `where nothing led to a step, it says so`() throws {
    var browser = try browser(at: 12)
    press(&browser, "o")
    #expect(browser.position == 12)
    #expect(browser.hint?.hasPrefix("nothing in this run led to it") == true)
  }

  @Test(arguments: [
    // When it is over, the future goes back to its settling, the listener to its reader.
    ("Futures", "2", 40, [34, 33]), ("Selector", "3", 33, [22, 20]),
    ("Tasks", "1", 60, [50, 49]), ("Ready queue", "3", 37, [35, 34]),
    // If it changes just now, its cause is meant.
    ("Futures", "2", 34, [33, 32]),
  ])
  func `what is chosen goes to its last change`(
    section: String, id: String, start: Int, way: [Int]
  ) throws {
    var browser = try browser(at: start)
    let state = browser.trace.state(after: start)
    let items =
      state.sections.first { $0.title == section }.map { Array($0.items) } ?? []
    let names = items.map { "\($0.id) \($0.name)" }
    browser.selected = (section, id)
    try #require(items.contains { $0.id == id }, "\(names)")
    for place in way {
      press(&browser, "o")
      #expect(browser.position == place)
    }
    for _ in way { _ = browser.press(.backspace) }
    #expect(browser.position == start && browser.selected?.id == id)
  }

  @Test(arguments: ["accept", "chat", "stream-echo", "timers", "scar A2"])
  func `o finds the last change of whatever is there`(name: String) throws {
    let trace = try CausesTests.traces(name)[0]
    var browser = Browser(trace)
    // For each thing, what it is, and since when.
    var known: [String: (item: MachineSection.Item, since: Int)] = [:]
    var state = LoopState()
    for step in trace.steps {
      if step.event.isPart { known = [:] }
      state.apply(step)
      var now: [String: (item: MachineSection.Item, since: Int)] = [:]
      for section in state.sections {
        for item in section.items {
          let key = section.title + item.id
          let old = known[key].flatMap { $0.item == item ? $0.since : nil }
          now[key] = (item, old ?? step.number)
        }
      }
      known = now
      guard step.number % 7 == 0 else { continue }
      for section in state.sections {
        for item in section.items {
          browser.land(on: step.number)
          browser.selected = (section.title, item.id)
          let since = known[section.title + item.id]!.since
          if since == step.number { continue }
          press(&browser, "o")
          #expect(browser.position == since, "\(step.number) \(item)")
        }
      }
    }
  }

  // MARK: A life

  @Test func `f follows a thing, the arrows go along its life, escape ends it`() throws
  {
    var browser = try browser(at: 19)
    press(&browser, "f")
    #expect(text(browser).contains("Future-1: 1 of"))
    var places: [Int] = []
    for _ in 1...4 {
      _ = browser.press(.right)
      places.append(browser.position)
    }
    #expect(places == [23, 24, 25, 34])
    _ = browser.press(.right)
    #expect(
      browser.position == 34 && browser.hint?.contains("last of Future-1") == true)
    for _ in 1...5 { _ = browser.press(.left) }
    #expect(
      browser.position == 19
        && browser.hint == "Future-1 begins here; escape stops following it")
    _ = browser.press(.escape)
    _ = browser.press(.right)
    #expect(browser.position == 20 && browser.following == nil)
  }

  @Test func `a list shows the stations with their source`() throws {
    var browser = try browser(at: 24)
    press(&browser, "ff")
    let list = text(browser)
    #expect(list.contains("Future-1 · its life"))
    #expect(list.contains("SockAccept.swift:30"))
    #expect(list.contains("▶  24"))
    _ = browser.press(.home)
    press(&browser, "\n")
    #expect(browser.mode == .steps && browser.position == 19)
  }

  @Test func `what is chosen is followed, and what a step is not about is not`() throws
  {
    var browser = try browser(at: 30)
    browser.selected = ("Tasks", "1")
    press(&browser, "f")
    #expect(text(browser).contains("Task-1: "))
    var other = try self.browser(at: 27)
    press(&other, "f")
    #expect(other.following == nil)
    #expect(other.hint == "this step is about no task, future, handle or descriptor")
  }

  @Test func `jumps go to the next of a kind, and back`() throws {
    var browser = try browser(at: 18)
    press(&browser, "a")
    #expect(browser.position == 20)
    press(&browser, "e")
    #expect(browser.position == 26)
    press(&browser, "r")
    #expect(browser.position == 31)
    press(&browser, "R")
    #expect(browser.position == 17)
    press(&browser, "EA")
    #expect(browser.position == 15)
    press(&browser, "E")
    #expect(browser.hint == "no end of a callback comes before this step")
    browser = try self.browser(at: 64)
    press(&browser, "a")
    #expect(browser.hint == "no system call comes after this step")
  }

  // MARK: Finding

  @Test(arguments: [
    // A sentence, a file, a function, a name of asyncio's, a word in the machine.
    ("connects", 28), ("waiting.swift", 42), ("func sockreaddone", 42),
    ("BaseSelectorEventLoop._sock_accept", 20), ("selector_events.py:7", 19),
    ("room for 100", 8),
  ])
  func `the search finds what is on the screen`(words: String, step: Int) throws {
    var browser = try browser(at: 1)
    press(&browser, "/\(words)\n")
    #expect(browser.position == step, "\(browser.hint ?? "")")
  }

  @Test func `it goes on, goes back, and says when it wraps`() throws {
    var browser = try browser(at: 1)
    press(&browser, "/accept4\n")
    let first = browser.position
    press(&browser, "/\n")
    let second = browser.position
    #expect(first == 20 && second > first)
    press(&browser, "N")
    #expect(browser.position == first)
    press(&browser, "N")
    #expect(browser.hint?.hasPrefix("before the first step it went on") == true)
    press(&browser, "/\n")
    #expect(browser.position == first)
    #expect(browser.hint?.hasPrefix("after the last step it went on") == true)
    press(&browser, "/a client connects\n/\n")
    #expect(browser.hint == "only this step has 'a client connects'")
  }

  @Test func `an empty search says what to do`() throws {
    var browser = try browser(at: 5)
    press(&browser, "/\n")
    #expect(browser.hint == "nothing was looked for yet: / and some words")
    #expect(browser.position == 5)
  }

  @Test func `in the log it looks at the sentences, and stays there`() throws {
    var browser = try browser(at: 1)
    press(&browser, "l/EAGAIN\n")
    #expect(browser.mode == .log(selected: 9))
    press(&browser, "/\n")
    #expect(browser.mode == .log(selected: 20) && browser.position == 1)
    #expect(text(browser).contains("found 'EAGAIN'"))
    press(&browser, "/Waiting.swift\n")
    #expect(browser.hint == "no step says 'Waiting.swift'")
    press(&browser, "/")
    _ = browser.press(.escape)
    #expect(browser.mode == .log(selected: 20))
  }

  // MARK: The chapter, the address, the whole run

  @Test func `b opens the chapter where it quotes the line`() throws {
    var browser = try browser(at: 20)
    press(&browser, "b")
    let page = screen(browser, Self.tree, ScreenSize(columns: 100, rows: 30))
    #expect(page[0].text.contains("chapters/06-sock-accept.md"))
    let marked = page.filter { $0.spans.contains { $0.style == .current } }
    #expect(marked.count == 1)
    #expect(marked[0].text.hasPrefix("    try future.setResult(listener.accept()) "))
    press(&browser, "jj")
    #expect(text(browser) != page.map(\.text).joined(separator: "\n"))
    press(&browser, "b")
    #expect(browser.mode == .steps)
  }

  @Test func `where a label is only linked, it opens there`() throws {
    // `run-once.select` is quoted in chapter 4, and RunOnce's other lines as well.
    var browser = try browser(at: 27)
    press(&browser, "b")
    guard case .chapter(let place, _) = browser.mode else {
      Issue.record("no chapter: \(browser.hint ?? "")")
      return
    }
    #expect(place.isExact)
    let lines = try #require(Self.tree.chapter(place.file))
    #expect(lines[place.line].contains("select"))
  }

  @Test func `a line of the demo's own has no chapter, and it says so`() throws {
    var browser = try browser(at: 5)
    press(&browser, "b")
    #expect(browser.hint?.contains("no chapter") == true)
    var lost = Browser(try CausesTests.traces("accept")[0])
    press(&lost, "b")
    #expect(lost.hint == "the source is not here")
  }

  @Test func `every chapter that a line has is there`() throws {
    let trace = try CausesTests.traces("accept")[0]
    let places = Set(trace.steps.map { "\($0.file) \($0.line)" })
    var found = 0
    for place in places {
      let words = place.split(separator: " ")
      let line = try #require(Int(words[1]))
      guard let place = Self.tree.chapterPlace(String(words[0]), line) else { continue }
      found += 1
      let lines = try #require(Self.tree.chapter(place.file))
      #expect(lines.indices.contains(place.line))
    }
    #expect(found > places.count / 2)
  }

  @Test func `y says the address`() throws {
    let trace = try CausesTests.traces("scar A2")[0]
    var browser = Browser(trace, scenarios: Scenario.choices, start: 25)
    press(&browser, "y")
    #expect(browser.hint == "this is `walkthrough scar A2:25`")
    // What is no scenario cannot be called by its name.
    browser = Browser(trace, start: 25)
    press(&browser, "y")
    #expect(browser.hint == "this is step 25 of this trace; g goes to it")
    // And another course is another address.
    let scenario = try #require(Scenario.named("accept"))
    let course = scenario.course()
    let change = try course.whatIf("20=EINTR")
    let new = try #require(scenario.course([change], from: course))
    browser = Browser(
      new, Self.tree, scenarios: Scenario.choices, changes: [change],
      beside: course.trace)
    press(&browser, "y")
    #expect(
      browser.hint
        == "this is `walkthrough accept:\(browser.position)"
        + " --what-if 'accept4(listener)#1=EINTR'`")
  }

  @Test func `t shows the whole run, and the arrows move in it`() throws {
    var browser = try browser(at: 34)
    press(&browser, "t")
    let picture = text(browser, 100, 30)
    #expect(picture.contains("turn"))
    #expect(picture.contains("▶  34  futures     = Future-1: result  ← settled by 33"))
    _ = browser.press(.right)
    #expect(browser.position == 35)
    _ = browser.press(.up)
    #expect(browser.position == 34)
    _ = browser.press(.up)
    #expect(browser.position == 26 || browser.position == 25)
    _ = browser.press(.up)
    #expect(browser.hint?.hasPrefix("there is no lane above") == true)
    press(&browser, "t")
    #expect(browser.mode == .steps)
  }

  @Test(arguments: ["accept", "scar A2"], [(60, 16), (80, 24), (200, 60)])
  func `everything fits on the screen`(name: String, size: (Int, Int)) throws {
    let (columns, rows) = size
    let start = try browser(name, at: 1)
    let count = start.trace.steps.count
    for step in [1, count / 2, count] {
      for key in ["t", "ff", "b"] {
        var browser = start
        press(&browser, "g\(step)\n\(key)")
        let lines = screen(browser, Self.tree, ScreenSize(columns: columns, rows: rows))
        #expect(lines.count == rows)
        for line in lines { #expect(displayWidth(line.text) == columns) }
        if browser.mode == .timeline {
          // The present step is in the picture, and pointed at.
          #expect(lines.contains { $0.text.contains("▼") })
          #expect(lines.count { $0.spans.contains { $0.style == .current } } == 2)
        }
      }
    }
  }
}
