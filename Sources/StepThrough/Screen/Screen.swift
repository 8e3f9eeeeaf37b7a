// Screen: the picture, and what the keys do to it. It knows all below but the scars,
// and no terminal: keys go in, lines come out.

import Comparison
import Recording
import Scenarios
package import Telling

/// The size of a terminal, in characters.
package struct ScreenSize: Sendable, Equatable {
  package let columns: Int
  package let rows: Int
  /// - Parameters:
  ///   - columns: how many characters a line has.
  ///   - rows: how many lines there are.
  package init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }
}

/// The whole picture.
///
/// - Returns: exactly as many lines as the screen has, each exactly as wide.
package func screen(
  _ browser: Browser, _ tree: SourceTree, _ size: ScreenSize
) -> [StyledLine] {
  var lines: [StyledLine]
  if size.columns < 60 || size.rows < 16 {
    lines = wrap(
      "This terminal is too small: make it at least 60x16.", to: size.columns
    )
    .map { StyledLine($0) }
  } else {
    lines =
      switch browser.mode {
      case .help: helpScreen()
      case .log(let selected): logScreen(browser, selected, size)
      case .scenarios(let selected): scenarioScreen(browser, selected, size)
      case .stations(let selected): stationScreen(browser, selected, tree, size)
      case .chapter(let place, let top): chapterScreen(browser, place, top, tree, size)
      case .timeline: timelineScreen(browser, size)
      case .steps, .question: stepScreen(browser, tree, size)
      }
  }
  // No line too many, none too few, so that nothing of the last picture is left.
  lines = Array(lines.prefix(size.rows))
  lines += Array(repeating: StyledLine(), count: size.rows - lines.count)
  return lines.map { $0.fitted(to: size.columns) }
}

/// The picture in which one steps: source, machine, and what just happened.
private func stepScreen(
  _ browser: Browser, _ tree: SourceTree, _ size: ScreenSize
) -> [StyledLine] {
  let width = size.columns
  let bar = titleBar(browser, width)
  guard browser.position > 0 else {
    return [bar, StyledLine(), bottomLine(browser, width)]
  }
  // From below: what happened takes the room that it needs, and the two panes share the
  // rest. So the sentence, which is why one looks, is never cut by the machine.
  let telling = browser.tellings[browser.position - 1]
  let bottom = happening(browser, telling, tree, size)
  let height = size.rows - 1 - bottom.count
  // Two columns of text side by side want the same room, a list of facts less.
  let machineWidth = min(max(24, browser.showsCPython ? width / 2 : width * 2 / 5), 60)
  let sourceWidth = width - machineWidth - 2

  let source = sourcePane(tree, telling.step, width: sourceWidth, height: height)
  let machine = rightPane(browser, width: machineWidth, height: height)
  let panes = zip(source, machine).map { left, right in
    var line = left.fitted(to: sourceWidth)
    line.add("│ ", .dim)
    line.add(right)
    return line
  }
  return [bar] + panes + bottom
}

private func rightPane(_ browser: Browser, width: Int, height: Int) -> [StyledLine] {
  if browser.showsCPython, let counterparts = browser.counterparts {
    return asyncioPane(counterparts, browser.position, width: width, height: height)
  }
  // Two states, the one before the step and the one after it. What the step did is what
  // is different about them.
  return machinePane(
    browser.trace.state(after: browser.position - 1),
    browser.trace.state(after: browser.position), width: width, height: height)
}

private func titleBar(_ browser: Browser, _ width: Int) -> StyledLine {
  let count = browser.isLive ? "" : " of \(browser.trace.steps.count)"
  let kernel =
    browser.scenarios.first { $0.name == browser.trace.scenario }?.isScripted == true
    ? " (scripted kernel)" : ""
  let part = browser.trace.part(at: browser.position).map { " · \($0)" } ?? ""
  let left =
    " \(browser.trace.scenario)\(kernel)\(part) · step \(browser.position)\(count)"
  let right = "? help · q quit "
  let room = width - displayWidth(left) - displayWidth(right)
  let line = StyledLine(
    left + String(repeating: " ", count: max(1, room)) + right, .bar)
  return line.fitted(to: width, filling: .bar)
}

/// The part below: the sentence, the system call, the counterpart in asyncio.
private func happening(
  _ browser: Browser, _ telling: Telling, _ tree: SourceTree, _ size: ScreenSize
) -> [StyledLine] {
  let width = size.columns
  // Always the same number of lines, or the panes above would jump.
  let room = 2
  let number = "\(telling.step.number) "
  var sentence = wrap(number + telling.sentence, to: width, indent: number.count)
  if sentence.count > room {
    sentence = Array(sentence.prefix(room))
    sentence[room - 1] = clip(sentence[room - 1] + " …", to: width)
  }
  sentence += Array(repeating: "", count: room - sentence.count)

  var lines = [StyledLine(String(repeating: "─", count: width), .dim)]
  lines += sentence.map { StyledLine($0, .bold) }
  lines.append(lastCall(browser.trace.steps.prefix(browser.position)))
  var counterpart = StyledLine("asyncio  ", .dim)
  counterpart.add(
    place(in: browser.counterparts, telling.step)
      ?? tree.asyncioCounterpart(telling.step.file, telling.step.line)
      ?? (tree.path(telling.step.file).hasPrefix("Sources/StepThrough/")
        ? "nothing: this line is the demo program's own"
        : tree.lack(of: telling.step.file)
          ?? "nothing of the kind: only Swift needs this"))
  lines.append(counterpart)
  lines.append(bottomLine(browser, width))
  return lines
}

/// Where CPython was when it did the same: `Task.cancel (tasks.py:177)`.
private func place(in counterparts: Counterparts?, _ step: Step) -> String? {
  guard let counterparts, let place = counterparts.row(of: step.number) else {
    return nil
  }
  let row = counterparts.rows[place]
  if let function = row.theirs?.function, let place = row.theirs?.place {
    return "\(function) (\(place))"
  }
  return row.theirs == nil ? "nothing of the kind; c says why" : nil
}

/// The system call of this step; if it is none, faintly, the last one before it.
private func lastCall(_ steps: ArraySlice<Step>) -> StyledLine {
  var line = StyledLine("kernel   ", .dim)
  for step in steps.reversed() {
    guard case .call(let call, let answer) = step.event else { continue }
    let isThis = step.number == steps.last?.number
    let words = "\(text(call, step)) → \(fullText(answer, call, step))"
    line.add(isThis ? words : "before: \(words)", isThis ? .changed : .dim)
    return line
  }
  line.add("no system call yet", .dim)
  return line
}

/// The keys, or what the reader is typing, or a word to the reader.
private func bottomLine(_ browser: Browser, _ width: Int) -> StyledLine {
  switch browser.mode {
  case .question(.goTo, let typed): return StyledLine("go to step: \(typed)_", .bold)
  case .question(.find, let typed): return StyledLine("find: \(typed)_", .bold)
  default: break
  }
  if let hint = browser.hint { return StyledLine(hint, .changed) }
  if let status = browser.followingStatus { return StyledLine(status, .changed) }
  if let status = browser.liveStatus { return StyledLine(status, .changed) }
  let keys =
    width < 80
    ? "→ next  ← back  n turn  l log  / find  ? help  q quit"
    : "→ next  ← back  n next turn  g go to  / find  l log  c CPython  ? help  q quit"
  return StyledLine(keys, .dim)
}
