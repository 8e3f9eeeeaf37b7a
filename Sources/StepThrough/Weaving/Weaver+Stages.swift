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
    pairs(old, new).map { place, newPlace in
      guard let place else { return "+" + new[newPlace!] }
      if newPlace == nil { return "-" + old[place] }
      return old[place].isEmpty ? "" : " " + old[place]
    }
  }

  /// The number of a line where labels are not counted.
  func number(of place: Int, in source: [String]) -> Int {
    source[...place].count { !isLabel($0) }
  }
}
