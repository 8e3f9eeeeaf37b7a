// The search. It knows what a reader can see of a step; not how it is drawn.

import Comparison
import Recording
import Telling

/// What was looked for last, and what can be found.
struct Search {
  var words = ""
  /// For each step, in small letters, what one can find it by.
  var texts: [String] = []
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
    if !isLog { readAll() }
    func matches(_ number: Int) -> Bool {
      isLog
        ? tellings[number - 1].sentence.lowercased().contains(wanted)
        : search.texts[number - 1].contains(wanted)
    }
    let after = Array(min(here + 1, tellings.count + 1)..<tellings.count + 1)
    let before = Array(1..<max(here, 1))
    // The present one comes last: if it is the only one, one should hear it.
    let order = forwards ? after + before : before.reversed() + after.reversed()
    if let found = order.first(where: matches) {
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

  /// Reads what one can find, once for all searches.
  private mutating func readAll() {
    if search.texts.count == tellings.count { return }
    var state = LoopState()
    var old: Set<String> = []
    var places: [String: String] = [:]
    search.texts = tellings.map { telling in
      let step = telling.step
      state.apply(step)
      let machine = state.sections.flatMap { section in
        section.items.map { "\($0.name) \($0.details)" }
      }
      let news = machine.filter { !old.contains($0) }
      old = Set(machine)
      let place = "\(step.file):\(step.line)"
      let source = places[place] ?? tree.words(about: step)
      places[place] = source
      let theirs = counterparts?.counterpart(of: step.number)
      let all =
        [telling.sentence, source, theirs?.place, theirs?.function].compactMap { $0 }
        + news
      return all.joined(separator: "\n").lowercased()
    }
  }
}

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
