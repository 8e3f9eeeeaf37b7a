// The program's main circle: show, wait for a key, press it. All it decides itself is
// what needs more than a picture: to quit, to start a scenario, to let a live loop go
// on.

import CLibrary
import Comparison
import Recording
import Scenarios
package import Screen
package import Telling

/// Steps through on the whole screen, until the reader has enough.
///
/// - Parameters:
///   - browser: what to show first.
///   - live: the loop that is running, if one is.
///   - tree: the source that belongs to it.
/// - Returns: the exit code.
package func runFullScreen(
  _ browser: Browser, live: LiveLoop? = nil, tree: SourceTree = SourceTree()
) throws -> Int32 {
  var browser = browser
  browser.tree = tree
  let terminal = Terminal()
  terminal.enter()
  defer { terminal.leave() }
  live?.start()
  let original = Fetched<OriginalSource>()
  while true {
    // The whole picture each time. To find out what is different would be more work,
    // and one more thing to go wrong.
    browser.fit(terminal.size, tree)
    // A Python takes its time to start, and the picture does not wait for it.
    if let version = browser.missesOriginal {
      browser.original = original.value { OriginalSource(version: version) }
    }
    terminal.show(screen(browser, tree, browser.size))
    switch terminal.next(watching: live?.descriptors ?? []) {
    case .redraw, .continued: break
    case .closed: return 0
    case .end(SIGINT): return 130
    case .end(let signal): terminal.die(of: signal)
    case .news: break
    case .readable(let descriptor): live?.read(descriptor, in: &browser)
    case .key(.suspend): terminal.suspend()
    // In a question they are the way out of that.
    case .key(.interrupt) where !browser.isAsking: return 130
    case .key(.endOfInput) where !browser.isAsking: return 0
    case .key(let key):
      switch browser.press(key) {
      case .nothing: break
      case .quit: return 0
      case .start(let number):
        let course = browser.scenarios[number].course()
        browser = browser.opening(course.trace, Counterparts(course.common, tree))
        browser.stand(in: course, [], beside: nil)
        browser.hint = course.failure.map { "this ends before its end: \($0)" }
      case .otherwise(let whatIf):
        guard let scenario = Scenario.named(browser.trace.scenario) else {
          let spec = "\(whatIf.place)=\(whatIf.otherwise)"
          browser.hint = "start the program again, with --what-if '\(spec)'"
          break
        }
        let changes = browser.changes + [whatIf]
        guard let old = browser.course, let new = scenario.course(changes, from: old)
        else {
          browser.hint = "the scenario does not come here in the same way again"
          break
        }
        browser = Browser(
          new, tree, scenarios: browser.scenarios, changes: changes, beside: old.trace)
      case .page(let place):
        let path = (tree.root ?? "") + "/" + place.file
        browser.hint = terminal.page(path, from: place.line + 1)
      case .advance(let toIteration): live?.advance(toIteration: toIteration)
      case .act(let act): live?.perform(act, in: &browser)
      }
    }
    live?.report(to: &browser)
  }
}
