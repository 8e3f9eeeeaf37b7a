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
      case .help(let under): helpScreen(browser, under, size)
      case .log(let selected): logScreen(browser, selected, size)
      case .scenarios(let selected, let filter):
        scenarioScreen(browser, selected, filter, size)
      case .whatIf(let selected): whatIfScreen(browser, selected, size)
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
  // From below: what happened takes the room that it needs, and the panes share the
  // rest. So the sentence, which is why one looks, is never cut by the machine.
  let telling = browser.tellings[browser.position - 1]
  let bottom =
    browser.isZoomed
    ? [bottomLine(browser, width)]
    : browser.question.map {
      questionLines(browser, $0, size) + [bottomLine(browser, width)]
    } ?? happening(browser, telling, tree, width)
  let layout = Layout(browser, size)
  let height = layout.rows.count
  let columns = layout.columns.map { column in
    switch column.pane {
    case .source:
      sourcePane(
        tree, telling.step, width: column.width, height: height,
        offset: browser.scrolled[.source, default: 0],
        isChosen: browser.focus == .source)
    case .machine:
      machinePane(browser, width: column.width, height: height)
    case .cpython:
      if browser.showsOldCourse, let old = browser.old {
        oldCoursePane(browser, old, width: column.width, height: height)
      } else {
        browser.counterparts.map {
          asyncioPane(browser, $0, width: column.width, height: height)
        } ?? Array(repeating: StyledLine(), count: height)
      }
    }
  }
  let panes = (0..<height).map { row in
    var line = StyledLine()
    for (place, column) in layout.columns.enumerated() {
      if place > 0 { line.add(Layout.border, .dim) }
      line.add(columns[place][row].fitted(to: column.width))
    }
    return line
  }
  return [bar] + panes + bottom
}

/// What is being looked at, and what it shows, as far as there is room.
private func titleBar(_ browser: Browser, _ width: Int) -> StyledLine {
  // A running loop has no last step; but there may be some that one has not seen.
  let all = browser.trace.steps.count
  let count = browser.isLive && browser.position == all ? "" : " of \(all)"
  let scenario = browser.scenario
  let kernel = scenario?.isScripted == true ? " (scripted kernel)" : ""
  let part = browser.part.map { " · \($0)" } ?? ""
  let left =
    " \(browser.trace.scenario)\(kernel)\(part) · step \(browser.position)\(count)"
  let right = " ? help · q quit "
  var room = width - displayWidth(left) - displayWidth(right)
  var middle = ""
  if let title = scenario?.title ?? browser.title, room > 20 {
    let outcomes = browser.outcomes.map { " · old: \($0.old) · today: \($0.today)" }
    middle = clip(" · \(title)\(outcomes ?? "")", to: room)
    room -= displayWidth(middle)
  }
  let line = StyledLine(
    left + middle + String(repeating: " ", count: max(0, room)) + right, .bar)
  return line.fitted(to: width, filling: .bar)
}

/// The part below: the sentence, the system call, the counterpart in asyncio.
private func happening(
  _ browser: Browser, _ telling: Telling, _ tree: SourceTree, _ width: Int
) -> [StyledLine] {
  // Always the same number of lines, or the panes above would jump.
  let room = 2
  let number = "\(telling.step.number) "
  let text = browser.fold.map(browser.sentence) ?? telling.sentence
  var sentence = wrap(number + text, to: width, indent: number.count)
  if sentence.count > room {
    sentence = Array(sentence.prefix(room))
    sentence[room - 1] = clip(sentence[room - 1] + " …", to: width)
  }
  sentence += Array(repeating: "", count: room - sentence.count)

  var lines = [strip(browser, width)]
  lines += sentence.map { StyledLine($0, .bold) }
  if case .part = telling.step.event, let outcomes = browser.outcomes {
    // Nothing was asked of a kernel yet. It is the place to say what it is all about.
    lines.append(labelled("old      ", outcomes.old))
    lines.append(labelled("today    ", outcomes.today))
  } else {
    lines.append(lastCall(browser.trace.steps.prefix(browser.lastShown)))
    lines.append(
      labelled(
        "asyncio  ",
        place(in: browser.counterparts, telling.step)
          ?? asyncioName(telling.step, tree)
          ?? (tree.path(telling.step.file).hasPrefix("Sources/StepThrough/")
            ? "nothing: this line is the demo program's own"
            : (tree.isOfProgram(telling.step.file)
              || telling.step.file.hasSuffix(".py"))
              ? "nothing: this line is the program's own"
              : tree.lack(of: telling.step.file)
                ?? "nothing of the kind: only Swift needs this")))
  }
  lines.append(bottomLine(browser, width))
  return lines
}

/// What asyncio calls the function of a step, and, if the step is one of asyncio's own,
/// where that is.
private func asyncioName(_ step: Step, _ tree: SourceTree) -> String? {
  guard let name = tree.asyncioCounterpart(step.file, step.line) else { return nil }
  let isTheirs = step.file.hasPrefix("asyncio/")
  return isTheirs ? "\(name) (\(step.file.dropFirst(8)):\(step.line))" : name
}

private func labelled(_ label: String, _ text: some StringProtocol) -> StyledLine {
  var line = StyledLine(label, .dim)
  line.add(String(text))
  return line
}

/// Where CPython was when it did the same: `Task.cancel (tasks.py:177)`.
private func place(in counterparts: Counterparts?, _ step: Step) -> String? {
  guard let counterparts, counterparts.isOfCPython,
    let place = counterparts.row(of: step.number)
  else { return nil }
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
  case .question(.line, let typed):
    return StyledLine("client \(browser.client ?? 0) sends the line: \(typed)_", .bold)
  default: break
  }
  if let hint = browser.hint { return StyledLine(hint, .changed) }
  if let status = browser.followingStatus { return StyledLine(status, .changed) }
  if let status = browser.liveStatus { return StyledLine(status, .changed) }
  let isAtEnd = browser.lastShown == browser.trace.steps.count && !browser.isLive
  if isAtEnd, browser.focus == nil, let next = browser.whatNext {
    return StyledLine(next, .changed)
  }
  // As many as there is room for; how to find the others, and the way out, always.
  var keys = keys(browser)
  let always = "  ? help  q quit"
  while displayWidth(keys.joined(separator: "  ") + always) > width {
    keys.removeLast()
  }
  return StyledLine(keys.joined(separator: "  ") + always, .dim)
}

/// The keys that work, the most important first.
private func keys(_ browser: Browser) -> [String] {
  if let focus = browser.focus {
    return [
      focus == .machine ? "↑ ↓ choose" : "↑ ↓ PgUp PgDn scroll",
      browser.isZoomed ? "z back" : "z whole screen", "Tab next pane", "esc leave",
    ] + (focus == .machine ? ["o why"] : []) + ["→ next step"]
  }
  if browser.prediction != nil {
    return
      (browser.question == nil
      ? ["→ next", "← back"] : ["1 2 3 answer", ". show", "← back"])
      + ["n next question", "P end", "Tab panes"]
  }
  if browser.isLive {
    let client = browser.client == nil ? [] : ["W write", "E end", "R reset"]
    return ["→ next", "n turn", "C connect"] + client + [
      "← back", "Tab panes", "l log",
    ]
  }
  var keys = ["→ next", "← back", "n turn"]
  if browser.outcomes != nil { keys.append("d where they part") }
  keys += ["Tab panes", "/ find", "l log"]
  if browser.counterparts != nil { keys.append("c CPython") }
  keys += ["o why", "t all", "b book"]
  if browser.course != nil { keys.append("w what if") }
  return keys + ["g go to", "z zoom"] + (browser.scenarios.isEmpty ? [] : ["s others"])
}
