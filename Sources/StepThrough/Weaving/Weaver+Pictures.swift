// Pictures, which stand in files of their own. What is below a mark is the author's, and
// stays: the image, and in words what it shows.

import Foundation
import Recording
import Screen
import Telling

// The marks, each with `![what it shows](pictures/accept.svg)` below, and an end:
//
//   <!-- picture accept 17-49 -->         steps, one or more pieces: 17-36,41-49
//   <!-- picture chat life -->            all of it, turn by turn
//   <!-- terminal accept 17-49 96x30 still 34 -->   the screen, moving; at rest, step 34
//
// Behind a name `quoted` says that the figures are one machine's: another one's are no
// reason to draw it anew.

extension Weaver {
  static let pictures = "chapters/pictures"

  /// Draws what a mark asks for. The text needs no change.
  mutating func draw(_ mark: String, _ block: [String]) {
    let words = mark.split(separator: " ").dropFirst().dropLast().map(String.init)
    let text = block.joined(separator: "\n")
    guard let image = text.wholeMatch(of: /!\[([^\]]+)\]\(([^)\s]+\.svg)\)/) else {
      return problem("below this stands ![what it shows](pictures/name.svg)")
    }
    let path = (file.hasPrefix("chapters/") ? "chapters/" : "") + image.2
    guard words.count > 1, let trace = trace(words[1]) else { return }
    let isQuoted = words.last == "quoted"
    let rest = words.dropFirst(2).dropLast(isQuoted ? 1 : 0)
    let new: String
    if words[0] == "terminal" {
      guard let moving = MovingPicture(trace, Array(rest), tree) else {
        return problem(
          "a terminal wants steps, a size and its rest: 17-49 96x30 still 34")
      }
      new = moving.file
    } else if rest == ["life"] {
      new = lifePicture(trace, title: "\(words[1]), turn by turn")
    } else {
      let count = trace.steps.count
      guard rest.count == 1, let shown = ranges(rest.first!, upTo: count) else {
        return problem("\(words[1]) has the steps 1 to \(count): 17-49, or 17-36,41-49")
      }
      new = lanePicture(trace, title: "\(words[1]), steps \(rest.first!)", shown)
    }
    keep(new, path, isQuoted: isQuoted)
  }

  private mutating func keep(_ new: String, _ path: String, isQuoted: Bool) {
    if let drawn = drawings[path], drawn.new != new {
      return problem("\(path) is drawn twice, and not alike")
    }
    let old = (try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)) ?? ""
    drawings[path] = (old, isQuoted && isAlike(old, new) ? old : new)
  }

  /// Whether two pictures, or two tables, differ only in their figures.
  package func isAlike(_ one: String, _ other: String) -> Bool {
    anyFigures(one) == anyFigures(other)
  }

  /// Each image of a text is there, and has something to say to who cannot see it.
  mutating func checkImages(_ text: String) {
    number = 0
    for image in text.matches(of: /!\[([^\]]*)\]\(([^)\s]+)\)/) {
      number = text[..<image.range.lowerBound].count { $0 == "\n" } + 1
      let path = (file.hasPrefix("chapters/") ? "chapters/" : "") + image.2
      if image.1.isEmpty { problem("\(path) has no words for who cannot see it") }
      shown.insert(path)
      if drawings[path] == nil,
        !FileManager.default.fileExists(atPath: "\(root)/\(path)")
      {
        problem("there is no picture \(path)")
      }
    }
  }

  /// A picture that nobody shows is one that nobody keeps up to date.
  mutating func findForgottenPictures() {
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: "\(root)/\(Self.pictures)")
    for name in (names ?? []).sorted() where !shown.contains("\(Self.pictures)/\(name)")
    {
      problems.append("\(Self.pictures)/\(name): no text shows it")
    }
  }
}

/// `17-36,41`: pieces of a trace, in order.
func ranges(_ text: String, upTo count: Int) -> [ClosedRange<Int>]? {
  var ranges: [ClosedRange<Int>] = []
  for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
    let ends = piece.split(separator: "-", omittingEmptySubsequences: false).map {
      Int($0)
    }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count < 3,
      first > ranges.last?.upperBound ?? 0, first <= last, last <= count
    else { return nil }
    ranges.append(first...last)
  }
  return ranges
}
