import Comparison

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
    // What comes after a parting for good is not compared.
    if alignment.met.contains(where: \.isForGood) { return }
    for difference in permitted {
      let expected = difference.scenarios[name]!
      let count = alignment.met.count { $0 == difference }
      if expected == Difference.often ? count > 0 : count == expected { continue }
      problems.append(
        "\(name) needs '\(difference.id)' \(count)x (CPython \(theirs.version))")
    }
  }

  private func lines(_ events: [CommonEvent], _ place: Int) -> String {
    (max(0, place - 3)..<min(events.count, place + 4)).map {
      let mark = $0 == place ? "▶" : " "
      return "\(mark) \(events[$0].text)  \(events[$0].place ?? "")\n"
    }.joined()
  }
}
