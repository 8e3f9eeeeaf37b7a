// The screens that are lists: the log, the scenarios.

import Recording
import Scenarios
import Telling

/// All steps, a line each, with the current one marked and the chosen one reversed.
func logScreen(
  _ browser: Browser, _ selected: Int, _ size: ScreenSize
) -> [StyledLine] {
  let bar = StyledLine(
    " \(browser.trace.scenario) · log · enter goes there, l goes back, ? help", .bar
  ).fitted(to: size.columns, filling: .bar)
  let digits = browser.digits
  let heading = StyledLine(
    " \(padded("step", digits)) \(padded("turn", digits))  what happened", .heading)
  let foot = browser.hint.map { [StyledLine($0, .changed)] } ?? []
  let room = size.rows - 2 - foot.count
  let numbers = browser.logged
  let place = numbers.place(of: selected)
  // Only those that are on the screen become lines.
  let rows = window(numbers.lazy.map(ListRow.row), around: place, room) { .note($0) }
  let folds = browser.isFolding ? browser.folds : []
  let lines = rows.map { row in
    let number: Int
    switch row {
    case .note(let note):
      return StyledLine(String(repeating: " ", count: 2 * digits + 4) + note, .dim)
    case .row(let step): number = step
    }
    let telling = browser.tellings[number - 1]
    let fold = folds.first { $0.lowerBound == number }
    let mark = number == browser.position ? "▶" : " "
    // In bold where a turn begins, so that the eye finds the turns in a long list.
    let begins =
      number == 1 || browser.tellings[number - 2].iteration != telling.iteration
    let text =
      mark + padded("\(number)", digits) + " "
      + padded(begins ? "\(telling.iteration)" : "", digits) + "  "
      + (fold.map(browser.sentence) ?? telling.sentence)
    let style: Style =
      number == selected ? .current : fold != nil ? .dim : begins ? .bold : .plain
    return StyledLine(clip(text, to: size.columns), style, .row(number))
  }
  return [bar, heading] + lines
    + Array(repeating: StyledLine(), count: max(0, room - lines.count)) + foot
}

/// A row of a list whose rows become lines only when they are on the screen.
enum ListRow {
  case row(Int)
  case note(String)
}

/// The scenarios, to choose one: those of a chapter below its title.
func scenarioScreen(
  _ browser: Browser, _ selected: Int, _ filter: String, _ size: ScreenSize
) -> [StyledLine] {
  let bar = StyledLine(" walkthrough", .bar).fitted(to: size.columns, filling: .bar)
  let question = "A real event loop, step by step. What do you want to see it do?"
  let head = wrap(question, to: size.columns - 2).map { StyledLine(" " + $0, .bold) }
  let found = browser.choices(filter)
  // The chosen one is told in full below, where there is room for it.
  var foot: [StyledLine] = []
  if found.contains(selected) {
    let scenario = browser.scenarios[selected]
    let more = scenario.title + (scenario.isScripted ? " (scripted kernel)" : "")
    foot = wrap(more, to: size.columns - 2).prefix(2).map { StyledLine(" " + $0) }
  } else {
    foot = [StyledLine(" nothing is called so", .changed)]
  }
  foot.append(StyledLine())
  var keys = StyledLine()
  if let hint = browser.hint {
    keys.add(" " + hint, .changed)
  } else if filter.isEmpty {
    keys.add(
      " ↑ ↓ choose · enter starts · type to search · end: the scars · ? · q", .dim)
  } else {
    keys.add(" search: \(filter)_", .bold)
    keys.add("  \(found.count) found · esc: all", .dim)
  }
  foot.append(keys)

  let width = browser.scenarios.map(\.name.count).max() ?? 0
  var lines: [StyledLine] = []
  var place = 0
  var heading: String?
  for number in found {
    let scenario = browser.scenarios[number]
    if let title = title(scenario), title != heading {
      lines.append(StyledLine(clip(" " + title, to: size.columns), .heading))
      heading = title
    }
    if number == selected { place = lines.count }
    let first = scenario.name == Scenario.suggested ? "begin here: " : ""
    let text = "   \(scenario.name.padded(to: width))  \(first)\(scenario.title)"
    lines.append(
      StyledLine(
        clip(text, to: size.columns), number == selected ? .current : .plain,
        .row(number)))
  }
  let room = size.rows - head.count - foot.count - 3
  // A heading is shown with its first scenario.
  if place == 1 { place = 0 }
  lines = window(lines, around: place, room) { StyledLine("   \($0)", .dim) }
  return [bar] + head + [StyledLine()] + lines
    + Array(repeating: StyledLine(), count: max(0, room - lines.count)) + [StyledLine()]
    + foot
}

/// What stands above a scenario: its chapter.
private func title(_ scenario: Scenario) -> String? {
  guard let title = Scenario.chapterTitles[scenario.chapter] else { return nil }
  let chapter = "\(scenario.chapter). \(title)"
  return scenario.isScar ? "Scars of chapter \(chapter)" : chapter
}

/// As many of the lines as there is room for, with the chosen one in the middle,
/// except at the two ends. Where there are more, a line says so; `above` and `below` are
/// those that are not even here.
func window<Lines: RandomAccessCollection>(
  _ lines: Lines, around place: Int, _ room: Int, above: Int = 0, below more: Int = 0,
  note: (String) -> Lines.Element
) -> [Lines.Element] {
  let top = min(max(0, place - room / 2), max(0, lines.count - room))
  var shown = Array(lines.dropFirst(top).prefix(room))
  let below = lines.count - top - shown.count + more
  // The note takes the place of a line; never of the chosen one.
  if top + above > 0, place > top { shown[0] = note("↑ \(top + above + 1) more") }
  if below > 0, place < top + shown.count - 1 {
    shown[shown.count - 1] = note("↓ \(below + 1) more")
  }
  return shown
}
