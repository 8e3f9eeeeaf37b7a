// Any two traces side by side. Nobody has written down where they may differ, so there
// are no reasons, only rows.

import Recording
package import Telling

extension Counterparts {
  /// Another trace beside this one, row by row: what both say up to numbers stands in
  /// one row.
  ///
  /// If one of the two is CPython's, both begin with the first task or timer: how a loop
  /// is made is not asyncio's story.
  ///
  /// - Parameters:
  ///   - one: the trace to step through.
  ///   - other: the one beside it.
  ///   - tree: where the counterparts in asyncio are named.
  package init(_ one: TraceFile, beside other: TraceFile, _ tree: SourceTree) {
    let isStory = one.isOfCPython || other.isOfCPython
    var sides = [one, other].map { Side($0, tree, isWhole: !isStory) }
    // One that was cut off has no story.
    if sides.contains(where: \.events.isEmpty) {
      sides = [one, other].map { Side($0, tree, isWhole: true) }
    }
    let (left, right) = (sides[0], sides[1])
    let rows = pairs(left.outlines, right.outlines).map { i, j in
      var row = Row(
        number: i.map { left.first + $0 + 1 }, theirs: j.map { right.events[$0] },
        sentence: j.map { right.tellings[$0].sentence }, difference: nil)
      row.theirNumber = j.map { right.first + $0 + 1 }
      if let j, !other.isOfCPython { row.site = right.tellings[j].step.site }
      if let i, let j {
        row.isChanged = left.tellings[i].essence != right.tellings[j].essence
      }
      return row
    }
    self.init(
      title: other.isOfCPython ? other.trace.by : other.trace.scenario,
      isOfCPython: other.isOfCPython, rows: rows)
  }

  /// The first row in which the two differ; `nil` if they do not.
  package var firstDifference: Row? {
    rows.first { $0.mark != .same }
  }
}

/// One of the two, as far as it is compared.
private struct Side {
  let events: [CommonEvent]
  let tellings: [Telling]
  let outlines: [String]
  let first: Int

  init(_ file: TraceFile, _ tree: SourceTree, isWhole: Bool) {
    (events, first) = file.trace.common(
      tree, functions: file.functions, isWhole: isWhole)
    tellings = Array(file.trace.tellings.dropFirst(first).prefix(events.count))
    outlines = tellings.map { $0.sentence.replacing(/[ :-]?\d+(\.\d+)*/, with: "") }
  }
}

extension Telling {
  /// The sentence without what is another one in every run: ports, and times; and
  /// without the numbers in names, which are others as soon as one side has made one
  /// thing more.
  fileprivate var essence: String {
    sentence.replacing(/:\d{4,5}\b|', \d+\)/, with: ":port")
      .replacing(/\d+(\.\d+)? m?s\b/, with: "a time")
      .replacing(
        /((Future|Task|Transport|StreamReader)-|\b[a-z]+[A-Z]\w* |(socket|connection) )\d+/
      ) {
        String($0.1)
      }
  }
}
