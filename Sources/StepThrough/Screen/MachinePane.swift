/// The right side: the machine after a step, with what the step changed marked:
/// `+` for what came, `~` for what changed, `-` for what went.
///
/// - Returns: exactly `height` lines, none wider than `width`.
func machinePane(
  _ before: LoopState, _ after: LoopState, width: Int, height: Int
) -> [StyledLine] {
  var blocks = zip(before.sections, after.sections).map { Block($0, $1) }
  let isNewTurn = before.iteration != after.iteration || before.phase != after.phase
  var head = StyledLine(
    after.iteration == 0 ? "Before the loop" : "Iteration \(after.iteration)",
    isNewTurn ? .changed : .heading)
  if after.phase != .outside {
    head.add(" \(after.activity)", isNewTurn ? .changed : .plain)
  }

  // Everything, if there is room. Otherwise less and less, the dullest first.
  let room = height - 1
  func lines() -> [StyledLine] { blocks.flatMap { $0.lines(width) } }
  var pane = lines()
  func shorten(_ change: (inout Block) -> Void) {
    if pane.count <= room { return }
    for place in blocks.indices { change(&blocks[place]) }
    pane = lines()
  }
  shorten { $0.hide { $0.item.isQuiet && $0.mark == .same } }
  shorten { $0.isGoneWhenEmpty = true }
  shorten { $0.isFolded = false }
  while pane.count > room,
    let longest = blocks.indices.max(by: {
      blocks[$0].entries.count < blocks[$1].entries.count
    }), !blocks[longest].entries.isEmpty
  {
    blocks[longest].hideLast()
    pane = lines()
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
  /// An item may take two lines.
  var isFolded = true

  struct Entry {
    let item: MachineSection.Item
    let mark: Mark
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

  mutating func hide(_ isDull: (Entry) -> Bool) {
    let kept = entries.filter { !isDull($0) }
    hiddenCount += entries.count - kept.count
    entries = kept
  }

  /// Hides the last one that is as it was, or else the last one.
  mutating func hideLast() {
    let place = entries.lastIndex { $0.mark == .same } ?? entries.endIndex - 1
    entries.remove(at: place)
    hiddenCount += 1
  }

  func lines(_ width: Int) -> [StyledLine] {
    if entries.isEmpty && hiddenCount == 0 && isGoneWhenEmpty { return [] }
    var heading = StyledLine(title, .heading)
    if hiddenCount > 0 {
      heading.add(" +\(hiddenCount)", .dim)
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
    if displayWidth(entry.item.details) <= rest || !isFolded {
      line.add(" " + entry.item.details, entry.mark.style)
      return [line]
    }
    return [line]
      + wrap("    " + entry.item.details, to: width, indent: 4)
      .map { StyledLine($0, entry.mark.style) }
  }
}
