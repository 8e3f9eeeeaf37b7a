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
    lanes = Lanes(trace, at: position)
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
    case .character("n"): step(to: turns.first { $0 > position } ?? position)
    case .character("p"): step(to: turns.last { $0 < position } ?? position)
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
      lanes = Lanes(trace, at: position)
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
      let there = lanes.marks.filter { $0.lane == lanes.lanes[place].lane }
      let near = there.min { abs($0.step - position) < abs($1.step - position) }
      if let near { return step(to: near.step) }
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
  ].map { $0.replacing(" ", with: "\u{A0}") }
  let legend = wrap(signs.joined(separator: "  "), to: size.columns)
  let grid = Grid(lanes, browser.position, columns: size.columns)
  let head = [bar] + grid.lines(size.rows / 2 - 1)
  let rule = StyledLine(String(repeating: "─", count: size.columns), .dim)
  let room = size.rows - head.count - legend.count - 2
  let words = storyLines(lanes, browser.position, size.columns, room)
  return head + [rule] + words
    + Array(repeating: StyledLine(), count: max(0, room - words.count))
    + legend.map { StyledLine($0, .dim) } + [foot]
}

/// The steps around the present one: where, what, and which step led to it.
private func storyLines(
  _ lanes: Lanes, _ position: Int, _ columns: Int, _ room: Int
) -> [StyledLine] {
  let place = lanes.marks.firstIndex { $0.step == position } ?? 0
  let top = min(max(0, place - room / 2), max(0, lanes.marks.count - room))
  let width = min(14, lanes.lanes.map { displayWidth($0.label) }.max() ?? 0)
  return lanes.marks.dropFirst(top).prefix(room).map { mark in
    let lane = lanes.lanes.first { $0.lane == mark.lane }?.label ?? ""
    var text = mark.step == position ? "▶" : " "
    text += padded("\(mark.step)", 4) + "  \(clip(lane, to: width).padded(to: width))"
    text += " \(mark.sign.rawValue) \(mark.label)"
    for arrow in lanes.arrows where arrow.to == mark.step {
      let word =
        switch arrow.kind {
        case .queues: "queued by"
        case .settles: "settled by"
        case .wakes: "woken by"
        }
      text += "  ← \(word) \(arrow.from)"
    }
    let style: Style = mark.step == position ? .current : .plain
    return StyledLine(clip(text, to: columns), style)
  }
}

/// The run in characters: a cell a step, or as many steps a cell as it takes.
private struct Grid {
  let lanes: Lanes
  let position: Int
  let margin: Int
  /// The marks of each cell; none where a turn begins.
  private var cells: ArraySlice<Range<Int>> = []

  init(_ lanes: Lanes, _ position: Int, columns: Int) {
    self.lanes = lanes
    self.position = position
    margin = min(14, lanes.lanes.map { displayWidth($0.label) }.max() ?? 0) + 1
    let room = columns - margin
    var all: [Range<Int>] = []
    // With more turns than columns even a cell a turn is too much, and one sees a part.
    for size in [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, Int.max] {
      all = Self.cells(lanes.marks, size)
      if all.count <= room { break }
    }
    let present = all.firstIndex { $0.contains(where: isPresent) } ?? 0
    let left = min(max(0, present - room / 2), max(0, all.count - room))
    cells = all.dropFirst(left).prefix(room)
  }

  private static func cells(_ marks: [Lanes.Mark], _ size: Int) -> [Range<Int>] {
    var cells: [Range<Int>] = []
    for place in marks.indices {
      if place == 0 || marks[place].turn != marks[place - 1].turn {
        cells += [place..<place, place..<place + 1]
      } else if cells[cells.count - 1].count < size {
        cells[cells.count - 1] = cells[cells.count - 1].lowerBound..<place + 1
      } else {
        cells.append(place..<place + 1)
      }
    }
    return cells
  }

  private func isPresent(_ place: Int) -> Bool { lanes.marks[place].step == position }

  /// The turns' numbers, an arrow down to the present step, and the lanes.
  func lines(_ room: Int) -> [StyledLine] {
    var heading = "turn".padded(to: margin)
    var pointer = String(repeating: " ", count: margin)
    for cell in cells {
      let width = pointer.count
      if cell.isEmpty, displayWidth(heading) <= width {
        heading = heading.padded(to: width) + "\(lanes.marks[cell.lowerBound].turn) "
      }
      pointer += cell.contains(where: isPresent) ? "▼" : " "
    }
    let present = lanes.lanes.firstIndex {
      $0.lane == lanes.mark(of: position)?.lane
    }
    let fit = max(1, room - 2)
    let top = min(max(0, (present ?? 0) - fit / 2), max(0, lanes.lanes.count - fit))
    return [StyledLine(heading, .dim), StyledLine(pointer, .bold)]
      + lanes.lanes.dropFirst(top).prefix(fit).map(line)
  }

  private func line(_ lane: (lane: Lanes.Lane, label: String)) -> StyledLine {
    var line = StyledLine(
      clip(lane.label, to: margin - 1).padded(to: margin), .heading)
    let partners = lanes.arrows.filter { $0.from == position || $0.to == position }
    let linked = Set(partners.flatMap { [$0.from, $0.to] })
    var life = life(of: lane.lane)
    for cell in cells {
      if cell.isEmpty {
        line.add("│", .dim)
        continue
      }
      let mine = cell.filter { lanes.marks[$0].lane == lane.lane }
      let shown = mine.first(where: isPresent) ?? mine.last
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
          ? .current : linked.contains(mark.step) ? .changed : .plain)
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
  private func life(of lane: Lanes.Lane) -> String {
    let before = lanes.marks.prefix(cells.first?.lowerBound ?? 0)
    guard case .task = lane else { return " " }
    return before.reduce(" ") { $1.lane == lane ? after($1.sign, $0) : $0 }
  }
}
