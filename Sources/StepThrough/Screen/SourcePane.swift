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
/// - Parameters:
///   - offset: so many rows further down than that.
///   - isChosen: the arrows scroll it.
/// - Returns: exactly `height` lines, none wider than `width`.
func sourcePane(
  _ tree: SourceTree, _ step: Step, width: Int, height: Int, offset: Int = 0,
  isChosen: Bool = false
) -> [StyledLine] {
  var title = "\(tree.path(step.file)):\(step.line)"
  switch step.event {
  // When a callback is called, what one wants to see is where it was written.
  case .loop(.handleRun), .loop(.handleFinished): title += " (its callback)"
  default: break
  }
  var heading = StyledLine(clipFront(title, to: width), isChosen ? .bar : .heading)
  if isChosen { heading = heading.fitted(to: width, filling: .bar) }
  var pane = [heading]
  let page = SourcePage(tree, step, width: width, height: height, reach: abs(offset))
  pane += page.lines(offset)
  if page.isEmpty {
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
struct SourcePage {
  let width: Int
  /// How many of them the pane shows.
  private let room: Int
  /// The line that is marked, counted from 1.
  private let current: Int
  /// So much indentation is left away: a method's own, on a narrow screen.
  private var margin = 0
  /// All lines of the file.
  private let source: [String]
  private let language: Language?
  private var rows: [Row] = []
  /// The row that the pane begins with if nobody scrolls.
  private var top = 0

  private struct Row {
    /// The line's index in the file.
    let index: Int
    /// What stands before it.
    let label: String
    let text: String
    let isComment: Bool
  }

  /// - Parameters:
  ///   - height: of the pane, with its title.
  ///   - reach: so many rows more are wanted above and below.
  init(_ tree: SourceTree, _ step: Step, width: Int, height: Int, reach: Int) {
    self.width = width
    room = max(1, height - 1)
    current = step.line
    source = tree.lines(step.file) ?? []
    language = Language(path: step.file)
    guard source.indices.contains(current - 1) else { return }
    let function = declarations(around: current, in: source).last { !$0.isType }
    let whole = function.map { $0.comment.lowerBound..<$0.body.upperBound }
    // What is further away than that cannot be on the screen with the line.
    let far = room + reach
    let near = max(0, current - room - far)..<min(source.count, current + far)
    if width < 60, let whole { margin = indentation(source[whole.lowerBound]) }
    // A comment is written for a line of 88 columns, and the pane has less. So its
    // lines are joined to a paragraph first and broken anew; code stays line by line.
    for paragraph in paragraphs(source, near) { add(paragraph) }
    top = topRow(rows.map(\.index), whole, current - 1, room)
  }

  /// There is nothing to show.
  var isEmpty: Bool { rows.isEmpty }

  /// How far one can scroll when one wants so far.
  func clamped(_ offset: Int) -> Int {
    min(max(0, top + offset), max(0, rows.count - room)) - top
  }

  /// The lines of the pane, so many rows further down.
  func lines(_ offset: Int) -> [StyledLine] {
    let shown = rows.dropFirst(top + clamped(offset)).prefix(room)
    guard let first = shown.first, let last = shown.last else { return [] }
    let colors = colors(first.index...last.index)
    var (index, place) = (-1, 0)
    return shown.map { row in
      if row.index != index { (index, place) = (row.index, 0) }
      return line(row, colors[row.index - first.index], &place)
    }
  }

  private mutating func add(_ paragraph: Paragraph) {
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
      rows.append(
        Row(
          index: paragraph.index, label: label, text: piece,
          isComment: paragraph.isComment))
    }
  }

  /// The letters of some lines, without the blanks, each with what it belongs to.
  private func colors(_ range: ClosedRange<Int>) -> [[(Character, Style)]] {
    guard let language else { return range.map { _ in [] } }
    // A long string may have begun above. Its quotes stand there, once too often.
    let quotes = source[..<range.lowerBound].count { $0.contains("\"\"\"") }
    let begin = quotes % 2 == 0 ? [] : ["\"\"\""]
    return coloredSource(begin + source[range], language).dropFirst(begin.count).map {
      $0.flatMap { span in
        span.text.compactMap { $0 == " " ? nil : ($0, span.style) }
      }
    }
  }

  /// - Parameter place: how many letters of the line the rows above have had.
  private func line(
    _ row: Row, _ colors: [(Character, Style)], _ place: inout Int
  ) -> StyledLine {
    if row.index + 1 == current {
      return StyledLine(row.label + row.text, .current)
        .fitted(to: width, filling: .current)
    }
    var line = StyledLine(row.label, .dim)
    if row.isComment {
      line.add(row.text, .comment)
      return line
    }
    var (piece, style) = ("", Style.plain)
    for letter in row.text {
      if letter != " ", place < colors.count {
        let next = colors[place].1
        place += 1
        if next != style {
          line.add(piece, style)
          (piece, style) = ("", next)
        }
      }
      piece.append(letter)
    }
    line.add(piece, style)
    return line
  }
}

/// The text's end, as much of it as fits: the end of a path says more.
func clipFront(_ text: String, to columns: Int) -> String {
  displayWidth(text) <= columns ? text : "…" + text.suffix(max(0, columns - 1))
}
