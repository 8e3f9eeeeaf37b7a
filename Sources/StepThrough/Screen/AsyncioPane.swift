// The right side, when it is CPython's turn. It knows rows that somebody has aligned.

import Comparison
import Telling

/// The right side, when the reader wants to see CPython there: its steps beside ours. A
/// row with a number is our step as well; `+` is a step that only CPython has, `-` one
/// that only we have, and `~` one that is not quite the same. Then the reason follows.
///
/// - Returns: exactly `height` lines, none wider than `width`.
func asyncioPane(
  _ browser: Browser, _ counterparts: Counterparts, width: Int, height: Int
) -> [StyledLine] {
  let number = browser.position
  // A row has a line at least, so more than these do not fit.
  let all = counterparts.rows
  let offset = browser.scrolled[.cpython, default: 0]
  let middle = counterparts.place(near: number) + offset
  let rows = all[max(0, middle - height)..<min(all.count, middle + height)]
  var lines: [StyledLine] = []
  var place = 0
  var reason = all[..<rows.startIndex].last?.difference
  for (index, row) in zip(rows.indices, rows) {
    let isCurrent = row.number == number
    if index == middle { place = lines.count }
    lines += entry(row, isCurrent: isCurrent, browser.digits - 1, width)
    if isCurrent,
      let line = row.theirs?.place.flatMap({ browser.original?.line(at: $0) })
    {
      lines += wrap("      " + line, to: width, indent: 10, isCode: true).map { line in
        var colored = StyledLine()
        for span in coloredSource([line], .python)[0] {
          colored.add(span.text, span.style)
        }
        return colored
      }
    }
    // Several rows may have one reason, and it is told once.
    if let difference = row.difference, difference != reason {
      lines += wrap("      " + difference.reason, to: width, indent: 6)
        .map { StyledLine($0, .comment) }
    }
    reason = row.difference
  }
  if counterparts.isCut && rows.endIndex == all.endIndex {
    lines += wrap("From here on this kernel takes other amounts of bytes.", to: width)
      .map { StyledLine($0, .comment) }
  }
  let room = height - 1
  let isAfter =
    offset == 0 && counterparts.row(of: number) == nil
    && !isBefore(counterparts, number)
  if isAfter { place = lines.count }
  let top = min(max(0, place - room / 2), max(0, lines.count - room))
  let isChosen = browser.focus == .cpython
  var title = StyledLine(
    clip(counterparts.title, to: width), isChosen ? .bar : .heading)
  if isBefore(counterparts, number) {
    title.add(" begins when there is a task", isChosen ? .bar : .dim)
  } else if let lack = browser.original?.lack {
    title.add(" · no source: \(lack)", isChosen ? .bar : .dim)
  }
  if isChosen { title = title.fitted(to: width, filling: .bar) }
  let pane = [title] + lines.dropFirst(top).prefix(room)
  return pane.map { $0.fitted(to: width) }
    + Array(repeating: StyledLine(), count: height - pane.count)
}

/// Whether the story that both tell has not begun.
private func isBefore(_ counterparts: Counterparts, _ number: Int) -> Bool {
  counterparts.rows.first?.number.map { number < $0 } ?? true
}

/// What CPython did, and below it where.
private func entry(
  _ row: Counterparts.Row, isCurrent: Bool, _ digits: Int, _ width: Int
) -> [StyledLine] {
  let number = padded(row.number.map(String.init) ?? "", digits)
  let what = row.sentence ?? "nothing of the kind"
  let text = clip("\(isCurrent ? "▶" : row.mark.rawValue)\(number)  \(what)", to: width)
  let hit = row.number.map(Hit.step)
  var first = StyledLine(text, isCurrent ? .current : row.mark.style, hit)
  if isCurrent { first = first.fitted(to: width, filling: .current) }
  guard let theirs = row.theirs, !theirs.isNote else { return [first] }
  let place = row.site ?? theirs.whereabouts(width - 6)
  return [first, StyledLine(clip("      \(place)", to: width), .dim, hit)]
}

extension CommonEvent {
  /// Somebody outside did something, or the program has printed a line.
  fileprivate var isNote: Bool { !text.hasPrefix("loop ") && !text.hasPrefix("call ") }

  /// The line, and if there is room the function:
  /// `selector_events.py:712 _sock_accept`.
  func whereabouts(_ width: Int) -> String {
    guard let place, let function else { return "the program itself" }
    let full = "\(place) \(function)"
    if displayWidth(full) <= width { return full }
    return "\(place) \(function.split(separator: ".").last ?? "")"
  }
}
