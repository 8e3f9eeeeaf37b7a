import Comparison
import Scenarios
import Telling
import TestSupport
import Testing

/// Our steps are asyncio's: the same scenario, run by CPython, gives the same events in
/// the same order, except for what stands in `Difference.all`.
@Suite(.onLinux) struct Steps {
  static let tree = SourceTree()
  static let names = Scenario.all.map(\.name)

  @Test(arguments: names) func `as CPython 3.13 was recorded`(name: String) throws {
    let theirs = try #require(
      AsyncioTrace.committed(name, Self.tree),
      "see Tests/AsyncioTests/CPython/record.py, how to record \(name)")
    let comparison = Comparison(name, try ours(name), theirs)
    // Another machine's kernel has other buffers, and from there on it is another story.
    if comparison.alignment.isOtherKernel { return }
    for problem in comparison.problems { Issue.record("\(problem)") }
  }

  /// With the Python that is installed here, if one is.
  @Test(.enabled(if: Recorder.isThere), arguments: names)
  func `as the Python of this machine does them`(name: String) throws {
    let ours = try ours(name)
    var theirs = try Recorder.trace(name)
    var problems = problems(name, ours, theirs)
    if !problems.isEmpty {
      theirs = try Recorder.traceAgain(name)
      problems = self.problems(name, ours, theirs)
    }
    func record() { for problem in problems { Issue.record("\(problem)") } }
    if Recorder.triedOut.contains(theirs.version) { return record() }
    // Worth knowing, but no fault of ours.
    let comment: Comment =
      "CPython \(theirs.version) is not one of those it was tried with"
    withKnownIssue(comment, isIntermittent: true) { record() }
  }

  private func problems(
    _ name: String, _ ours: [CommonEvent], _ theirs: AsyncioTrace
  ) -> [String] {
    let problems = Comparison(name, ours, theirs).problems
    guard let committed = AsyncioTrace.committed(name, Self.tree),
      committed.version == theirs.version, committed.events != theirs.events,
      !Comparison(name, ours, committed).alignment.isOtherKernel
    else { return problems }
    // What is shown beside our steps is what the recorder would write today.
    return problems + ["record \(name) again"]
  }

  private func ours(_ name: String) throws -> [CommonEvent] {
    let events = try #require(Scenario.named(name)).usualTrace().common(Self.tree)
      .events
    #expect(events.count > 20)
    return events
  }
}
