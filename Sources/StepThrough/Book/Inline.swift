// What stands inside of a line: code, emphasis, links, and nothing else.

/// What a line has that the book does not know.
struct InlineError: Error {
  let what: String
}

/// Reads the text of a paragraph, a heading or a cell.
func inlineMarkdown(_ text: String) throws(InlineError) -> [Inline] {
  var parser = InlineParser(rest: text[...])
  return try parser.inlines(until: nil)
}

private struct InlineParser {
  var rest: Substring
  /// The character before `rest`: an underscore inside of a word is none of ours.
  var before: Character?

  /// Reads up to the mark that ends an emphasis, and the mark too; without one, all.
  mutating func inlines(until end: String?) throws(InlineError) -> [Inline] {
    var result: [Inline] = []
    var text = ""
    func flush() {
      if !text.isEmpty { result.append(.text(text)) }
      text = ""
    }
    while let first = rest.first {
      if let end, rest.hasPrefix(end), before != " " {
        skip(end.count)
        flush()
        return result
      }
      switch first {
      case "`":
        flush()
        result.append(try code())
      case "*" where rest.hasPrefix("**") && rest.dropFirst(2).first != " ":
        flush()
        skip(2)
        result.append(.strong(try inlines(until: "**")))
      case "*" where rest.dropFirst().first != " " && rest.count > 1:
        flush()
        skip(1)
        result.append(.emphasis(try inlines(until: "*")))
      case "!" where rest.hasPrefix("!["):
        flush()
        skip(1)
        let (alt, target) = try bracketed()
        result.append(.image(alt: String(alt), target: target))
      case "[":
        if let (label, target) = try? bracketed() {
          flush()
          result.append(.link(try Self.whole(label), target: target))
        } else {
          text.append(first)  // `[0]` is no link
          skip(1)
        }
      case "\\" where rest.dropFirst().first.map { "*|<>`\\_[]".contains($0) } == true:
        text.append(rest.dropFirst().first!)
        skip(2)
      case "&": text.append(try entity())
      case "<":
        if rest.hasPrefix("<br>") {
          flush()
          result.append(.lineBreak)
          skip(4)
        } else {
          throw InlineError(what: "the book knows no markup like '\(rest.prefix(20))'")
        }
      default:
        text.append(first)
        skip(1)
      }
    }
    if let end { throw InlineError(what: "there is no \(end) that ends this emphasis") }
    flush()
    return result
  }

  private static func whole(_ text: Substring) throws(InlineError) -> [Inline] {
    var parser = InlineParser(rest: text)
    return try parser.inlines(until: nil)
  }

  private mutating func skip(_ count: Int) {
    before = rest.dropFirst(count - 1).first
    rest = rest.dropFirst(count)
  }

  /// Between as many backquotes as it begins with.
  private mutating func code() throws(InlineError) -> Inline {
    let mark = rest.prefix { $0 == "`" }
    let inner = rest.dropFirst(mark.count)
    guard let end = inner.firstRange(of: mark) else {
      throw InlineError(what: "this code has no second \(mark)")
    }
    let code = inner[..<end.lowerBound].replacing("\n", with: " ")
    rest = inner[end.upperBound...]
    before = "`"
    let isPadded = mark.count > 1 && code.first == " " && code.last == " "
    return .code(isPadded ? String(code.dropFirst().dropLast()) : String(code))
  }

  /// `[text](target)`, and a title behind the target, which the weaver reads.
  private mutating func bracketed() throws(InlineError) -> (Substring, String) {
    var depth = 0
    var isCode = false
    let end = rest.firstIndex { character in
      if character == "`" { isCode.toggle() }
      if isCode { return false }
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      return depth == 0
    }
    guard let end, rest[end...].hasPrefix("]("),
      let close = rest[end...].firstIndex(of: ")")
    else { throw InlineError(what: "a bracket, and behind it no (target)") }
    let label = rest[rest.index(after: rest.startIndex)..<end]
    let target = rest[rest.index(end, offsetBy: 2)..<close]
    rest = rest[rest.index(after: close)...]
    before = ")"
    return (label, String(target.prefix { $0 != " " }))
  }

  private mutating func entity() throws(InlineError) -> Character {
    let known: [(String, Character)] = [
      ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&nbsp;", "\u{A0}"),
    ]
    for (name, character) in known where rest.hasPrefix(name) {
      skip(name.count)
      return character
    }
    skip(1)
    return "&"
  }
}
