// A whole run on one screen. What is in the picture says `Lanes`; here it gets
// characters, and keys.

import Recording
import Telling

extension Browser {
  mutating func openTimeline() {
    guard position > 0 else {
      hint = "nothing has happened yet that one could draw"
      return
    }
    lanes = Lanes(trace, at: position, causes: causes)
    mode = .timeline
  }

  /// The arrows go to the next step, and to the next lane that has one.
  mutating func pressInTimeline(_ key: Key) {
    switch key {
    case .right, .character(" "): step(to: position + 1)
    case .left: step(to: position - 1)
    case .up: changeLane(by: -1)
    case .down: changeLane(by: 1)
    case .home: step(to: 1)
    case .end: step(to: trace.steps.count)
    case .character("n"): step(to: turn(after: position) ?? position)
    case .character("p"): step(to: turn(before: position) ?? position)
    case .character("o"): goToCause()
    case .backspace: goBack()
    case .enter:
      land(on: position)
      mode = .steps
    case .character("?"), .character("h"): openHelp()
    case .escape, .character("t"), .character("q"): mode = .steps
    default:
      hint = "the arrows move, enter shows the step, t goes back, ? shows all keys"
    }
    // Each part of a run is a picture of its own, and a live run grows.
    if mode == .timeline, lanes?.mark(of: position) == nil {
      lanes = Lanes(trace, at: position, causes: causes)
    }
  }

  private mutating func step(to number: Int) {
    if !(1...max(1, trace.steps.count) ~= number) {
      hint = number < 1 ? "this is the first step" : "this was the last step"
    }
    _ = move(to: number)
  }

  private mutating func changeLane(by offset: Int) {
    guard let lanes, let mark = lanes.mark(of: position),
      var place = lanes.lanes.firstIndex(where: { $0.lane == mark.lane })
    else { return }
    place += offset
    while lanes.lanes.indices.contains(place) {
      let there = lanes.places(in: lanes.lanes[place].lane)
      let next = there.firstIndex(from: position - lanes.marks[0].step)
      let near = there[max(0, next - 1)..<min(there.count, next + 1)]
        .map { lanes.marks[$0].step }
        .min { abs($0 - position) < abs($1 - position) }
      if let near { return step(to: near) }
      place += offset
    }
    hint = "there is no lane \(offset < 0 ? "above" : "below") with a step in it"
  }
}

/// The picture: above the run, below the steps around the present one, in words.
func timelineScreen(_ browser: Browser, _ size: ScreenSize) -> [StyledLine] {
  guard let lanes = browser.lanes, lanes.mark(of: browser.position) != nil else {
    return []
  }
  let part = browser.part.map { " · \($0)" } ?? ""
  let bar = StyledLine(
    " \(browser.trace.scenario)\(part) · all of it · step \(browser.position)", .bar
  ).fitted(to: size.columns, filling: .bar)
  let keys = "→ ← step  ↑ ↓ lane  n p turn  o why  enter shows the step  t back"
  let foot = browser.hint.map { StyledLine($0, .changed) } ?? StyledLine(keys, .dim)
  // A sign and its word stay on one line: between them is a space that does not break.
  let signs = [
    "+ made", "> runs", "< returns", "q queued", ". waits", "= settled", "x cancelled",
    "? asks", "! reports", "c call", "e refused", "w world",
    "- else",
  ].map { $0.replacing(" ", with: "\u{A0}") }
  let legend = wrap(signs.joined(separator: "  "), to: size.columns)
  let grid = Grid(lanes, browser.position, columns: size.columns)
  let head = [bar] + grid.lines(size.rows / 2 - 1)
  let rule = StyledLine(String(repeating: "─", count: size.columns), .dim)
  let room = size.rows - head.count - legend.count - 2
  let words = storyLines(lanes, browser, size.columns, room)
  return head + [rule] + words
    + Array(repeating: StyledLine(), count: max(0, room - words.count))
    + legend.map { StyledLine($0, .dim) } + [foot]
}

/// The steps around the present one: where, what, and which step led to it.
private func storyLines(
  _ lanes: Lanes, _ browser: Browser, _ columns: Int, _ room: Int
) -> [StyledLine] {
  let position = browser.position
  let place = position - lanes.marks[0].step
  let top = min(max(0, place - room / 2), max(0, lanes.marks.count - room))
  let width = labelWidth(lanes)
  return lanes.marks.dropFirst(top).prefix(room).map { mark in
    let lane = lanes.lanes.first { $0.lane == mark.lane }?.label ?? ""
    var text = mark.step == position ? "▶" : " "
    text +=
      padded("\(mark.step)", browser.digits)
      + "  \(clip(lane, to: width).padded(to: width))"
    text += " \(mark.sign.rawValue) \(mark.label)"
    if let arrow = lanes.arrow(to: mark.step) {
      let word =
        switch arrow.kind {
        case .queues: "queued by"
        case .settles: "settled by"
        case .wakes: "woken by"
        }
      text += "  ← \(word) \(arrow.from)"
    }
    let style: Style = mark.step == position ? .current : .plain
    return StyledLine(clip(text, to: columns), style, .step(mark.step))
  }
}

/// How wide the lanes' names are, within reason.
private func labelWidth(_ lanes: Lanes) -> Int {
  var width = 0
  for (_, label) in lanes.lanes where width < 14 {
    width = max(width, displayWidth(label))
  }
  return min(14, width)
}

/// The run in characters: a cell a step, or as many steps a cell as it takes.
private struct Grid {
  let lanes: Lanes
  let position: Int
  let margin: Int
  /// The present step's place among the marks.
  private let present: Int
  /// The marks of each cell; none where a turn begins.
  private var cells: ArraySlice<Range<Int>> = []

  init(_ lanes: Lanes, _ position: Int, columns: Int) {
    self.lanes = lanes
    self.position = position
    margin = labelWidth(lanes) + 1
    let room = columns - margin
    let ends = lanes.turns.dropFirst() + [lanes.marks.count]
    let turns = zip(lanes.turns, ends).map { $0..<$1 }
    // With more turns than columns even a cell a turn is too much, and one sees a part.
    let size =
      [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64].first { size in
        turns.reduce(0) { $0 + 1 + ($1.count + size - 1) / size } <= room
      } ?? lanes.marks.count
    present = position - lanes.marks[0].step
    // A turn has a cell at least and one before it: of more turns than these none is seen.
    let turn = turns.partitioned { $0.upperBound > present }
    var all: [Range<Int>] = []
    for turn in turns[max(0, turn - room)..<min(turns.count, turn + room)] {
      all.append(turn.lowerBound..<turn.lowerBound)
      for place in stride(from: turn.lowerBound, to: turn.upperBound, by: size) {
        all.append(place..<min(turn.upperBound, place + size))
      }
    }
    let cell = all.firstIndex { $0.contains(present) } ?? 0
    let left = min(max(0, cell - room / 2), max(0, all.count - room))
    cells = all.dropFirst(left).prefix(room)
  }

  /// The turns' numbers, an arrow down to the present step, and the lanes.
  func lines(_ room: Int) -> [StyledLine] {
    var heading = "turn".padded(to: margin)
    var pointer = String(repeating: " ", count: margin)
    for cell in cells {
      let width = pointer.count
      if cell.isEmpty, displayWidth(heading) <= width {
        heading = heading.padded(to: width) + "\(lanes.marks[cell.lowerBound].turn) "
      }
      pointer += cell.contains(present) ? "▼" : " "
    }
    let lane = lanes.lanes.firstIndex { $0.lane == lanes.marks[present].lane }
    let fit = max(1, room - 2)
    let top = min(max(0, (lane ?? 0) - fit / 2), max(0, lanes.lanes.count - fit))
    return [StyledLine(heading, .dim), StyledLine(pointer, .bold)]
      + lanes.lanes.dropFirst(top).prefix(fit).map(line)
  }

  private func line(_ lane: (lane: Lanes.Lane, label: String)) -> StyledLine {
    var line = StyledLine(
      clip(lane.label, to: margin - 1).padded(to: margin), .heading)
    let linked = Set([position] + lanes.partners(of: position))
    let places = lanes.places(in: lane.lane)
    var life = life(of: lane.lane, places)
    for cell in cells {
      if cell.isEmpty {
        line.add("│", .dim)
        continue
      }
      let end = places.firstIndex(from: cell.upperBound)
      let mine = places[places.firstIndex(from: cell.lowerBound)..<end]
      let shown = mine.first { $0 == present } ?? mine.last
      if case .task = lane.lane {
        for place in mine { life = after(lanes.marks[place].sign, life) }
      }
      guard let shown else {
        line.add(life, .dim)
        continue
      }
      let mark = lanes.marks[shown]
      line.add(
        mark.sign.rawValue,
        mark.step == position
          ? .current : linked.contains(mark.step) ? .changed : .plain,
        .step(mark.step))
    }
    return line
  }

  /// What a task does between its marks: nothing yet, wait, run, nothing any more.
  private func after(_ sign: Lanes.Sign, _ life: String) -> String {
    switch sign {
    case .made, .waits: "·"
    case .runs: "─"
    case .settled: " "
    default: life
    }
  }

  /// The same at the left end of what one sees.
  private func life(of lane: Lanes.Lane, _ places: [Int]) -> String {
    guard case .task = lane else { return " " }
    let before = places[..<places.firstIndex(from: cells.first?.lowerBound ?? 0)]
    for place in before.reversed() {
      let life = after(lanes.marks[place].sign, "")
      if life != "" { return life }
    }
    return " "
  }
}
