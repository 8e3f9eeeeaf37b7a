// Where in the run a step is. It knows turns and their three parts.

import EventLoops
import Recording
import Telling

/// The line between the panes and the sentence: the turns, and in the present one the
/// question to the selector, the queue that is filled, and the callbacks.
func strip(_ browser: Browser, _ width: Int) -> StyledLine {
  var line = StyledLine("─ ", .dim)
  let place = max(0, browser.turns.firstIndex(from: browser.position + 1) - 1)
  // As many turns as have room, with the present one in the middle.
  let most = max(3, min(15, (width - 50) / 4))
  let first = min(max(0, place - most / 2), max(0, browser.turns.count - most))
  let shown = first..<min(browser.turns.count, first + most)
  if first > 0 { line.add("… ", .dim) }
  for turn in shown {
    let begin = browser.turns[turn]
    let number = browser.tellings[begin - 1].iteration
    let name =
      number == 0 ? "before" : turn == shown.lowerBound ? "turn \(number)" : "\(number)"
    let isPresent = turn == place
    line.add(isPresent ? "[\(name)]" : name, isPresent ? .bold : .dim, .step(begin))
    line.add(" ", .dim)
  }
  if shown.upperBound < browser.turns.count { line.add("… ", .dim) }
  if let parts = parts(browser, place) {
    line.add("── ", .dim)
    for (index, part) in parts.names.enumerated() {
      if index > 0 { line.add(" → ", .dim) }
      index == parts.current ? line.add("[\(part)]", .bold) : line.add(part, .dim)
    }
    line.add(" ", .dim)
  }
  let rest = width - displayWidth(line.text)
  line.add(String(repeating: "─", count: max(0, rest)), .dim)
  return line
}

/// The three parts of a turn, and in which of them the current step is.
private func parts(
  _ browser: Browser, _ place: Int
) -> (names: [String], current: Int)? {
  guard browser.turns.indices.contains(place) else { return nil }
  let first = browser.turns[place]
  guard browser.tellings[first - 1].iteration > 0 else { return nil }
  let isLast = place + 1 == browser.turns.count
  let end = isLast ? browser.tellings.count + 1 : browser.turns[place + 1]
  var (hasNews, calls, done) = (false, 0, 0)
  for step in browser.trace.steps[(first - 1)..<(end - 1)] {
    switch step.event {
    case .loop(.selectReturned): if step.number <= browser.position { hasNews = true }
    case .loop(.handleRun), .loop(.handleSkipped):
      calls += 1
      if step.number <= browser.position { done += 1 }
    default: break
    }
  }
  // How many callbacks a running loop will have called, nobody knows yet.
  let all = browser.isLive && isLast ? "" : " of \(calls)"
  let callbacks =
    calls == 0 ? "no callback" : done == 0 ? "callbacks" : "callback \(done)\(all)"
  return (["poll", "queue", callbacks], done > 0 ? 2 : hasNews ? 1 : 0)
}
