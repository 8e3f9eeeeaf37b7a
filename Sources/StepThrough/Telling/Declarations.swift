// Which function a line belongs to, and where it ends: for whoever shows a function
// whole. It knows how this package is formatted, and that is all the Swift it knows.

/// Where a declaration stands in its file. Line indices count from 0.
package struct Declaration: Equatable {
  /// The doc comment, attributes and labels before it; empty if there are none.
  package let comment: Range<Int>
  /// From its first line to the one that closes it.
  package let body: Range<Int>
  /// Whether it is a type or an extension, which has functions inside.
  package let isType: Bool
}

/// The declarations that a line stands in, the innermost first.
///
/// No parser is needed for that: the source is formatted by a program, so the
/// indentation tells what encloses what. Going up from the line, each line that
/// is less indented than all the lines below it opens something around it.
package func declarations(
  around line: Int, in lines: [String]
) -> [Declaration] {
  guard lines.indices.contains(line - 1) else { return [] }
  var found: [Declaration] = []
  var limit = indentation(lines[line - 1]) + 1
  for index in stride(from: line - 1, through: 0, by: -1) where limit > 0 {
    let text = lines[index].drop { $0 == " " }
    let indent = indentation(lines[index])
    if text.isEmpty || text.hasPrefix("//") || text.hasPrefix("#") || indent >= limit {
      continue
    }
    // `) throws {` and `} else {` close something that began further up, at the
    // same indentation.
    limit = isContinuation(text) ? indent + 1 : indent
    if isContinuation(text) { continue }
    guard let isType = kind(of: text) else { continue }
    found.append(
      Declaration(
        comment: commentStart(before: index, in: lines)..<index,
        body: index..<blockEnd(from: index, in: lines), isType: isType))
  }
  return found
}

/// The end of what begins at a line: it goes on as long as lines are more
/// indented, or close something (`} else {`), and ends with the last of those.
package func blockEnd(from start: Int, in lines: [String]) -> Int {
  let indent = indentation(lines[start])
  var end = start + 1
  for index in start + 1..<max(start + 1, lines.count) {
    let text = lines[index].drop { $0 == " " }
    if text.isEmpty { continue }
    let belongs =
      indentation(lines[index]) > indent
      || indentation(lines[index]) == indent && isContinuation(text)
    if !belongs { break }
    end = index + 1
  }
  return end
}

/// With how many spaces a line begins.
package func indentation(_ line: String) -> Int {
  line.utf8.prefix { $0 == 0x20 }.count
}

private func isContinuation(_ text: Substring) -> Bool {
  text.first.map { ")}]{".contains($0) } ?? false
}

/// The first of the comment and attribute lines right above a line.
private func commentStart(before index: Int, in lines: [String]) -> Int {
  var start = index
  while start > 0 {
    let above = lines[start - 1].drop { $0 == " " }
    if !above.hasPrefix("//") && !above.hasPrefix("@") { break }
    start -= 1
  }
  return start
}

/// Whether a line declares something with code inside, and if so, whether a type.
private func kind(of text: Substring) -> Bool? {
  let modifiers: Set<Substring> = [
    "public", "package", "internal", "private", "fileprivate", "open", "final",
    "static", "override", "mutating", "convenience", "required", "nonisolated",
    "lazy", "weak", "unowned", "indirect", "async",
  ]
  for word in text.split(separator: " ") {
    let name = word.prefix { $0.isLetter }
    if modifiers.contains(name) || word.hasPrefix("@") { continue }
    return switch name {
    case "func", "init", "deinit", "subscript", "var", "let", "def": false
    case "class", "struct", "enum", "extension", "protocol", "actor": true
    default: nil
    }
  }
  return nil
}
