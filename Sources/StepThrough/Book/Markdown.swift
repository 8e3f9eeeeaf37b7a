// The part of Markdown that the chapters use, as a tree. It knows text and nothing of
// pages: what becomes of the tree is the renderer's business.
//
// It is a small part on purpose. What it does not know is an error with a file and a
// line, and never a page that looks a little wrong.

/// A piece of a chapter that stands on lines of its own.
package indirect enum MarkdownBlock: Equatable, Sendable {
  case heading(level: Int, [Inline])
  case paragraph([Inline])
  /// Between two fences; `info` is what stands behind the first: `swift Sources/X.swift#a`.
  case code(info: String, [String])
  case table(head: [[Inline]], rows: [[[Inline]]])
  /// The items; `start` is the first one's number, or `nil` if they have none.
  case list(start: Int?, [[MarkdownBlock]])
  case details(summary: [Inline], [MarkdownBlock])
  /// `<!-- steps accept 17-49 step,what -->`: what is woven, and the word that ends it.
  case woven(String, [MarkdownBlock])
}

/// A piece of a line.
package indirect enum Inline: Equatable, Sendable {
  case text(String)
  case code(String)
  case emphasis([Inline])
  case strong([Inline])
  case link([Inline], target: String)
  case image(alt: String, target: String)
  /// Some markup that stands as it is: `<br>`.
  case lineBreak
}

/// What the renderer does not know, with its place.
package struct MarkdownError: Error, CustomStringConvertible {
  /// `chapters/06-sock-accept.md:12: a list inside of a table`.
  package let description: String
}

/// Reads a chapter.
///
/// - Parameters:
///   - text: all of it.
///   - file: what it is called in an error.
/// - Throws: `MarkdownError` for what it does not know.
package func markdown(_ text: String, file: String) throws(MarkdownError)
  -> [MarkdownBlock]
{
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  var parser = BlockParser(
    file: file,
    lines: lines.enumerated().map { (number: $0.offset + 1, text: $0.element) })
  return try parser.blocks { _ in false }
}

private struct BlockParser {
  let file: String
  var lines: [(number: Int, text: Substring)]
  var place = 0

  init(file: String, lines: [(number: Int, text: Substring)]) {
    self.file = file
    self.lines = lines
  }

  var line: Substring? { place < lines.count ? lines[place].text : nil }

  func error(_ text: String) -> MarkdownError {
    let number =
      lines.indices.contains(place) ? lines[place].number : lines.last?.number
    return MarkdownError(description: "\(file):\(number ?? 0): \(text)")
  }

  func inlines(_ text: some StringProtocol) throws(MarkdownError) -> [Inline] {
    do { return try inlineMarkdown(String(text)) } catch {
      throw self.error(error.what)
    }
  }

  /// Reads blocks up to the line that ends them, which is read too.
  mutating func blocks(
    until isEnd: (Substring) -> Bool
  ) throws(MarkdownError) -> [MarkdownBlock] {
    var blocks: [MarkdownBlock] = []
    while let line {
      if isEnd(line) {
        place += 1
        return blocks
      }
      if line.allSatisfy({ $0 == " " }) {
        place += 1
      } else {
        blocks.append(try block(line))
      }
    }
    return blocks
  }

  private mutating func block(_ line: Substring) throws(MarkdownError) -> MarkdownBlock
  {
    if line.hasPrefix("```") { return try code(line) }
    if line.hasPrefix("#") { return try heading(line) }
    if line.hasPrefix("|") { return try table() }
    if line.hasPrefix("<!-- ") { return try woven(line) }
    if line.hasPrefix("<details>") { return try details(line) }
    if marker(line) != nil { return try list() }
    if let first = line.first, "<>\t ".contains(first) || line.hasPrefix("---") {
      throw error("the book does not know how to show '\(line.prefix(40))'")
    }
    return .paragraph(try inlines(paragraph()))
  }

  /// Lines up to the next one that is empty or begins something else.
  private mutating func paragraph() -> String {
    var text: [Substring] = []
    while let line, !line.isEmpty, text.isEmpty || !beginsSomething(line) {
      text.append(line.drop { $0 == " " })
      place += 1
    }
    return text.joined(separator: "\n")
  }

  private func beginsSomething(_ line: Substring) -> Bool {
    ["```", "#", "|", "<!-- ", "<details>", "</details>"].contains {
      line.hasPrefix($0)
    }
      || marker(line) != nil
  }

  private mutating func code(_ first: Substring) throws(MarkdownError) -> MarkdownBlock
  {
    let start = place
    place += 1
    var code: [String] = []
    while let line, !line.hasPrefix("```") {
      code.append(String(line))
      place += 1
    }
    guard line != nil else {
      place = start
      throw error("this block has no end")
    }
    place += 1
    return .code(info: String(first.dropFirst(3)), code)
  }

  private mutating func heading(_ line: Substring) throws(MarkdownError)
    -> MarkdownBlock
  {
    let level = line.prefix { $0 == "#" }.count
    guard level <= 3, line.dropFirst(level).first == " " else {
      throw error("a heading is #, ## or ### and a space")
    }
    let text = try inlines(line.dropFirst(level + 1))
    place += 1
    return .heading(level: level, text)
  }

  // MARK: Tables

  private mutating func table() throws(MarkdownError) -> MarkdownBlock {
    var rows: [[[Inline]]] = []
    let start = place
    while let line, line.hasPrefix("|") {
      if place == start + 1 {
        guard line.allSatisfy({ "|-: ".contains($0) }) else {
          throw error("the second line of a table is |---|---|")
        }
      } else {
        var row: [[Inline]] = []
        for cell in cells(line) { row.append(try inlines(cell)) }
        if let head = rows.first, row.count != head.count {
          throw error("\(row.count) cells below a head of \(head.count)")
        }
        rows.append(row)
      }
      place += 1
    }
    guard rows.count > 1 else { throw error("a table without rows") }
    return .table(head: rows[0], rows: Array(rows.dropFirst()))
  }

  /// The cells of a row. A bar behind a backslash, or in a code span, is text.
  private func cells(_ line: Substring) -> [String] {
    var cells: [String] = []
    var cell = ""
    var isEscaped = false
    for character in line.dropFirst() {
      if character == "|", !isEscaped {
        cells.append(cell.trimmed)
        cell = ""
      } else {
        if character == "|" { cell.removeLast() }  // the backslash
        cell.append(character)
      }
      isEscaped = character == "\\"
    }
    return cells
  }

  // MARK: Lists

  /// `- ` or `12. ` at the beginning of a line: how wide it is, and the number.
  private func marker(_ line: Substring) -> (width: Int, number: Int?)? {
    if line.hasPrefix("- ") || line.hasPrefix("* ") { return (2, nil) }
    let digits = line.prefix { $0.isNumber }
    guard !digits.isEmpty, line.dropFirst(digits.count).hasPrefix(". ") else {
      return nil
    }
    return (digits.count + 2, Int(digits))
  }

  private mutating func list() throws(MarkdownError) -> MarkdownBlock {
    let first = marker(line!)!
    var items: [[MarkdownBlock]] = []
    while let line, let marker = marker(line),
      (marker.number == nil) == (first.number == nil)
    {
      // What belongs to an item stands below its text. Taken out and moved to the
      // left, it is a text like any other.
      var inner = [(lines[place].number, line.dropFirst(marker.width))]
      place += 1
      let indent = String(repeating: " ", count: marker.width)
      while let next = self.line {
        let isLazy =
          !next.isEmpty && inner.last?.1.isEmpty == false && !beginsSomething(next)
        guard next.isEmpty || next.hasPrefix(indent) || isLazy else { break }
        inner.append(
          (
            lines[place].number,
            next.hasPrefix(indent) ? next.dropFirst(marker.width) : next
          ))
        place += 1
      }
      var parser = BlockParser(
        file: file, lines: inner.map { (number: $0.0, text: $0.1) })
      items.append(try parser.blocks { _ in false })
    }
    return .list(start: first.number, items)
  }

  // MARK: What stands in angle brackets

  private mutating func details(_ line: Substring) throws(MarkdownError)
    -> MarkdownBlock
  {
    guard let head = line.wholeMatch(of: /<details><summary>(.*)<\/summary>/) else {
      throw error("details begin with <details><summary>…</summary> on one line")
    }
    let summary = try inlines(head.1)
    let start = place
    place += 1
    let inner = try blocks { $0 == "</details>" }
    if lines[place - 1].text != "</details>" {
      place = start
      throw error("these details have no end")
    }
    return .details(summary: summary, inner)
  }

  private mutating func woven(_ line: Substring) throws(MarkdownError) -> MarkdownBlock
  {
    guard let mark = line.wholeMatch(of: /<!-- (\S+)( .*)? -->/), !mark.1.hasPrefix("/")
    else {
      throw error("a mark that nothing began: \(line)")
    }
    if mark.1 == "quoted" {
      // Says of the table below whose figures those are; the weaver looks them up.
      place += 1
      return .woven("quoted", [])
    }
    let end = "<!-- /\(mark.1) -->"
    let start = place
    place += 1
    let inner = try blocks { $0 == end }
    if lines[place - 1].text != end {
      place = start
      throw error("there is no \(end) below this")
    }
    return .woven(String(mark.1) + String(mark.2 ?? ""), inner)
  }
}

extension StringProtocol {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
