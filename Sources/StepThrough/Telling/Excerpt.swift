// The rule for excerpts, all of it:
//
// A chapter writes ```swift Sources/X/Y.swift#label. The label stands in the
// source as a comment of its own, `// [label]`. The excerpt begins in the line
// after it, with the comments that stand there, and ends where the declaration or
// statement that follows ends. `#label:9` takes nine lines instead. Labels are
// left out, and so is the indentation that all the lines have in common.
//
// Without a label the block is left as it is, but it must stand in that file.

/// Lines of source as they appear in a chapter.
package struct Excerpt: Equatable {
  /// The lines, without their labels and without the indentation that all have.
  package let lines: [String]

  /// What a label stands for; `nil` if the file has no such label.
  ///
  /// - Parameters:
  ///   - label: without its brackets.
  ///   - count: how many lines; `nil` for all of what follows the label.
  package init?(label: String, count: Int? = nil, in source: [String]) {
    guard let start = firstLine(of: label, in: source) else { return nil }
    var end = source.count
    if count == nil {
      let code = source[start...].firstIndex { line in
        let text = line.drop { $0 == " " }
        return !text.isEmpty && !text.hasPrefix("//") && !text.hasPrefix("@")
      }
      end = code.map { blockEnd(from: $0, in: source) } ?? source.count
    }
    let lines = source[start..<end].filter { !isLabel($0) }
    self.lines = dedented(Array(lines.prefix(count ?? lines.count)))
  }

  /// Whether these lines stand in the source, one after the other.
  package static func isVerbatim(_ lines: [String], in source: [String]) -> Bool {
    let source = source.filter { !isLabel($0) }
    let wanted = dedented(lines.filter { !isLabel($0) })
    if wanted.isEmpty || wanted.count > source.count { return wanted.isEmpty }
    return (0...source.count - wanted.count).contains { start in
      dedented(Array(source[start..<start + wanted.count])) == wanted
    }
  }
}

/// The index of the line that a label means: the first one below it that is not a
/// label itself.
package func firstLine(of label: String, in source: [String]) -> Int? {
  guard
    let place = source.firstIndex(where: { $0.drop { $0 == " " } == "// [\(label)]" })
  else { return nil }
  return source[place...].firstIndex { !isLabel($0) }
}

package func isLabel(_ line: String) -> Bool {
  let text = line.utf8.drop { $0 == UInt8(ascii: " ") }
  // Most lines are none, and that is seen at once.
  guard text.starts(with: "// [".utf8), text.last == UInt8(ascii: "]") else {
    return false
  }
  return text.dropFirst(4).dropLast().allSatisfy {
    Character(UnicodeScalar($0)).isLetter || Character(UnicodeScalar($0)).isNumber
      || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
  }
}

private func dedented(_ lines: [String]) -> [String] {
  let margin = lines.filter { !$0.isEmpty }.map(indentation).min() ?? 0
  return lines.map { String($0.dropFirst(margin)) }
}
