import Recording
import Scars
import Scenarios
import Screen
import Testing

/// What the keys do.
@Suite struct BrowserTests {
  private func browser(after keys: Key...) -> Browser {
    var browser = Browser(HandMade.trace, scenarios: Scenario.all)
    _ = browser.press(.character("u"))
    for key in keys { _ = browser.press(key) }
    return browser
  }
  private func typed(_ text: String) -> [Key] { text.map { .character($0) } + [.enter] }

  @Test func `forward, back, and no further than the ends`() {
    #expect(browser().position == 1)
    #expect(browser(after: .right, .enter, .character(" ")).position == 4)
    #expect(browser(after: .right, .left, .left).position == 1)
    #expect(browser(after: .end, .right).position == HandMade.events.count)
    #expect(browser(after: .end, .home).position == 1)
  }

  @Test func `iterations`() {
    #expect(browser(after: .character("n")).position == 6)
    #expect(browser(after: .character("n"), .character("n")).position == 18)
    // From the middle of an iteration to its beginning, from there one back.
    #expect(browser(after: .end, .character("p")).position == 18)
    #expect(browser(after: .end, .character("p"), .character("p")).position == 6)
  }

  @Test func `the turns of a second part come behind those of the first`() throws {
    let trace = try #require(Scar.named("A2")?.scenario).trace()
    let parts = trace.steps.indices.filter { trace.steps[$0].event.isPart }
    let second = parts[1] + 1
    var browser = Browser(trace)
    var places = [browser.position]
    while browser.press(.character("n")) == .nothing, browser.hint == nil {
      places.append(browser.position)
    }
    // Always on, never back, and the second part is a place to stop at.
    #expect(places == places.sorted() && Set(places).count == places.count)
    #expect(places.contains(second) && places.last! > second)
    for place in places.dropLast().reversed() {
      _ = browser.press(.character("p"))
      #expect(browser.position == place)
    }
  }

  @Test func `go to a step, and to none that is not there`() {
    var browser = browser()
    for key in [.character("g")] + typed("12") { _ = browser.press(key) }
    #expect(browser.position == 12)
    for key in [.character("g")] + typed("999") { _ = browser.press(key) }
    #expect(browser.position == 12)
    #expect(browser.hint == "there are the steps 1 to \(HandMade.events.count)")
  }

  @Test func `find, and find the next`() {
    var browser = browser()
    for key in [.character("/")] + typed("EAGAIN") { _ = browser.press(key) }
    #expect(browser.position == 3)
    for key in [.character("/")] + typed("") { _ = browser.press(key) }
    #expect(browser.position == 11)
    for key in [.character("/")] + typed("xyzzy") { _ = browser.press(key) }
    #expect(browser.position == 11)
    #expect(browser.hint == "no step says 'xyzzy'")
  }

  @Test func `the log jumps`() {
    #expect(browser(after: .character("l"), .down, .down, .enter).position == 3)
    #expect(browser(after: .character("l"), .down, .escape).position == 1)
  }

  @Test func `unknown keys only get a hint`() {
    let browser = browser(after: .unknown)
    #expect(browser.position == 1)
    #expect(browser.hint != nil)
  }
}
