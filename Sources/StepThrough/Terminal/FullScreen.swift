// The program's main circle: show, wait for a key, press it. All it decides itself is
// what needs more than a picture: to quit, to start a scenario, to let a live loop go
// on.

import Comparison
import Glibc
import Scenarios
package import Screen
import Telling

/// Steps through on the whole screen, until the reader has enough.
///
/// - Parameters:
///   - browser: what to show first.
///   - live: the loop that is running, if one is.
/// - Returns: the exit code.
package func runFullScreen(
  _ browser: Browser, live: LiveLoop? = nil
) throws -> Int32 {
  var browser = browser
  let tree = SourceTree()
  browser.tree = tree
  let terminal = Terminal()
  terminal.enter()
  defer { terminal.leave() }
  live?.start()
  while true {
    // The whole picture each time. To find out what is different would be more work,
    // and one more thing to go wrong.
    terminal.show(screen(browser, tree, terminal.size))
    switch terminal.next() {
    case .redraw: break
    case .closed, .key(.endOfInput): return 0
    case .end(let signal): terminal.die(of: signal)
    case .news: live?.report(to: &browser)
    case .key(.interrupt): return 130
    case .key(.suspend): terminal.suspend()
    case .key(let key):
      switch browser.press(key) {
      case .nothing: break
      case .quit: return 0
      case .start(let number):
        let scenario = browser.scenarios[number]
        let (trace, failure) = scenario.play()
        browser = Browser(
          trace, Counterparts(trace, tree), lack: tree.lackOfRecordings,
          scenarios: browser.scenarios)
        browser.tree = tree
        browser.hint = failure.map { "this ends before its end: \($0)" }
      case .advance(let toIteration): live?.advance(toIteration: toIteration)
      }
      live?.report(to: &browser)
    }
  }
}
