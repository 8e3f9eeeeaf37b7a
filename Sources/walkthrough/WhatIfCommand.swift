import Comparison
import Recording
import Scars
import Scenarios
import Screen
import Telling
import Terminal

/// `walkthrough NAME --what-if PLACE=ANSWER`: the same scenario with something
/// otherwise.
///
/// - Returns: 0 if the course came to its end, 1 if it did not.
func showWhatIf(_ scenario: Scenario?, _ request: Request) throws -> Int32 {
  guard let scenario else { throw Request.Mistake("what if what? name a scenario") }
  let (old, new, changes): (Course, Course, [WhatIf])
  do throws(WhatIf.Refusal) {
    (old, new, changes) = try scenario.courses(whatIf: request.values(of: .whatIf))
  } catch { throw Request.Mistake(error.description) }
  let count = new.trace.steps.count
  if let step = request.step, step > count {
    throw Request.Mistake(
      "so, \(scenario.name) has the steps 1 to \(count), not \(step)")
  }
  if try isFullScreen(request) {
    var browser = Browser(
      new, SourceTree(), scenarios: Scenario.choices, changes: changes,
      beside: old.trace)
    if let step = request.step { browser.land(on: step) }
    return try runFullScreen(browser)
  }
  let title = "what if " + request.values(of: .whatIf).joined(separator: ", ")
  return writeOut(
    TraceFile(new.trace), title: "\(scenario.name): \(title)", new.failure,
    asJSON: request.has(.json), upTo: new.common, from: request.step ?? 1)
}
