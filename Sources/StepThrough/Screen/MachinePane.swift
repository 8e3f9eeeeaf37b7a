// The machine's pane. It knows sections and items, and no futures and no sockets: those
// became words in `MachineSections.swift`. What a step changed it finds by comparing.

import Recording
import Telling

/// A line of the pane, and what can be chosen there.
struct MachineRow {
  let line: StyledLine
  var item: (section: String, id: String)?
}

/// The machine after a step, with what the step changed marked: `+` for what came, `~`
/// for what changed, `-` for what went.
///
/// When the reader is in the pane, everything is there, and what they have chosen is in
/// the middle. Otherwise all that is there is on the screen, as far as there is room.
///
/// - Returns: exactly `height` lines, none wider than `width`.
func machineRows(_ browser: Browser, width: Int, height: Int) -> [MachineRow] {
  let (before, after) = (browser.before, browser.after)
  let isChosen = browser.focus == .machine
  // A section may be new in this step; none ever goes.
  let old = before.sections
  var blocks = after.sections.map { section in
    Block(
      old.first { $0.title == section.title }
        ?? MachineSection(title: section.title, items: []), section)
  }
  let isNewTurn = before.iteration != after.iteration || before.phase != after.phase
  var title = after.iteration == 0 ? "Before the loop" : "Turn \(after.iteration)"
  if after.phase != .outside { title += " \(after.activity)" }
  let isSame = !isNewTurn && blocks.allSatisfy(\.isSame)
  let remark = isSame ? " · nothing changed" : ""
  title = clip(title, to: max(0, width - displayWidth(remark)))
  let style: Style = isChosen ? .bar : isNewTurn ? .changed : .heading
  var head = StyledLine(title, style)
  head.add(remark, isChosen ? .bar : .dim)
  if isChosen { head = head.fitted(to: width, filling: .bar) }

  let room = height - 1
  var rows: [MachineRow]
  if isChosen {
    rows = blocks.flatMap { $0.rows(width, chosen: browser.selected) }
    let place =
      rows.firstIndex { row in
        row.item.map { item in browser.selected.map { $0 == item } ?? false } ?? false
      } ?? 0
    rows = window(rows, around: place, room) {
      MachineRow(line: StyledLine("  \($0)", .dim))
    }
  } else {
    shorten(&blocks, to: room, width)
    rows = Array(blocks.flatMap { $0.rows(width) }.prefix(room))
  }
  rows = [MachineRow(line: head)] + rows
  return rows.map { MachineRow(line: $0.line.fitted(to: width), item: $0.item) }
    + Array(
      repeating: MachineRow(line: StyledLine()), count: max(0, height - rows.count))
}

/// Everything, if there is room. Otherwise less and less, the dullest first, and of two
/// that are as dull the lower one: what stands above (the queue, the selector) is what
/// most of the story is about. What this step has changed goes last, and what was printed
/// after all the rest: for that the program was written.
private func shorten(_ blocks: inout [Block], to room: Int, _ width: Int) {
  var excess = blocks.reduce(0) { $0 + $1.rows(width).count } - room
  let order = blocks.indices.sorted {
    (blocks[$0].isPrinted ? 1 : 0, -$0) < (blocks[$1].isPrinted ? 1 : 0, -$1)
  }
  for measure in Block.Measure.allCases {
    for place in order where excess > 0 {
      excess -= blocks[place].shorten(by: measure, excess, width)
    }
  }
}

/// A section with what has become of each of its items.
private struct Block {
  let title: String
  let order: String?
  var entries: [Entry] = []
  var hiddenCount = 0
  var isGoneWhenEmpty = false

  struct Entry {
    let item: MachineSection.Item
    let mark: MachineSection.Mark
    /// It may take more than one line.
    var isFolded = true
    var isHidden = false
  }
  init(_ before: MachineSection, _ after: MachineSection) {
    (title, order) = (after.title, after.order)
    entries = MachineSection.changes(from: before.items, to: after.items).map {
      Entry(item: $0.item, mark: $0.mark)
    }
  }

  var isSame: Bool { entries.allSatisfy { $0.mark == .same } }
  var isPrinted: Bool { title == MachineSection.printed }

  /// What can be done to need less room, the least painful first.
  enum Measure: CaseIterable {
    case dropHeading, hideQuiet, unfoldSame, unfoldChanged, hideSame, hideAny

    func applies(to entry: Entry) -> Bool {
      switch self {
      case .dropHeading: false
      case .hideQuiet: entry.item.isQuiet && entry.mark == .same
      case .unfoldSame: entry.isFolded && entry.mark == .same
      case .unfoldChanged: entry.isFolded
      case .hideSame: entry.mark == .same
      case .hideAny: true
      }
    }
  }

  /// Takes a measure as often as it is needed and there is something to take it on.
  ///
  /// - Returns: how many lines that has saved.
  mutating func shorten(by measure: Measure, _ excess: Int, _ width: Int) -> Int {
    if measure == .dropHeading {
      defer { isGoneWhenEmpty = true }
      return entries.isEmpty && !isGoneWhenEmpty ? 1 : 0
    }
    var saved = 0
    // Of what was printed the last line stays longest, of all else the first.
    let places = Array(entries.indices)
    let order = isPrinted ? Array(places.dropLast()) : places.reversed()
    for place in order where saved < excess && measure.applies(to: entries[place]) {
      let height = lines(entries[place], width).count
      if measure == .unfoldSame || measure == .unfoldChanged {
        entries[place].isFolded = false
        saved += height - 1
      } else {
        entries[place].isHidden = true
        saved += height
      }
    }
    let count = entries.count
    entries.removeAll(where: \.isHidden)
    hiddenCount += count - entries.count
    return saved
  }

  func rows(
    _ width: Int, chosen: (section: String, id: String)? = nil
  ) -> [MachineRow] {
    if entries.isEmpty && hiddenCount == 0 && isGoneWhenEmpty { return [] }
    var heading = StyledLine(title, .heading)
    if hiddenCount > 0 {
      heading.add(" (\(hiddenCount) hidden)", .dim)
    } else if entries.isEmpty {
      heading.add(" empty", .dim)
    }
    if let order, !entries.isEmpty { heading.add(" \(order)", .dim) }
    return [MachineRow(line: heading)]
      + entries.flatMap { entry in
        let item = (section: title, id: entry.item.id)
        let isChosen = chosen.map { $0 == item } ?? false
        return lines(entry, width).map { line in
          MachineRow(
            line: isChosen
              ? StyledLine(line.text, .current).fitted(to: width, filling: .current)
              : line, item: entry.mark == .removed ? nil : item)
        }
      }
  }

  private func lines(_ entry: Entry, _ width: Int) -> [StyledLine] {
    let name = "\(entry.mark.rawValue) \(entry.item.name)"
    let nameStyle = entry.mark == .same ? .bold : entry.mark.style
    var line = StyledLine(name, nameStyle)
    if entry.item.details.isEmpty {
      // A line that was printed is a text, and is cut only when there is no room.
      if !isPrinted || !entry.isFolded || displayWidth(name) <= width { return [line] }
      return wrap(name, to: width, indent: 4).map { StyledLine($0, nameStyle) }
    }
    let rest = width - displayWidth(name) - 1
    if displayWidth(entry.item.details) <= rest || !entry.isFolded {
      line.add(" " + entry.item.details, entry.mark.style)
      return [line]
    }
    return [line]
      + wrap("    " + entry.item.details, to: width, indent: 4)
      .map { StyledLine($0, entry.mark.style) }
  }
}

extension MachineSection.Mark {
  fileprivate var style: Style {
    switch self {
    case .same: .plain
    case .added: .added
    case .changed: .changed
    case .removed: .removed
    }
  }
}
