// The screens that are lists: the log, the scenarios, the keys.

import Recording
import Scenarios
import Telling

/// All steps, a line each, with the current one marked and the chosen one reversed.
func logScreen(
  _ browser: Browser, _ selected: Int, _ size: ScreenSize
) -> [StyledLine] {
  let bar = StyledLine(
    " \(browser.trace.scenario) · log · enter goes there, l goes back", .bar
  ).fitted(to: size.columns, filling: .bar)
  let lines = browser.tellings.map { telling in
    let number = telling.step.number
    let mark = number == browser.position ? "▶" : " "
    // In bold where a turn begins, so that the eye finds the turns in a long list.
    let begins =
      number == 1 || browser.tellings[number - 2].iteration != telling.iteration
    let text =
      mark + padded("\(number)", 4) + padded(begins ? "\(telling.iteration)" : "", 4)
      + "  " + telling.sentence
    let style: Style = number == selected ? .current : begins ? .bold : .plain
    return StyledLine(clip(text, to: size.columns), style)
  }
  let heading = StyledLine(" step turn  what happened", .heading)
  let foot = browser.hint.map { [StyledLine($0, .changed)] } ?? []
  let room = size.rows - 2 - foot.count
  let shown = window(lines, around: selected - 1, room)
  return [bar, heading] + shown
    + Array(repeating: StyledLine(), count: room - shown.count) + foot
}

/// The scenarios, to choose one.
func scenarioScreen(
  _ browser: Browser, _ selected: Int, _ size: ScreenSize
) -> [StyledLine] {
  let bar = StyledLine(" walkthrough", .bar).fitted(to: size.columns, filling: .bar)
  let question = "A real event loop, step by step. What do you want to see it do?"
  let head = wrap(question, to: size.columns - 2).map { StyledLine(" " + $0, .bold) }
  // The chosen one is told in full below, where there is room for it.
  let scenario = browser.scenarios[selected]
  let more = scenario.title + (scenario.isScripted ? " (scripted kernel)" : "")
  var foot = wrap(more, to: size.columns - 2).map { StyledLine(" " + $0) }
  foot = Array(foot.prefix(2)) + [StyledLine()]
  foot.append(
    StyledLine(
      " " + (browser.hint ?? "↑ ↓ choose · enter starts · end: the scars · q quits"),
      browser.hint == nil ? .dim : .changed))

  let width = browser.scenarios.map(\.name.count).max() ?? 0
  let lines = browser.scenarios.enumerated().map { place, scenario in
    let digit = place < 9 ? "\(place + 1)" : ""  // what can be typed
    let text =
      " \(padded(digit, 2))  \(scenario.name.padded(to: width))  "
      + scenario.title
    return StyledLine(
      clip(text, to: size.columns), place == selected ? .current : .plain)
  }
  let room = size.rows - head.count - foot.count - 3
  return [bar] + head + [StyledLine()] + window(lines, around: selected, room)
    + [StyledLine()] + foot
}

/// As many of the lines as there is room for, with the chosen one in the middle,
/// except at the two ends.
private func window(_ lines: [StyledLine], around place: Int, _ room: Int)
  -> [StyledLine]
{
  let top = min(max(0, place - room / 2), max(0, lines.count - room))
  return Array(lines.dropFirst(top).prefix(room))
}

/// The keys.
func helpScreen() -> [StyledLine] {
  let keys = [
    ("→  space  enter", "next step"),
    ("←", "back one step"),
    ("n  p", "next turn of the loop, previous turn"),
    ("home  end", "first step, last step"),
    ("g", "go to a step by its number"),
    ("/  N", "find on the screen; / and enter: the next, N: the last"),
    ("o  backspace", "to what led to this step, or to the chosen line; back"),
    ("f", "follow what this step is about, or the chosen; again: list"),
    ("e a r", "next end of a callback, system call, change of the queue"),
    ("E A R", "... and back (with a live loop, E and R are the client's)"),
    ("t", "the whole run as a picture, turn by turn"),
    ("b", "the chapter that tells of this line"),
    ("y", "the address of this step, to come back to it"),
    ("l", "log: all steps in a list"),
    ("c", "CPython's steps, or the machine again"),
    ("s", "other scenarios"),
    ("q  Ctrl-C", "quit"),
  ]
  let marks = [
    "On the right, + marks what this step brought, ~ what it",
    "changed, and - what it took away.",
    "In the selector's and the futures' lines, an arrow points to",
    "the callback that will be queued.",
    "Beside CPython, + is a step that only CPython has, - one that",
    "only we have, ~ one that differs; the reason stands below.",
  ]
  return [StyledLine(" Keys", .heading), StyledLine()]
    + keys.map { key, what in
      var line = StyledLine(
        "  " + key + String(repeating: " ", count: 17 - key.count), .bold)
      line.add(what)
      return line
    } + [StyledLine()] + marks.map { StyledLine("  " + $0) }
    + [StyledLine("  Any key goes back.", .dim)]
}
