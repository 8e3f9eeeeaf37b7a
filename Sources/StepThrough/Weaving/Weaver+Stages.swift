// What chapter 0 needs besides excerpts: a file whose lines are numbered, links that say
// the number, and what is different between one stage of a program and the next.

import Telling

extension Weaver {
  /// ```` ```swift Sources/X/Y.swift numbered ````: the file, a number before each line.
  /// Labels are left out, and not counted.
  func numbered(_ source: [String]) -> [String] {
    let lines = source.filter { !isLabel($0) }
    let width = "\(lines.count)".count
    return lines.enumerated().map { place, line in
      let number = "\(place + 1)"
      let margin = String(repeating: " ", count: width - number.count)
      return line.isEmpty ? margin + number : "\(margin)\(number)  \(line)"
    }
  }

  /// ```` ```diff Sources/X/Y.swift#old Sources/X/Z.swift#new ````: two excerpts, as
  /// `diff` shows them.
  func difference(from old: [String], to new: [String]) -> [String] {
    let changes = new.difference(from: old)
    func offset(_ change: CollectionDifference<String>.Change) -> Int {
      switch change {
      case .insert(let offset, _, _), .remove(let offset, _, _): offset
      }
    }
    let removed = Set(changes.removals.map(offset))
    let inserted = Set(changes.insertions.map(offset))
    var lines: [String] = []
    var (place, newPlace) = (0, 0)
    while place < old.count || newPlace < new.count {
      if removed.contains(place) {
        lines.append("-" + old[place])
        place += 1
      } else if inserted.contains(newPlace) {
        lines.append("+" + new[newPlace])
        newPlace += 1
      } else {
        lines.append(old[place].isEmpty ? "" : " " + old[place])
        place += 1
        newPlace += 1
      }
    }
    return lines
  }

  /// The number of a line where labels are not counted.
  func number(of place: Int, in source: [String]) -> Int {
    source[...place].count { !isLabel($0) }
  }
}
