// Comparison: CPython's steps beside ours. It knows Telling, in whose words the two are
// compared; not how a scenario is made, nor how a comparison looks.

package import Recording
package import Telling

/// What CPython did while we did our steps: for each of ours the one of theirs, and
/// those that only one of the two has.
package struct Counterparts: Sendable {
  /// A step of ours, one of theirs, or one in the place of the other.
  package struct Row: Sendable {
    /// The number of our step.
    package let number: Int?
    /// Their step.
    package let theirs: CommonEvent?
    /// What happened there, in the words of our own steps.
    package let sentence: String?
    /// Why they differ, if they do.
    package let difference: Difference?
    /// The number of their step in their own recording.
    package var theirNumber: Int?
    /// Where that was, if it was not in asyncio.
    package var site: String?
    /// They are not quite the same, and nobody has said why.
    package var isChanged = false
    /// What has become of our step on the other side.
    package var mark: MachineSection.Mark {
      if number == nil { return .added }
      if theirs == nil { return .removed }
      return difference == nil && !isChanged ? .same : .changed
    }
  }

  /// Whose steps those are: `CPython 3.13.0`.
  package let title: String
  /// Which CPython, `3.13.0`; `nil` if it is none.
  package var version: String? {
    isOfCPython ? String(title.dropFirst("CPython ".count)) : nil
  }
  /// They are asyncio's, in whose source their places are.
  package let isOfCPython: Bool
  /// All rows, in order.
  package let rows: [Row]
  /// They part before the end: this kernel takes other numbers of bytes at a time.
  package let isCut: Bool
  private let places: [Int: Int]

  /// - Parameters:
  ///   - trace: our recording.
  ///   - tree: where CPython's is.
  /// - Returns: `nil` if there is none of this scenario.
  package init?(_ trace: Trace, _ tree: SourceTree) {
    guard trace.by == "walkthrough",
      let theirs = AsyncioTrace.committed(trace.scenario, tree)
    else { return nil }
    // Ours begin with what is before the first task: `first` steps that CPython's story
    // does not have. The rows count from the task, the reader's numbers from the top.
    let (ours, first) = trace.common(tree)
    let alignment = Alignment(
      ours, theirs.events,
      permitting: Difference.permitted(in: trace.scenario, theirs.minor))
    title = "CPython \(theirs.version)"
    isOfCPython = true
    isCut = alignment.parting != nil
    rows = alignment.rows.map { row in
      Row(
        number: row.ours.map { $0 + first + 1 },
        theirs: row.theirs.map { theirs.events[$0] },
        sentence: row.theirs.map { theirs.sentences[$0] }, difference: row.difference,
        theirNumber: row.theirs.map { theirs.first + $0 + 1 })
    }
    places = Self.places(rows)
  }

  /// - Parameters:
  ///   - title: whose steps stand beside ours.
  ///   - rows: the two, side by side.
  init(title: String, isOfCPython: Bool, rows: [Row]) {
    self.title = title
    self.isOfCPython = isOfCPython
    self.rows = rows
    isCut = false
    places = Self.places(rows)
  }

  private static func places(_ rows: [Row]) -> [Int: Int] {
    var places: [Int: Int] = [:]
    for (place, row) in rows.enumerated() {
      if let number = row.number { places[number] = place }
    }
    return places
  }

  /// The row of one of our steps.
  package func row(of number: Int) -> Int? { places[number] }

  /// Their step in the place of ours.
  package func counterpart(of number: Int) -> CommonEvent? {
    places[number].flatMap { rows[$0].theirs }
  }
}
