// A line of the picture, with its looks by purpose ("this was added") and not by
// colour. Only the last step, on the way out, knows the codes for colours.

import Telling

/// What a piece of text is, as far as its looks are concerned.
package enum Style: Sendable {
  case plain
  /// Less important than what is around it.
  case dim
  /// More important.
  case bold
  /// The heading of a section.
  case heading
  /// A comment in the source, a word of its language, a type, a text.
  case comment, keyword, type, string
  /// The line of source that the step is about.
  case current
  /// Something that this step changed, added, or took away.
  case changed, added, removed
  /// A bar across the whole screen.
  case bar

  /// The numbers that a terminal wants for it. Without colours there are still
  /// bold, faint and reversed text, which are not colours.
  ///
  /// Of the eight colours that every terminal has, those that can be read on a dark
  /// ground and on a light one: no yellow, no white, no dark blue.
  func codes(inColor: Bool) -> String {
    switch self {
    case .plain: ""
    case .dim: "2"
    case .bold: "1"
    case .heading: inColor ? "1;36" : "1"
    case .comment: inColor ? "32" : "2"
    case .keyword: inColor ? "35" : ""
    case .type: inColor ? "36" : ""
    case .string: inColor ? "31" : ""
    case .current: inColor ? "1;30;103" : "7"
    case .changed: inColor ? "1;35" : "1"
    case .added: inColor ? "1;32" : "1"
    case .removed: inColor ? "31" : "2"
    case .bar: "7"
    }
  }
}

extension SourceSpan {
  /// How it looks.
  var style: Style {
    switch kind {
    case .plain: .plain
    case .keyword: .keyword
    case .type: .type
    case .string: .string
    case .comment: .comment
    }
  }
}

/// A line of the screen: pieces of text, each in a style.
package struct StyledLine: Sendable, Equatable {
  /// A piece of text in one style.
  package struct Span: Sendable, Equatable {
    package let text: String
    package let style: Style
  }
  /// The pieces, from the left.
  package private(set) var spans: [Span] = []

  /// - Parameters:
  ///   - text: what it says; line breaks and tabs are no text.
  ///   - style: how.
  package init(_ text: String = "", _ style: Style = .plain) {
    add(text, style)
  }

  /// Adds a piece at the right.
  mutating func add(_ text: String, _ style: Style = .plain) {
    if !text.isEmpty { spans.append(Span(text: text, style: style)) }
  }

  mutating func add(_ line: StyledLine) { spans += line.spans }

  /// What it says, without the looks.
  package var text: String { spans.map(\.text).joined() }

  /// The same line, exactly this wide: cut, or filled up in the given style.
  ///
  /// Every line of a picture has gone through here, so what is drawn over an old
  /// picture leaves nothing of it.
  func fitted(to columns: Int, filling style: Style = .plain) -> StyledLine {
    var line = StyledLine()
    var rest = columns
    for span in spans {
      let wide = displayWidth(span.text)
      if wide > rest {
        line.add(clip(span.text, to: rest), span.style)
        rest = columns - displayWidth(line.text)
        break
      }
      line.add(span.text, span.style)
      rest -= wide
    }
    line.add(String(repeating: " ", count: max(0, rest)), style)
    return line
  }

  /// What to send to a terminal.
  package func ansi(inColor: Bool) -> String {
    spans.map { span in
      let codes = span.style.codes(inColor: inColor)
      return codes.isEmpty ? span.text : "\u{1B}[\(codes)m\(span.text)\u{1B}[m"
    }.joined()
  }
}
