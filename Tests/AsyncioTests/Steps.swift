import Foundation
import StepThrough
import Testing

/// Our steps are asyncio's: the same scenario, run by CPython, gives the same events in
/// the same order, except for what stands in `Difference.all`.
@Suite struct Steps {
  /// What CPython cannot run, and why.
  static let ours: [String: String] = [:]

  static let tree = SourceTree()

  @Test(arguments: Scenario.all.map(\.name))
  func `as CPython 3.13 was recorded`(name: String) throws {
    if Self.ours[name] != nil { return }
    let theirs = try #require(
      AsyncioTrace.committed(name, Self.tree), "no recording of \(name)")
    try compare(name, theirs, isHere: false)
  }

  /// With the Python that is installed here, if any is.
  @Test(.enabled(if: Recorder.isThere), arguments: Scenario.all.map(\.name))
  func `as the Python of this machine does them`(name: String) throws {
    if Self.ours[name] != nil { return }
    try compare(name, try Recorder.trace(name), isHere: true)
  }

  /// - Parameter isHere: whether theirs was recorded with this machine's kernel.
  private func compare(_ name: String, _ theirs: AsyncioTrace, isHere: Bool) throws {
    let ours = try Scenario.named(name)!.trace().common(Self.tree).events
    let permitted = Difference.permitted(in: name, theirs.minor)
    let alignment = Alignment(ours, theirs.events, permitting: permitted)
    // Another machine's kernel has other buffers. From there on the two stories differ,
    // and neither is wrong.
    if alignment.isOtherKernel && !isHere { return }
    if let place = alignment.parting {
      let comment = parting(ours, theirs.events, place)
      Issue.record("CPython \(theirs.version) does \(name) otherwise:\n\(comment)")
      return
    }
    #expect(ours.count > 20)
    let used = alignment.rows.compactMap(\.difference)
    if used.contains(where: \.isForGood) { return }
    for difference in permitted where !used.contains(difference) {
      Issue.record(
        "\(name) does not need '\(difference.id)' (CPython \(theirs.version))")
    }
  }

  /// Both sides around the place where they part.
  private func parting(
    _ ours: [CommonEvent], _ theirs: [CommonEvent], _ place: (ours: Int, theirs: Int)
  ) -> String {
    func lines(_ events: [CommonEvent], _ place: Int) -> String {
      (max(0, place - 3)..<min(events.count, place + 3)).map {
        "  \($0 == place ? "▶" : " ") \(events[$0].text) \(events[$0].place ?? "")\n"
      }.joined()
    }
    return "ours:\n\(lines(ours, place.ours))theirs:\n\(lines(theirs, place.theirs))"
  }
}
