import Asking
import Foundation
import Recording
import Scars
import Scenarios
import Screen
import Telling
import Testing

/// `P` and `--predict`: the next step is hidden, and the reader says which one it is.
@Suite struct PredictTests {
  private let tree = SourceTree()
  private let size = ScreenSize(columns: 100, rows: 30)

  private func browser(_ name: String) throws -> Browser {
    let scenario = try #require(Scenario.named(name))
    var browser = Browser(scenario.course(), tree, scenarios: Scenario.all)
    browser.fit(size, tree)
    return browser
  }

  private func text(_ browser: Browser, _ size: ScreenSize? = nil) -> String {
    screen(browser, tree, size ?? self.size).map(\.text).joined(separator: "\n")
  }

  private func key(_ number: Int) -> Key { .character(Character("\(number + 1)")) }

  @Test func `a whole run, a wrong answer at each question first`() throws {
    var browser = try browser("accept-cancelled")
    let run = questions(about: browser.trace, tree).selection
    browser.startPredicting(tree)
    for (place, question) in run.enumerated() {
      #expect(browser.position == question.step - 1)
      let picture = text(browser)
      #expect(picture.contains("(question \(place + 1) of \(run.count)"))
      let sentence = browser.tellings[question.step - 1].sentence
      // What comes is on the screen as one of the choices, and nowhere else.
      let choices = question.choices.enumerated().map { "\($0 + 1)  \($1.sentence)" }
      #expect(choices.allSatisfy { picture.contains($0.prefix(90)) })
      #expect(picture.components(separatedBy: sentence).count <= 2)

      let wrong = (question.right + 1) % question.choices.count
      _ = browser.press(key(wrong))
      #expect(browser.position == question.step - 1)
      let reason = try #require(question.choices[wrong].reason)
      #expect(text(browser).contains("   no: \(reason.prefix(60))"))
      #expect(text(browser).contains(question.place))

      _ = browser.press(key(question.right))
      #expect(browser.position == question.step)
      #expect(text(browser).contains("yes: \(question.place) decides"))
      // The next one may come at once.
      let isNext = run.contains { $0.step == question.step + 1 }
      #expect(text(browser).contains("What is the next step?") == isNext)
      if !isNext { _ = browser.press(.character("n")) }
    }
    #expect(text(browser).contains("that was the last question"))
    _ = browser.press(.character("P"))
    #expect(browser.press(.character("n")) == .nothing)
    #expect(!text(browser).contains("question"))
  }

  @Test func `no key that steps is an answer`() throws {
    var browser = try browser("accept")
    browser.startPredicting(tree)
    let (place, picture) = (browser.position, text(browser))
    for key: Key in [
      .right, .enter, .character(" "), .down, .end, .character("e"), .character("a"),
      .character("r"), .character("o"), .character("l"), .character("t"),
      .character("d"), .character("w"), .character("/"), .character("f"),
      .character("9"), .character("0"), .character("c"),
    ] {
      _ = browser.press(key)
      #expect(browser.position == place && browser.mode == .steps, "\(key)")
      #expect(text(browser) != picture, "a word is said about \(key)")
    }
    // Back, and again to the question; then its answer is shown.
    _ = browser.press(.left)
    #expect(browser.position == place - 1)
    _ = browser.press(.right)
    #expect(text(browser).contains("What is the next step?"))
    _ = browser.press(.character("."))
    #expect(browser.position == place + 1)
    #expect(text(browser).contains("so it is: "))
    // It is not asked again.
    _ = browser.press(.left)
    #expect(!text(browser).contains("What is the next step?"))
  }

  @Test func `what would tell is not on the screen`() throws {
    let wide = ScreenSize(columns: 200, rows: 60)
    var browser = try browser("accept")
    browser.fit(wide, tree)
    #expect(text(browser, wide).contains("CPython 3.13.0"))
    browser.startPredicting(tree)
    #expect(!text(browser, wide).contains("CPython 3.13.0"))
    _ = browser.press(.character("P"))
    #expect(text(browser, wide).contains("CPython 3.13.0"))
  }

  @Test(arguments: [(60, 16), (80, 24), (100, 30), (200, 60)])
  func `every question has room`(columns: Int, rows: Int) throws {
    let size = ScreenSize(columns: columns, rows: rows)
    for name in ["accept", "connect-refused", "transport-backpressure"] {
      var browser = try browser(name)
      browser.fit(size, tree)
      browser.startPredicting(tree)
      for question in questions(about: browser.trace, tree).selection {
        _ = browser.press(key((question.right + 1) % question.choices.count))
        let lines = screen(browser, tree, size)
        #expect(lines.count == rows && lines.allSatisfy { $0.text.count <= columns })
        #expect(lines.last!.text.contains(". show"))
        _ = browser.press(key(question.right))
        if browser.position == question.step,
          !text(browser, size).contains("What is the next step?")
        {
          _ = browser.press(.character("n"))
        }
      }
    }
  }

  @Test func `where nothing can be asked, it says so`() {
    var live = Browser(HandMade.trace, isLive: true)
    _ = live.press(.character("P"))
    #expect(text(live).contains("a running loop has no next step yet"))
    var note = Browser(HandMade.trace([.note("somebody comes"), .note("and goes")]))
    _ = note.press(.character("P"))
    #expect(text(note).contains("no questions here"))
  }

  @Test(arguments: 3...14) func `a chapter ends with a run`(chapter: Int) throws {
    let folder = tree.root! + "/chapters"
    let prefix = chapter < 10 ? "0\(chapter)-" : "\(chapter)-"
    let file = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder)
        .first { $0.hasPrefix(prefix) && $0.hasSuffix(".md") })
    let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
    // What comes after it is the reader's own work.
    let end = try #require(text.components(separatedBy: "\n## Your turn\n").first)
    let last = try #require(
      end.trimmingCharacters(in: .newlines).components(separatedBy: "\n\n").last)
    let command = try #require(
      last.firstMatch(of: /`swift run walkthrough (scar )?([^\s:]+)(:\d+)? --predict`/))
    let name = String(command.2)
    let scenario = command.1 == nil ? Scenario.named(name) : Scar.named(name)?.scenario
    let start = command.3.flatMap { Int($0.dropFirst()) } ?? 1
    let run = questions(about: try #require(scenario).trace(), tree)
      .filter { $0.step >= start }.selection
    #expect(run.count > 8)
  }

  @Test func `in a terminal`() throws {
    let terminal = try PseudoTerminal(["accept", "--predict"])
    try terminal.wait(for: "What is the next step? (question 1 of")
    terminal.type(" ")
    try terminal.wait(for: "first the question: 1 to ")
    terminal.type(".")
    try terminal.wait(for: "so it is: ")
    terminal.type("n")
    try terminal.wait(for: "What is the next step? (question 2 of")
    terminal.type("?")
    try terminal.wait(for: "of a question: this is the next step")
    terminal.type("xP")
    try terminal.wait(for: "no more questions")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `on paper the answers stand at the end`() throws {
    let outcome = try Program.run(["accept", "--predict"])
    #expect(outcome.code == 0)
    let trace = try #require(Scenario.named("accept")).usualTrace()
    let run = questions(about: trace, tree).selection
    let parts = outcome.output.components(separatedBy: "\nAnswers\n")
    try #require(parts.count == 2)
    for (place, question) in run.enumerated() {
      #expect(parts[0].contains("\n\(place + 1). after step \(question.step - 1) "))
      #expect(
        parts[1].contains(
          "\n\(place + 1). It is \(question.right + 1): \(question.place) decides.\n"))
    }
    #expect(parts[0].contains("     Ready queue  "))
    let json = try Program.run(["accept", "--predict", "--json"]).output
    #expect(json == run.map { $0.json.line + "\n" }.joined())
    let late = try Program.run(["accept:40", "--predict", "--plain"])
    #expect(!late.output.contains("after step 25 "))
    #expect(late.output.contains("after step 4"))
  }
}
