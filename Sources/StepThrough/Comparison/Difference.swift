// What a permitted difference is, and when it applies. Which ones there are stands in
// `Differences.swift`.

/// A place where our steps may differ from asyncio's, and why.
///
/// It is meant to be narrow. It says which lines of ours stand in the place of which
/// lines of theirs, after which line, and how often in which scenarios; and a test
/// fails if in one of those it is not needed so often.
package struct Difference: Sendable, Equatable {
  /// A word for it.
  package let id: String
  /// Why, for the reader.
  package let reason: String
  /// The versions of CPython, by their second number: 9 is 3.9.
  package let versions: ClosedRange<Int>
  /// How often in which scenario.
  package let scenarios: [String: Int]
  /// What both have said just before; `nil` if it does not matter.
  let after: String?
  /// What we say there, `*` being anything.
  let ours: [String]
  /// What they say there.
  let theirs: [String]
  /// From here on they are two different stories.
  package let isForGood: Bool

  /// Those that are compared.
  package static let everyVersion = 9...13
  /// In the place of a number: as often as the kernel likes.
  package static let often = Int.max

  init(
    _ id: String, _ reason: String, versions: ClosedRange<Int> = everyVersion,
    in scenarios: [String: Int], after: String? = nil, ours: [String] = [],
    theirs: [String] = [], forGood: Bool = false
  ) {
    self.id = id
    self.reason = reason
    self.versions = versions
    self.scenarios = scenarios
    self.after = after
    self.ours = ours
    self.theirs = theirs
    isForGood = forGood
  }

  /// Whether this is what happens at these places.
  func explains(
    _ ours: [CommonEvent], _ i: Int, _ theirs: [CommonEvent], _ j: Int
  ) -> Bool {
    if let after, i == 0 || !matches(ours[i - 1], after) { return false }
    return begins(ours[i...], self.ours) && begins(theirs[j...], self.theirs)
  }

  private func begins(_ events: ArraySlice<CommonEvent>, _ patterns: [String]) -> Bool {
    events.count >= patterns.count && zip(events, patterns).allSatisfy(matches)
  }
}

/// Whether a text is what a pattern says, `*` being anything.
private func matches(_ event: CommonEvent, _ pattern: String) -> Bool {
  let text = event.text
  var parts = pattern.split(separator: "*", omittingEmptySubsequences: false)[...]
  guard parts.count > 1 else { return text == pattern }
  let (first, last) = (parts.removeFirst(), parts.removeLast())
  guard text.count >= first.count + last.count, text.hasPrefix(first),
    text.hasSuffix(last)
  else { return false }
  var rest = text.dropFirst(first.count).dropLast(last.count)
  for part in parts where !part.isEmpty {
    guard let place = rest.firstRange(of: part) else { return false }
    rest = rest[place.upperBound...]
  }
  return true
}
