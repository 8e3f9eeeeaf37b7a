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
  /// Of the sixteen colours that every terminal has, green and cyan cannot be read on a
  /// light ground, nor blue on a dark one. Yellow is a ground itself, under black.
  func codes(_ palette: Palette) -> String {
    func codes(_ none: String, _ dark: String, _ light: String) -> String {
      switch palette {
      case .none: none
      case .dark: dark
      case .light: light
      }
    }
    return switch self {
    case .plain: ""
    case .dim: "2"
    case .bold: "1"
    case .heading: codes("1", "1;36", "1;4")
    case .comment: codes("2", "32", "34")
    case .keyword: codes("", "35", "35")
    case .type: codes("", "36", "1")
    case .string: codes("", "31", "31")
    case .current: codes("7", "1;30;103", "1;30;103")
    case .changed: codes("1", "1;35", "1;35")
    case .added: codes("1", "1;32", "1;34")
    case .removed: codes("2", "31", "31")
    case .bar: "7"
    }
  }
}

/// Which colours there are.
package enum Palette: Sendable {
  /// None.
  case none
  /// Those for a dark ground, which is what most terminals have that do not say.
  case dark
  /// Those for a light one.
  case light

  /// - Parameter ground: what some terminals say in the variable `COLORFGBG`, `15;0`: of
  ///   the sixteen colours the numbers of the text's and of the ground's.
  /// - Returns: `nil` if that says nothing of a ground.
  package init?(ground: String) {
    guard let last = ground.split(separator: ";").last, let number = Int(last) else {
      return nil
    }
    self = [7, 9, 10, 11, 12, 13, 14, 15].contains(number) ? .light : .dark
  }
}

/// What a press of the mouse on a piece of text is about.
package enum Hit: Sendable, Equatable {
  /// This step.
  case step(Int)
  /// This row of the list that is on the screen: a step, a scenario, an answer.
  case row(Int)
  /// This thing in the machine's pane.
  case item(section: String, id: String)
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
    /// What one presses here.
    package var hit: Hit?
  }
  /// The pieces, from the left.
  package private(set) var spans: [Span] = []

  /// - Parameters:
  ///   - text: what it says; line breaks and tabs are no text.
  ///   - style: how.
  ///   - hit: what one presses there.
  package init(_ text: String = "", _ style: Style = .plain, _ hit: Hit? = nil) {
    add(text, style, hit)
  }

  /// Adds a piece at the right.
  mutating func add(_ text: String, _ style: Style = .plain, _ hit: Hit? = nil) {
    if !text.isEmpty { spans.append(Span(text: text, style: style, hit: hit)) }
  }

  mutating func add(_ line: StyledLine) { spans += line.spans }

  /// What it says, without the looks.
  package var text: String { spans.map(\.text).joined() }

  /// What stands in a column, counted from 1 as a mouse counts.
  func hit(at column: Int) -> Hit? {
    var end = 0
    return spans.first {
      end += displayWidth($0.text)
      return column <= end
    }?.hit
  }

  /// The same words in another style.
  func inStyle(_ style: Style) -> StyledLine {
    var line = StyledLine()
    for span in spans { line.add(span.text, style, span.hit) }
    return line
  }

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
        line.add(clip(span.text, to: rest), span.style, span.hit)
        rest = columns - displayWidth(line.text)
        break
      }
      line.add(span.text, span.style, span.hit)
      rest -= wide
    }
    line.add(String(repeating: " ", count: max(0, rest)), style, spans.last?.hit)
    return line
  }

  /// What to send to a terminal.
  package func ansi(_ palette: Palette) -> String {
    spans.map { span in
      let codes = span.style.codes(palette)
      return codes.isEmpty ? span.text : "\u{1B}[\(codes)m\(span.text)\u{1B}[m"
    }.joined()
  }
}
