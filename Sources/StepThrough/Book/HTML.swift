// Markup as text, with nothing in it that was meant as text. The rest of the book never
// writes an angle bracket that came from outside.

import Telling

/// A piece of a page.
package struct HTML: Sendable, ExpressibleByStringInterpolation {
  /// The markup.
  package private(set) var markup: String

  /// What a literal says is markup; what stands in `\( )` in it is text, unless it is
  /// `HTML` itself.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var markup = ""
    package init(literalCapacity: Int, interpolationCount: Int) {
      markup.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }
    package mutating func appendLiteral(_ literal: String) { markup += literal }
    package mutating func appendInterpolation(_ text: some StringProtocol) {
      markup += xml(text)
    }
    package mutating func appendInterpolation(_ number: Int) { markup += "\(number)" }
    package mutating func appendInterpolation(_ html: HTML) { markup += html.markup }
    package mutating func appendInterpolation(_ list: [HTML]) {
      for html in list { markup += html.markup }
    }
  }

  package init(stringLiteral markup: String) { self.markup = markup }
  package init(stringInterpolation: StringInterpolation) {
    markup = stringInterpolation.markup
  }

  /// - Parameter markup: what is markup already, as a file of the book's own is.
  init(markup: String) { self.markup = markup }

  /// - Parameter text: what a reader is to see.
  package init(text: some StringProtocol) { markup = xml(text) }

  /// Puts a piece behind this one.
  package static func += (left: inout HTML, right: HTML) { left.markup += right.markup }
}

extension DefaultStringInterpolation {
  /// A page said `HTML(markup:` for a while, because nobody had said what it consists of.
  @available(*, unavailable, message: "this would be a text: say that it is HTML")
  mutating func appendInterpolation(_ html: HTML) {}
}
