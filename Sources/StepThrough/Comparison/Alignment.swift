// Two lists of events side by side. It knows neither where they come from nor why they
// may differ: both are given to it.

/// Two recordings of one scenario, ours and CPython's, side by side.
///
/// They are walked through together. As long as both say the same, a row has both.
/// Where they do not, somebody must have written down why (see `Difference`); if nobody
/// has, the alignment ends there, and that is what the tests look for.
package struct Alignment: Sendable {
  /// A row: a step of ours, one of theirs, or both.
  package struct Row: Sendable, Equatable {
    /// Which step of ours, counted from 0.
    package let ours: Int?
    /// Which step of theirs, counted from 0.
    package let theirs: Int?
    /// Why they differ, if they do.
    package let difference: Difference?
  }

  /// All that could be aligned, in order.
  package private(set) var rows: [Row] = []
  /// The differences that were met, in order.
  package private(set) var met: [Difference] = []
  /// Where the two part without a reason: the places in both; `nil` if they do not.
  package private(set) var parting: (ours: Int, theirs: Int)?
  /// They part because the kernel took more, or fewer, bytes: another machine's kernel.
  package private(set) var isOtherKernel = false

  /// - Parameters:
  ///   - ours: our steps.
  ///   - theirs: CPython's.
  ///   - permitted: where they may differ.
  package init(
    _ ours: [CommonEvent], _ theirs: [CommonEvent], permitting permitted: [Difference]
  ) {
    // Two futures that are made look the same, and only what becomes of them tells
    // whether one is the other's counterpart or an extra one. So a way that leads
    // nowhere is given up, and the next one tried.
    var ways = [Way()]
    while var way = ways.popLast() {
      let (i, j) = way.place
      // Both at their ends: everything has its place, and no other way is needed.
      if i == ours.count && j == theirs.count {
        (rows, met, parting) = (way.rows, way.met, nil)
        return
      }
      for difference in permitted where difference.explains(ours, i, theirs, j) {
        if difference.isForGood {
          ways.append(way.skipping(ours.count - i, theirs.count - j, difference))
        } else {
          ways.append(
            way.skipping(difference.ours.count, difference.theirs.count, difference))
        }
      }
      if i < ours.count, j < theirs.count, way.names.unify(ours[i], theirs[j]) {
        way.rows.append(Row(ours: i, theirs: j, difference: nil))
        way.place = (i + 1, j + 1)
        ways.append(way)  // the last one is the first to be tried
      } else if way.rows.count >= rows.count {
        // A dead end. The longest of them is shown: it stands nearest to what is wrong.
        (rows, met, parting) = (way.rows, way.met, way.place)
      }
    }
    if let (i, j) = parting, i < ours.count, j < theirs.count {
      isOtherKernel = isSameRequest(ours[i], theirs[j])
    }
  }
}

/// How far one has come with the two. It is a value: a way that was tried and led
/// nowhere leaves no trace in the others.
private struct Way {
  var place = (ours: 0, theirs: 0)
  var rows: [Alignment.Row] = []
  var met: [Difference] = []
  var names = Renaming()

  func skipping(_ mine: Int, _ other: Int, _ difference: Difference) -> Way {
    var way = self
    way.met.append(difference)
    let (i, j) = (place.ours, place.theirs)
    let pairs = mine == other ? mine : 0  // as many lines: each in the place of another
    for k in 0..<pairs {
      way.rows.append(.init(ours: i + k, theirs: j + k, difference: difference))
    }
    for k in pairs..<mine {
      way.rows.append(.init(ours: i + k, theirs: nil, difference: difference))
    }
    for k in pairs..<other {
      way.rows.append(.init(ours: nil, theirs: j + k, difference: difference))
    }
    way.place = (i + mine, j + other)
    return way
  }
}

/// Whether both asked the kernel to send the same, and only its answers differ.
private func isSameRequest(_ ours: CommonEvent, _ theirs: CommonEvent) -> Bool {
  func request(_ event: CommonEvent) -> Substring { event.text.prefix { $0 != "→" } }
  return ours.text.hasPrefix("call send") && request(ours) == request(theirs)
}

/// Which of our futures and tasks is which of theirs. The first event that both mention
/// two of them in makes them the same, for good.
private struct Renaming {
  private var theirs: [Substring: Substring] = [:]
  private var ours: [Substring: Substring] = [:]

  /// Whether two events say the same, up to these names.
  mutating func unify(_ mine: CommonEvent, _ other: CommonEvent) -> Bool {
    if mine.outline != other.outline { return false }
    var copy = self
    for (a, b) in zip(mine.names, other.names) {
      if copy.theirs[a] ?? b != b || copy.ours[b] ?? a != a { return false }
      (copy.theirs[a], copy.ours[b]) = (b, a)
    }
    self = copy
    return true
  }
}
