// What a step did to a section of the machine, for whoever shows it.

extension MachineSection {
  /// What has become of an item.
  package enum Mark: String {
    case same = " "
    case added = "+"
    case changed = "~"
    case removed = "-"
  }

  /// An item with what has become of it.
  package struct Change {
    /// The item as it is now, or was.
    package let item: Item
    /// What has become of it.
    package let mark: Mark
  }

  /// What a step did to it: so many at the front and at the end are as they were, and
  /// between these stand the changes.
  package func changes(
    since old: MachineSection?
  ) -> (front: Int, changes: [Change], back: Int) {
    guard let old else { return (0, Self.changes(from: [], to: Array(items)), 0) }
    let (front, back) = items.sameEnds(as: old.items)
    let changes = Self.changes(
      from: Array(old.items.dropLast(back).dropFirst(front)),
      to: Array(items.dropLast(back).dropFirst(front)))
    return (front, changes, back)
  }

  /// The items after a step, and, in their old places for this one step, those that it
  /// took away.
  package static func changes(from before: [Item], to after: [Item]) -> [Change] {
    var changes: [Change] = []
    let stays = Set(after.map(\.id))
    let known = Dictionary(before.map { ($0.id, $0) }) { first, _ in first }
    var old = before[...]
    var met: Set<String> = []
    for item in after {
      while let first = old.first, !stays.contains(first.id) || met.contains(first.id) {
        old.removeFirst()
        if !stays.contains(first.id) {
          changes.append(Change(item: first, mark: .removed))
        }
      }
      met.insert(item.id)
      let mark = known[item.id].map { $0 == item ? Mark.same : .changed } ?? .added
      changes.append(Change(item: item, mark: mark))
    }
    return changes
      + old.filter { !stays.contains($0.id) }.map { Change(item: $0, mark: .removed) }
  }
}
