// What if, on the screen: the answers to choose from, and the old course beside the new
// one. It knows courses; not how one is run.

import Comparison
package import Recording
package import Scenarios
package import Telling

extension Browser {
  /// - Parameters:
  ///   - course: what to step through. With something otherwise in it, the reader
  ///     begins where it parts from the one before.
  ///   - tree: where CPython's recording of the scenario is.
  ///   - scenarios: those one can choose from.
  ///   - changes: what is otherwise in it.
  ///   - old: how it went before.
  package init(
    _ course: Course, _ tree: SourceTree, scenarios: [Scenario],
    changes: [WhatIf] = [], beside old: Trace? = nil
  ) {
    self.init(
      course.trace, Counterparts(course.common, tree), lack: tree.lackOfRecordings,
      scenarios: scenarios)
    self.tree = tree
    stand(in: course, changes, beside: old)
    hint = course.failure.map { "this ends before its end: \($0)" }
  }

  /// What could have been otherwise at this step.
  var possible: [WhatIf] { course?.possible(at: position) ?? [] }

  /// The old course stands at the right: here it is another.
  var showsOldCourse: Bool {
    guard showsCPython, old != nil, let fork = course?.fork else { return false }
    return position >= fork
  }
}

/// What could have been otherwise at this step, to choose one.
func whatIfScreen(
  _ browser: Browser, _ selected: Int, _ size: ScreenSize
) -> [StyledLine] {
  let bar = StyledLine(" \(browser.trace.scenario) · what if?", .bar)
    .fitted(to: size.columns, filling: .bar)
  let sentence = browser.tellings[browser.position - 1].sentence
  let head = wrap("\(browser.position) \(sentence)", to: size.columns)
    .map { StyledLine($0, .bold) }
  let question = StyledLine("What if, here, it were this?")
  let lines = browser.possible.enumerated().map { place, whatIf in
    let text = "\(whatIf.otherwise)".padded(to: 15) + whatIf.words
    return StyledLine(
      clip("  " + text, to: size.columns), place == selected ? .current : .plain,
      .row(place))
  }
  let foot = StyledLine(
    browser.hint ?? "↑ ↓ choose · enter runs it again, so · w goes back",
    browser.hint == nil ? .dim : .changed)
  let top = [bar] + head + [StyledLine(), question]
  let room = max(0, size.rows - top.count - 1)
  let shown = Array(lines.dropFirst(max(0, selected - room + 1)).prefix(room))
  return top + shown
    + Array(repeating: StyledLine(), count: max(0, room - shown.count)) + [foot]
}

/// The right side: how it went before. A row with a number is a step of now as well;
/// `+` is one that only the old course has, `-` one that only this one has.
func oldCoursePane(
  _ browser: Browser, _ old: Trace, width: Int, height: Int
) -> [StyledLine] {
  let before = old.tellings.map(\.sentence)
  let now = browser.tellings.map(\.sentence)
  var lines = [StyledLine("The course before", .heading)]
  var current = 0
  func add(_ mark: String, _ number: Int?, _ what: String, _ style: Style) {
    let isCurrent = number == browser.position
    if isCurrent { current = lines.count }
    let text = (isCurrent ? "▶" : mark) + padded(number.map(String.init) ?? "", 3)
    let line = StyledLine(
      clip("\(text)  \(what)", to: width), isCurrent ? .current : style,
      number.map(Hit.step))
    lines.append(isCurrent ? line.fitted(to: width, filling: .current) : line)
  }
  for (i, j) in pairs(before, now) {
    if let i {
      add(j == nil ? "+" : " ", j.map { $0 + 1 }, before[i], j == nil ? .added : .plain)
    } else if let j {
      add("-", j + 1, "nothing of the kind", .removed)
    }
  }
  let room = height - 1
  let top = min(max(1, current - room / 2), max(1, lines.count - room))
  let pane = lines.prefix(1) + lines.dropFirst(top).prefix(room)
  return pane.map { $0.fitted(to: width) }
    + Array(repeating: StyledLine(), count: height - pane.count)
}
