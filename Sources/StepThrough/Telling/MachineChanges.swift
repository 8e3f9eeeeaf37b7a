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

  /// The items after a step, and, in their old places for this one step, those that it
  /// took away.
  package static func changes(from before: [Item], to after: [Item]) -> [Change] {
    var changes: [Change] = []
    var old = before[...]
    for item in after {
      while let first = old.first, !after.contains(where: { $0.id == first.id }) {
        changes.append(Change(item: old.removeFirst(), mark: .removed))
      }
      if let place = old.firstIndex(where: { $0.id == item.id }) {
        let isSame = old.remove(at: place) == item
        changes.append(Change(item: item, mark: isSame ? .same : .changed))
      } else {
        changes.append(Change(item: item, mark: .added))
      }
    }
    return changes + old.map { Change(item: $0, mark: .removed) }
  }
}
