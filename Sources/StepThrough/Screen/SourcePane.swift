// The left side. It knows lines of text and which one is meant; not what happened
// there.

import EventLoops
import Recording
import Telling

/// The left side: the source around the line of a step.
///
/// If the whole function fits, it stands still while the marked line moves through
/// it. Otherwise the marked line stays a little below the middle, because what
/// explains it, its comment, stands above it.
///
/// - Returns: exactly `height` lines, none wider than `width`.
func sourcePane(
  _ tree: SourceTree, _ step: Step, width: Int, height: Int
) -> [StyledLine] {
  var title = "\(tree.path(step.file)):\(step.line)"
  switch step.event {
  // When a callback is called, what one wants to see is where it was written.
  case .loop(.handleRun), .loop(.handleFinished): title += " (its callback)"
  default: break
  }
  var pane = [StyledLine(clipFront(title, to: width), .heading)]
  if let lines = tree.lines(step.file), lines.indices.contains(step.line - 1) {
    let room = height - 1
    let function = declarations(around: step.line, in: lines).last { !$0.isType }
    let whole = function.map { $0.comment.lowerBound..<$0.body.upperBound }
    // What is further away than that cannot be on the screen with the line.
    let near = max(0, step.line - 2 * room)..<min(lines.count, step.line + room)
    var page = SourcePage(width: width, current: step.line)
    if width < 60, let whole { page.margin = indentation(lines[whole.lowerBound]) }
    // A comment is written for a line of 88 columns, and the pane has less. So its
    // lines are joined to a paragraph first and broken anew; code stays line by line.
    for paragraph in paragraphs(lines, near) { page.add(paragraph) }
    let top = topRow(page.rows.map(\.index), whole, step.line - 1, room)
    pane += page.rows.dropFirst(top).prefix(room).map(\.line)
  } else {
    let lack = tree.lack(of: step.file) ?? "the source has no such line any more"
    pane += wrap("(\(lack))", to: width)
      .map { StyledLine($0, .dim) }
  }
  let missing = max(0, height - pane.count)
  return Array(pane.prefix(height)) + Array(repeating: StyledLine(), count: missing)
}

/// Which of the rows is the first on the screen. `indices` says which line of the
/// file each row belongs to, `whole` where the function stands in the file.
private func topRow(
  _ indices: [Int], _ whole: Range<Int>?, _ current: Int, _ height: Int
) -> Int {
  var top = indices.lastIndex(of: current)! - height * 3 / 5
  if let whole, let first = indices.firstIndex(where: whole.contains) {
    let count = indices.count(where: whole.contains)
    let isCut = indices[first] != whole.lowerBound
    if !isCut && count <= height {
      top = first - (height - count) / 2
    } else {
      // No use in showing the neighbours while there is more of the function.
      top = max(first, min(top, first + count - height))
    }
  }
  return min(max(0, top), max(0, indices.count - height))
}

/// Lines of source that are folded together: one line of code, or the lines of a
/// comment that make up one paragraph.
private struct Paragraph {
  /// The first line's index in the file.
  let index: Int
  var text: String
  let isComment: Bool
}

private func paragraphs(_ lines: [String], _ range: Range<Int>) -> [Paragraph] {
  var result: [Paragraph] = []
  var openMark: Substring?
  for index in range {
    let line = lines[index]
    let mark = commentMark(line)
    let words = mark.map { line.dropFirst($0.count) }
    // A label, a list, and an empty line are no continuation of anything.
    let isProse = words.map { !$0.isEmpty && !"[-|`*".contains($0.first!) } ?? false
    if let mark, isProse, mark == openMark {
      result[result.count - 1].text += " " + words!
    } else {
      result.append(Paragraph(index: index, text: line, isComment: mark != nil))
    }
    let isOpen = isProse || words?.first == "-"
    openMark = isOpen ? mark : nil
  }
  return result
}

/// `    /// ` from the beginning of a comment line.
private func commentMark(_ line: String) -> Substring? {
  let text = line.drop { $0 == " " }
  guard text.hasPrefix("//") else { return nil }
  return line[..<(text.firstIndex { $0 != "/" && $0 != " " } ?? line.endIndex)]
}

/// The rows of the pane, each with the line of the file that it belongs to.
private struct SourcePage {
  let width: Int
  /// The line that is marked, counted from 1.
  let current: Int
  /// So much indentation is left away: a method's own, on a narrow screen.
  var margin = 0
  private(set) var rows: [(index: Int, line: StyledLine)] = []

  init(width: Int, current: Int) {
    self.width = width
    self.current = current
  }

  mutating func add(_ paragraph: Paragraph) {
    let number = paragraph.index + 1
    let gutter = 5
    let text = String(
      paragraph.text.dropFirst(min(margin, indentation(paragraph.text))))
    // Comments go on under their own text, code two levels deeper.
    let mark = commentMark(text).map(String.init)
    let indent = min(mark?.count ?? indentation(text) + 4, (width - gutter) / 2)
    var pieces = wrap(text, to: width - gutter, indent: indent, isCode: mark == nil)
    if let mark, mark.count == indent {
      for place in pieces.indices.dropFirst() {
        pieces[place] = mark + pieces[place].dropFirst(indent)
      }
    }
    for (place, piece) in pieces.enumerated() {
      let digits = place == 0 ? "\(number)" : ""
      let label =
        (place == 0 && number == current ? "▶" : " ") + padded(digits, 3) + " "
      rows.append((paragraph.index, row(label, piece, number, paragraph.isComment)))
    }
  }

  private func row(
    _ label: String, _ text: String, _ number: Int, _ isComment: Bool
  ) -> StyledLine {
    if number == current {
      return StyledLine(label + text, .current).fitted(to: width, filling: .current)
    }
    var line = StyledLine(label, .dim)
    let comment =
      isComment
      ? text.startIndex : text.indices.first { text[$0...].hasPrefix("  // ") }
    line.add(String(text[..<(comment ?? text.endIndex)]))
    line.add(String(text[(comment ?? text.endIndex)...]), .comment)
    return line
  }
}

/// The text's end, as much of it as fits: the end of a path says more.
func clipFront(_ text: String, to columns: Int) -> String {
  displayWidth(text) <= columns ? text : "…" + text.suffix(max(0, columns - 1))
}
