import Scenarios
import Screen
import Telling
import Testing

/// `w`: the other answers to choose from, and then the old course beside the new one.
@Suite struct WhatIfScreenTests {
  private let tree = SourceTree()
  private let size = ScreenSize(columns: 110, rows: 30)

  private func text(_ browser: Browser) -> String {
    screen(browser, tree, size).map(\.text).joined(separator: "\n")
  }

  @Test func `the reader chooses, and stands at the fork`() throws {
    let scenario = try #require(Scenario.named("accept"))
    let course = scenario.course()
    var browser = Browser(course, tree, scenarios: Scenario.all)
    #expect(browser.press(.character("w")) == .nothing)
    while browser.position < 20 { _ = browser.press(.right) }
    _ = browser.press(.character("w"))
    #expect(text(browser).contains("20 accept4(listener) → EAGAIN"))
    #expect(text(browser).contains("EINTR          Interrupted system call"))
    let wanted = try course.whatIf("20=ECONNABORTED")
    _ = browser.press(.down)
    #expect(browser.press(.enter) == .otherwise(wanted))
    #expect(browser.mode == .steps)

    let new = try #require(scenario.course([wanted], from: course))
    browser = Browser(
      new, tree, scenarios: Scenario.all, changes: [wanted], beside: course.trace)
    #expect(browser.position == new.fork)
    let picture = text(browser)
    #expect(picture.contains("20 What if: here the kernel answers ECONNABORTED"))
    #expect(picture.contains("The course before"))
    // After EAGAIN came turns that now do not come.
    #expect(picture.contains("+     The selector has no news"))
    // One step back the courses are the same, and CPython's is there.
    _ = browser.press(.left)
    #expect(text(browser).contains("CPython 3."))
    #expect(!text(browser).contains("The course before"))
  }

  @Test func `where nothing else can be, it says so`() {
    var browser = Browser(
      Scenario.named("accept-ready")!.course(), tree, scenarios: Scenario.all)
    _ = browser.press(.character("u"))
    _ = browser.press(.end)
    _ = browser.press(.character("w"))
    #expect(browser.mode == .steps)
    #expect(text(browser).contains("nothing else can be here"))
  }
}
