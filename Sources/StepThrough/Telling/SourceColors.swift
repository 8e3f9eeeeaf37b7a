// Colours for source text: the least that helps the eye. It knows lines of text and
// nothing of where they come from or who shows them.

/// A language whose source is shown here: ours, and that of the original.
package enum Language: Sendable {
  case swift, python

  /// - Parameter path: a file; the end of its name tells.
  package init?(path: String) {
    if path.hasSuffix(".swift") {
      self = .swift
    } else if path.hasSuffix(".py") {
      self = .python
    } else {
      return nil
    }
  }

  fileprivate var comment: String { self == .swift ? "//" : "#" }

  fileprivate var keywords: Set<Substring> {
    switch self {
    case .swift:
      [
        "actor", "any", "as", "associatedtype", "async", "await", "break", "case",
        "catch", "class", "continue", "convenience", "default", "defer", "deinit", "do",
        "else", "enum", "extension", "fallthrough", "false", "fileprivate", "final",
        "for", "func", "guard", "if", "import", "in", "indirect", "init", "inout",
        "internal", "is", "isolated", "lazy", "let", "mutating", "nil", "nonisolated",
        "open", "operator", "override", "package", "private", "protocol", "public",
        "repeat", "rethrows", "return", "self", "sending", "some", "static",
        "subscript", "super", "switch", "throw", "throws", "true", "try", "typealias",
        "unowned", "unsafe", "var", "weak", "where", "while",
      ]
    case .python:
      [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break",
        "class", "continue", "def", "del", "elif", "else", "except", "finally", "for",
        "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or",
        "pass", "raise", "return", "self", "try", "while", "with", "yield",
      ]
    }
  }
}

/// A piece of a line of source in one colour.
package struct SourceSpan: Sendable, Equatable {
  /// What a piece of source is.
  package enum Kind: String, Sendable { case plain, keyword, type, string, comment }
  /// What stands there.
  package let text: String
  /// What it is.
  package let kind: Kind

  /// - Parameters:
  ///   - text: what stands there.
  ///   - kind: what it is.
  package init(_ text: String, _ kind: Kind) {
    self.text = text
    self.kind = kind
  }
}

/// Colours lines of source, from the first line of a file (or of a declaration) on.
///
/// This is no parser. A word is a keyword if it is on the list and no member (`.init`),
/// and a type if it begins with a capital letter; that is how the source is written.
/// What goes on over the end of a line is a long string or a comment between `/*` and
/// `*/`, and only that is remembered from one line to the next.
///
/// - Returns: for each line its pieces, whose texts put together are the line.
package func coloredSource(_ lines: [String], _ language: Language) -> [[SourceSpan]] {
  var lexer = Lexer(language)
  return lines.map { lexer.spans($0) }
}

private struct Lexer {
  let language: Language
  let keywords: Set<Substring>
  /// What the next line begins inside of, and how that ends.
  var open: (kind: SourceSpan.Kind, end: String)?

  init(_ language: Language) {
    self.language = language
    keywords = language.keywords
  }

  mutating func spans(_ line: String) -> [SourceSpan] {
    var spans: [SourceSpan] = []
    var rest = line[...]
    func add(_ text: Substring, _ kind: SourceSpan.Kind) {
      if text.isEmpty { return }
      if let last = spans.last, last.kind == kind {
        spans[spans.count - 1] = SourceSpan(last.text + text, kind)
      } else {
        spans.append(SourceSpan(String(text), kind))
      }
    }
    func take(_ end: Substring.Index, _ kind: SourceSpan.Kind) {
      add(rest[..<end], kind)
      rest = rest[end...]
    }
    while let first = rest.first {
      if let (kind, mark) = open {
        let end = rest.firstRange(of: mark)?.upperBound
        take(end ?? rest.endIndex, kind)
        if end != nil { open = nil }
      } else if first == " " {
        take(rest.firstIndex { $0 != " " } ?? rest.endIndex, .plain)
      } else if "/#".contains(first), rest.hasPrefix(language.comment) {
        take(rest.endIndex, .comment)
      } else if language == .swift, first == "/", rest.hasPrefix("/*") {
        take(rest.index(rest.startIndex, offsetBy: 2), .comment)
        open = (.comment, "*/")
      } else if "\"'".contains(first), let mark = longQuote(rest) {
        take(rest.index(rest.startIndex, offsetBy: 3), .string)
        open = (.string, mark)
      } else if first == "\"" || language == .python && first == "'" {
        take(endOfString(rest, first), .string)
      } else if first.isLetter || first == "_" || first == "@" || first == "#" {
        let word = rest.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let isMember = spans.last?.text.last == "."
        take(word.endIndex, kind(rest[..<word.endIndex], isMember))
      } else if first.isNumber {
        // A number is no word, but `0xFF` has letters in it.
        take(rest.firstIndex { !$0.isLetter && !$0.isNumber } ?? rest.endIndex, .plain)
      } else {
        take(rest.index(after: rest.startIndex), .plain)
      }
    }
    return spans
  }

  private func longQuote(_ text: Substring) -> String? {
    if text.hasPrefix("\"\"\"") { return "\"\"\"" }
    return language == .python && text.hasPrefix("'''") ? "'''" : nil
  }

  /// Behind the quotation mark that ends a string. `\"` does not, and neither does one
  /// inside of `\( )`.
  private func endOfString(_ text: Substring, _ quote: Character) -> Substring.Index {
    var place = text.index(after: text.startIndex)
    var depth = 0
    while place < text.endIndex {
      let next = text.index(after: place)
      switch text[place] {
      case "\\" where next < text.endIndex:
        if text[next] == "(" { depth += 1 }
        place = text.index(after: next)
        continue
      case "(" where depth > 0: depth += 1
      case ")" where depth > 0: depth -= 1
      case quote where depth == 0: return next
      default: break
      }
      place = next
    }
    return text.endIndex
  }

  private func kind(_ word: Substring, _ isMember: Bool) -> SourceSpan.Kind {
    if word.hasPrefix("@") || word.hasPrefix("#") { return .keyword }
    if keywords.contains(word), !isMember || word == "self" { return .keyword }
    return word.first!.isUppercase ? .type : .plain
  }
}
