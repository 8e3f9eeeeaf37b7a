// A section of the machine's pane: what is in it, what a step did to it, and how it makes
// do with less room.

import Telling

/// A section with what has become of each of its items.
struct MachineBlock {
  let title: String
  let order: String?
  let isPrinted: Bool
  /// All as it is now; so many at the front and at the end are as they were.
  private let items: MachineSection.Items
  private let same: (front: Int, back: Int)
  /// What is between these.
  private let changes: [MachineSection.Change]
  /// The places of those as they were that are to be put into words.
  private var kept: [Int] = []
  /// What has been; nothing yet, as long as not all that is wanted is known.
  private var entries: [Entry]?
  private var isGoneWhenEmpty = false

  init(_ section: MachineSection, since old: MachineSection?) {
    (title, order) = (section.title, section.order)
    (isPrinted, items) = (section.isPrinted, section.items)
    let (front, changes, back) = section.changes(since: old)
    (same, self.changes) = ((front, back), changes)
  }

  var isSame: Bool { changes.allSatisfy { $0.mark == .same } }

  /// How many there are, with those that have gone in this step.
  var count: Int { same.front + changes.count + same.back }

  /// One of them, counted from the top.
  func entry(_ place: Int) -> Entry {
    switch place {
    case ..<same.front: return Entry(item: items[place], mark: .same)
    case ..<(same.front + changes.count):
      let change = changes[place - same.front]
      return Entry(item: change.item, mark: change.mark)
    default: return Entry(item: items[place - count + items.count], mark: .same)
    }
  }

  /// Where a thing stands; `nil` if it is not there any more.
  func place(of id: String) -> Int? {
    guard let place = items.place(of: id) else { return nil }
    if place < same.front { return place }
    if place >= items.count - same.back { return place - items.count + count }
    return changes.firstIndex { $0.item.id == id && $0.mark != .removed }
      .map { same.front + $0 }
  }

  enum Kind { case loud, quiet, last }

  /// Chooses from what is as it was.
  ///
  /// - Returns: how many.
  mutating func keep(_ kind: Kind, atMost most: Int) -> Int {
    let back = items.count - same.back
    var found: [Int] = []
    if kind == .last {
      found = Array(((0..<same.front).suffix(most) + (back..<items.count)).suffix(most))
    } else {
      for places in [0..<same.front, back..<items.count] {
        for place in places where items.isQuiet(place) == (kind == .quiet) {
          if found.count >= most { break }
          found.append(place)
        }
      }
    }
    kept += found
    return found.count
  }

  mutating func putIntoWords(_ width: Int) {
    let back = kept.sorted().map { Entry(item: items[$0], mark: .same) }
    let front = kept.count { $0 < same.front }
    var entries =
      back.prefix(front) + changes.map { Entry(item: $0.item, mark: $0.mark) }
      + back.dropFirst(front)
    for place in entries.indices { entries[place].putIntoWords(width, in: self) }
    self.entries = Array(entries)
  }

  struct Entry {
    let item: MachineSection.Item
    let mark: MachineSection.Mark
    /// How it stands on the screen. It may take more than one line.
    var lines: [StyledLine] = []
    var isHidden = false
  }

  /// What can be done to need less room, the least painful first.
  enum Measure: CaseIterable {
    case dropHeading, hideQuiet, unfoldSame, unfoldChanged, hideSame, hideAny

    func applies(to entry: Entry) -> Bool {
      switch self {
      case .dropHeading: false
      case .hideQuiet: entry.item.isQuiet && entry.mark == .same
      case .unfoldSame: entry.lines.count > 1 && entry.mark == .same
      case .unfoldChanged: entry.lines.count > 1
      case .hideSame: entry.mark == .same
      case .hideAny: true
      }
    }
  }

  /// Takes a measure as often as it is needed and there is something to take it on.
  ///
  /// - Returns: how many lines that has saved.
  mutating func shorten(by measure: Measure, _ excess: Int) -> Int {
    if measure == .dropHeading {
      defer { isGoneWhenEmpty = true }
      return count == 0 && !isGoneWhenEmpty ? 1 : 0
    }
    var entries = entries ?? []
    var saved = 0
    // Of what was printed the last line stays longest, of all else the first.
    let places = Array(entries.indices)
    let order = isPrinted ? Array(places.dropLast()) : places.reversed()
    for place in order where saved < excess && measure.applies(to: entries[place]) {
      let height = entries[place].lines.count
      if measure == .unfoldSame || measure == .unfoldChanged {
        entries[place].lines = [entries[place].line(in: self)]
        saved += height - 1
      } else {
        entries[place].isHidden = true
        saved += height
      }
    }
    entries.removeAll(where: \.isHidden)
    self.entries = entries
    return saved
  }

  /// How many lines it takes.
  var height: Int {
    count == 0 && isGoneWhenEmpty
      ? 0 : (entries ?? []).reduce(1) { $0 + $1.lines.count }
  }

  var lines: [StyledLine] {
    if height == 0 { return [] }
    return [heading] + (entries ?? []).flatMap(\.lines)
  }

  var heading: StyledLine {
    var heading = StyledLine(title, .heading)
    let shown = entries?.count ?? count
    if shown < count {
      heading.add(" (\(count - shown) hidden)", .dim)
    } else if count == 0 {
      heading.add(" empty", .dim)
    }
    if let order, shown > 0 { heading.add(" \(order)", .dim) }
    return heading
  }
}

extension MachineBlock.Entry {
  /// How it stands on the screen if there is room.
  mutating func putIntoWords(_ width: Int, in block: MachineBlock) {
    let line = line(in: block)
    lines = [line]
    if displayWidth(line.text) <= width { return }
    let name = "\(mark.rawValue) \(item.name)"
    if !item.details.isEmpty {
      lines =
        [StyledLine(name, nameStyle, hit(in: block))]
        + wrap("    " + item.details, to: width, indent: 4)
        .map { StyledLine($0, mark.style, hit(in: block)) }
    } else if block.isPrinted {
      // A line that was printed is a text, and is cut only when there is no room.
      lines = wrap(name, to: width, indent: 4)
        .map { StyledLine($0, nameStyle, hit(in: block)) }
    }
  }

  /// On one line, however long.
  func line(in block: MachineBlock) -> StyledLine {
    var line = StyledLine("\(mark.rawValue) \(item.name)", nameStyle, hit(in: block))
    if !item.details.isEmpty {
      line.add(" " + item.details, mark.style, hit(in: block))
    }
    return line
  }

  private var nameStyle: Style { mark == .same ? .bold : mark.style }

  /// What has gone in this step cannot be chosen.
  private func hit(in block: MachineBlock) -> Hit? {
    mark == .removed ? nil : .item(section: block.title, id: item.id)
  }
}

extension MachineSection.Mark {
  var style: Style {
    switch self {
    case .same: .plain
    case .added: .added
    case .changed: .changed
    case .removed: .removed
    }
  }
}
