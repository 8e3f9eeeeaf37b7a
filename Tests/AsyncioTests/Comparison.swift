import StepThrough

/// A scenario of ours beside CPython's, and what is wrong about it.
struct Comparison {
  let alignment: Alignment
  /// Where the two part without a reason, and which reasons are not needed.
  private(set) var problems: [String] = []

  init(_ name: String, _ ours: [CommonEvent], _ theirs: AsyncioTrace) {
    let permitted = Difference.permitted(in: name, theirs.minor)
    alignment = Alignment(ours, theirs.events, permitting: permitted)
    if let place = alignment.parting {
      problems = [
        """
        CPython \(theirs.version) does \(name) otherwise. Ours:
        \(lines(ours, place.ours))Theirs:
        \(lines(theirs.events, place.theirs))
        """
      ]
      return
    }
    let used = alignment.rows.compactMap(\.difference)
    if used.contains(where: \.isForGood) { return }  // what comes then is not compared
    for difference in permitted where !used.contains(difference) {
      problems.append(
        "\(name) does not need '\(difference.id)' (CPython \(theirs.version))")
    }
  }

  private func lines(_ events: [CommonEvent], _ place: Int) -> String {
    (max(0, place - 3)..<min(events.count, place + 4)).map {
      let mark = $0 == place ? "▶" : " "
      return "\(mark) \(events[$0].text)  \(events[$0].place ?? "")\n"
    }.joined()
  }
}
