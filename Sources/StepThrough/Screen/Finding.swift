// The search. It knows what a reader can see of a step; not how it is drawn.

import Comparison
import Foundation
import Recording
import Telling

/// What was looked for last, and what can be found.
struct Search {
  var words = ""
  /// For each step, in small letters, what one can find it by; read as far as the search
  /// has come, so many steps at a time.
  fileprivate var texts: [Int: [(own: String, source: String)]] = [:]
  fileprivate var sources: [String: String] = [:]
  fileprivate static let length = 256
}

extension Browser {
  /// Goes to the next step, or the one before, on whose screen the text stands: in its
  /// sentence, in its line of source, in the names of its file, its function and
  /// asyncio's, and in what it changes about the machine. (All else in the machine
  /// stands there for many steps.) In the log it is the sentences, which one sees.
  ///
  /// After the last step the search begins again with the first, and says so.
  ///
  /// - Parameter typed: what to look for; empty for the same as before.
  mutating func find(_ typed: String, forwards: Bool = true) {
    if !typed.isEmpty { search.words = typed }
    if search.words.isEmpty {
      hint = "nothing was looked for yet: / and some words"
      return
    }
    let wanted = search.words.lowercased()
    var here = position
    var isLog = false
    if case .log(let selected) = mode { (here, isLog) = (selected, true) }
    func matches(_ number: Int) -> Bool {
      if isLog { return has(tellings[number - 1].sentence.lowercased(), wanted) }
      let (own, source) = text(number)
      return has(own, wanted) || has(source, wanted)
    }
    let after = min(here + 1, tellings.count + 1)..<tellings.count + 1
    let before = 1..<max(here, 1)
    // The present one comes last: if it is the only one, one should hear it.
    let found =
      forwards
      ? after.first(where: matches) ?? before.first(where: matches)
      : before.last(where: matches) ?? after.last(where: matches)
    if let found {
      show(found, isLog)
      let wrapped =
        forwards
        ? found < here ? "after the last step it went on with the first: " : ""
        : found > here ? "before the first step it went on with the last: " : ""
      hint = "\(wrapped)found '\(search.words)'; / enter: the next, N: the one before"
    } else if here > 0, matches(here) {
      hint = "only this step has '\(search.words)'"
    } else {
      hint = "no step says '\(search.words)'"
    }
  }

  private mutating func show(_ number: Int, _ isLog: Bool) {
    guard isLog else { return land(on: number) }
    if isFolding, folds.contains(where: { $0.contains(number) }) { toggleFolding() }
    mode = .log(selected: number)
  }

  /// What one can find a step by.
  private mutating func text(_ number: Int) -> (own: String, source: String) {
    let (block, place) = (number - 1).quotientAndRemainder(dividingBy: Search.length)
    if let known = search.texts[block], known.count > place { return known[place] }
    let read = read(block * Search.length)
    search.texts[block] = read
    return read[place]
  }

  private mutating func read(_ start: Int) -> [(own: String, source: String)] {
    var state = state(after: start)
    return tellings[start..<min(start + Search.length, tellings.count)].map { telling in
      let step = telling.step
      let things = step.touched(before: state)
      func words() -> [String] {
        things.flatMap { state.items(about: $0) }.map { "\($0.name) \($0.details)" }
      }
      let old = Set(words())
      state.apply(step)
      let theirs = counterparts?.counterpart(of: step.number)
      let own =
        [telling.sentence, theirs?.place, theirs?.function].compactMap { $0 }
        + words().filter { !old.contains($0) }
      let place = "\(step.file):\(step.line)"
      let source = search.sources[place] ?? tree.words(about: step).lowercased()
      search.sources[place] = source
      return (own.joined(separator: "\n").lowercased(), source)
    }
  }
}

/// Whether a text has these words in it.
private func has(_ text: String, _ words: String) -> Bool { strstr(text, words) != nil }

extension SourceTree {
  /// The line of a step, its file, its function, and what asyncio calls that.
  fileprivate func words(about step: Step) -> String {
    var words = ["\(path(step.file)):\(step.line)"]
    if let lines = lines(step.file), lines.indices.contains(step.line - 1) {
      words.append(lines[step.line - 1])
      words += declarations(around: step.line, in: lines).filter { !$0.isType }
        .map { lines[$0.body.lowerBound] }
    }
    if let theirs = asyncioCounterpart(step.file, step.line) { words.append(theirs) }
    return words.joined(separator: "\n")
  }
}
