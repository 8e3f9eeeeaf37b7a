import Comparison
import Recording
import Scenarios
import Telling

/// `walkthrough NAME --what-if PLACE=ANSWER`: the same scenario with something
/// otherwise.
///
/// - Returns: 0 if the course came to its end, 1 if it did not.
func showWhatIf(_ scenario: Scenario?, _ request: Request) throws -> Int32 {
  guard let scenario else { throw Request.Mistake("what if what? name a scenario") }
  let new: Course
  do throws(WhatIf.Refusal) {
    new = try scenario.courses(whatIf: request.values(of: .whatIf)).new
  } catch { throw Request.Mistake(error.description) }
  // CPython has not heard of it, and so its story ends where ours becomes another.
  var told = new.trace
  told.steps.removeAll { $0.number >= new.fork! }
  let isJSON = request.has(.json)
  let theirs = isJSON ? Counterparts(told, SourceTree()) : nil
  let title = "what if " + request.values(of: .whatIf).joined(separator: ", ")
  return writeOut(new.trace, new.failure, title, theirs, asJSON: isJSON)
}
