// How wide text is, and how it is cut, wrapped and filled up. It knows columns, and not
// what is written in them.

/// How many columns of a terminal a text takes.
///
/// Most characters take one. Chinese and Japanese ones and most emoji take two,
/// and a mark that sits on another character takes none. The ranges are those of
/// Unicode's East Asian Width, coarsely; terminals do not agree on the rest either.
package func displayWidth(_ text: some StringProtocol) -> Int {
  // Most text is plain, and then a byte is a character is a column.
  if text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return text.utf8.count }
  return text.reduce(0) { $0 + width($1) }
}

func width(_ character: Character) -> Int {
  let scalar = character.unicodeScalars.first!
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F: return 0
  case 0x20..<0x300: return 1
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
    0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
    return 2
  default:
    return scalar.properties.generalCategory == .nonspacingMark ? 0 : 1
  }
}

/// The text's beginning, as much of it as fits; an ellipsis says that there was more.
package func clip(_ text: String, to columns: Int) -> String {
  if displayWidth(text) <= columns { return text }
  return head(text, columns - 1) + (columns > 0 ? "…" : "")
}

/// As many characters as fit into the columns. By characters and not by bytes: a wide
/// one that fits only in half stays out.
private func head(_ text: some StringProtocol, _ columns: Int) -> String {
  var rest = columns
  return String(
    text.prefix {
      rest -= width($0)
      return rest >= 0
    })
}

/// Breaks a text into lines that fit, between words where that is possible.
///
/// - Parameters:
///   - text: one paragraph.
///   - columns: how wide a line may be.
///   - indent: how far all lines but the first are moved in.
///   - isCode: may also break after a bracket and before a dot.
package func wrap(
  _ text: String, to columns: Int, indent: Int = 0, isCode: Bool = false
) -> [String] {
  var lines: [String] = []
  var rest = Substring(text)
  repeat {
    let margin = lines.isEmpty ? "" : String(repeating: " ", count: indent)
    let fitting = head(rest, columns - margin.count).count
    var end = rest.index(rest.startIndex, offsetBy: fitting)
    // A character that is wider than the whole line goes on a line of its own.
    if end == rest.startIndex, !rest.isEmpty { end = rest.index(after: end) }
    if end < rest.endIndex {
      end = lastBreak(in: rest, upTo: end, isCode: isCode) ?? end
    }
    lines.append(margin + trimmed(rest[..<end]))
    rest = rest[end...].drop { $0 == " " }
  } while !rest.isEmpty
  return lines
}

/// The last place at which a line may end, not counting the spaces it begins with.
private func lastBreak(
  in text: Substring, upTo end: Substring.Index, isCode: Bool
) -> Substring.Index? {
  let start = text.firstIndex { $0 != " " } ?? end
  func last(where isBreak: (_ before: Character, _ after: Character) -> Bool)
    -> Substring.Index?
  {
    var place = end
    while place > start {
      let before = text.index(before: place)
      if isBreak(text[before], text[place]) { return place }
      place = before
    }
    return nil
  }
  let space = last { $0 == " " || $1 == " " }
  // Between words if that leaves no large hole, else inside an expression.
  let isLate = space.map { text[start..<$0].count * 2 > text[start..<end].count }
  if !isCode || isLate == true { return space }
  return last { ($1 == "." || "([ ".contains($0)) && !")]".contains($1) }
}

private func trimmed(_ text: Substring) -> Substring {
  var text = text
  while text.last == " " { text.removeLast() }
  return text
}

extension String {
  /// Filled up with spaces at the right.
  package func padded(to columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - displayWidth(self)))
  }
}

/// Digits at the right of a column.
package func padded(_ text: String, _ columns: Int) -> String {
  String(repeating: " ", count: max(0, columns - text.count)) + text
}
