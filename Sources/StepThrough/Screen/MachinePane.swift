// The right side. It knows sections and items, and no futures and no sockets: those
// became words in `MachineSections.swift`. What a step changed it finds by comparing.

import Recording
import Telling

/// The right side: the machine after a step, with what the step changed marked:
/// `+` for what came, `~` for what changed, `-` for what went.
///
/// - Returns: exactly `height` lines, none wider than `width`.
func machinePane(
  _ before: LoopState, _ after: LoopState, width: Int, height: Int
) -> [StyledLine] {
  // A section may be new in this step; none ever goes.
  let old = before.sections
  var blocks = after.sections.map { section in
    Block(
      old.first { $0.title == section.title }
        ?? MachineSection(title: section.title, items: []), section)
  }
  let isNewTurn = before.iteration != after.iteration || before.phase != after.phase
  var head = StyledLine(
    after.iteration == 0 ? "Before the loop" : "Turn \(after.iteration)",
    isNewTurn ? .changed : .heading)
  if after.phase != .outside {
    head.add(" \(after.activity)", isNewTurn ? .changed : .plain)
  }

  // Everything, if there is room. Otherwise less and less, the dullest first, and of
  // two that are as dull the lower one: what stands above (the queue, the selector) is
  // what most of the story is about. What this step has changed goes last.
  let room = height - 1
  var pane = blocks.flatMap { $0.lines(width) }
  for measure in Block.Measure.allCases {
    for place in blocks.indices.reversed() {
      while pane.count > room, blocks[place].shorten(by: measure) {
        pane = blocks.flatMap { $0.lines(width) }
      }
    }
  }
  pane = [head] + pane.prefix(room)
  return pane.map { $0.fitted(to: width) }
    + Array(repeating: StyledLine(), count: max(0, height - pane.count))
}

/// A section with what has become of each of its items.
private struct Block {
  let title: String
  var entries: [Entry] = []
  var hiddenCount = 0
  var isGoneWhenEmpty = false

  struct Entry {
    let item: MachineSection.Item
    let mark: Mark
    /// It may take more than one line.
    var isFolded = true
  }
  enum Mark: String {
    case same = " "
    case added = "+"
    case changed = "~"
    case removed = "-"

    var style: Style {
      switch self {
      case .same: .plain
      case .added: .added
      case .changed: .changed
      case .removed: .removed
      }
    }
  }

  init(_ before: MachineSection, _ after: MachineSection) {
    title = after.title
    var old = before.items[...]
    for item in after.items {
      // Those that are gone keep their place for this one step.
      while let first = old.first, !after.items.contains(where: { $0.id == first.id }) {
        entries.append(Entry(item: old.removeFirst(), mark: .removed))
      }
      if let place = old.firstIndex(where: { $0.id == item.id }) {
        let isSame = old.remove(at: place) == item
        entries.append(Entry(item: item, mark: isSame ? .same : .changed))
      } else {
        entries.append(Entry(item: item, mark: .added))
      }
    }
    entries += old.map { Entry(item: $0, mark: .removed) }
  }

  /// What can be done to need less room, the least painful first.
  enum Measure: CaseIterable {
    case dropHeading, hideQuiet, unfoldSame, unfoldChanged, hideSame, hideAny
  }

  /// Takes a measure once.
  ///
  /// - Returns: whether there was anything to take it on.
  mutating func shorten(by measure: Measure) -> Bool {
    func last(where condition: (Entry) -> Bool) -> Int? {
      entries.lastIndex(where: condition)
    }
    switch measure {
    case .hideQuiet: return hide(last { $0.item.isQuiet && $0.mark == .same })
    case .dropHeading:
      defer { isGoneWhenEmpty = true }
      return !isGoneWhenEmpty
    case .unfoldSame: return unfold(last { $0.isFolded && $0.mark == .same })
    case .unfoldChanged: return unfold(last { $0.isFolded })
    case .hideSame: return hide(last { $0.mark == .same })
    case .hideAny: return hide(last { _ in true })
    }
  }

  private mutating func hide(_ place: Int?) -> Bool {
    guard let place else { return false }
    entries.remove(at: place)
    hiddenCount += 1
    return true
  }

  private mutating func unfold(_ place: Int?) -> Bool {
    guard let place else { return false }
    entries[place].isFolded = false
    return true
  }

  func lines(_ width: Int) -> [StyledLine] {
    if entries.isEmpty && hiddenCount == 0 && isGoneWhenEmpty { return [] }
    var heading = StyledLine(title, .heading)
    if hiddenCount > 0 {
      heading.add(" (\(hiddenCount) hidden)", .dim)
    } else if entries.isEmpty {
      heading.add(" empty", .dim)
    }
    return [heading] + entries.flatMap { lines($0, width) }
  }

  private func lines(_ entry: Entry, _ width: Int) -> [StyledLine] {
    let name = "\(entry.mark.rawValue) \(entry.item.name)"
    let nameStyle = entry.mark == .same ? .bold : entry.mark.style
    var line = StyledLine(name, nameStyle)
    if entry.item.details.isEmpty { return [line] }
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
