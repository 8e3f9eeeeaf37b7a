// What the reader does with keys and mouse. Not what it leads to.

/// What comes from the reader, as far as the step-through cares.
package enum Key: Equatable, Sendable {
  case character(Character)
  case enter, escape, backspace, tab, backTab
  case left, right, up, down
  case home, end, pageUp, pageDown
  /// Ctrl-C, Ctrl-Z and Ctrl-D. In raw mode they are bytes like any other.
  case interrupt, suspend, endOfInput
  case mouse(Mouse)
  /// Text from the clipboard. Nobody has typed it, so no letter of it is a key.
  case pasted(String)
  /// The last escape was none: what came now was the rest of another key.
  case notEscape
  /// The terminal's answer when it was asked for the colour of its ground.
  case ground(isLight: Bool)
  /// Something that has no meaning here.
  case unknown
}

/// What the mouse did, and over which character.
package struct Mouse: Equatable, Sendable {
  /// What it did. The middle and the right button belong to the terminal.
  package enum Act: Sendable { case press, release, wheelUp, wheelDown, other }
  package let act: Act
  /// Counted from 1, from the left and from the top.
  package let column, row: Int

  /// - Parameters:
  ///   - act: what it did.
  ///   - column: counted from 1, from the left.
  ///   - row: counted from 1, from the top.
  package init(_ act: Act, column: Int, row: Int) {
    self.act = act
    self.column = column
    self.row = row
  }

  /// - Parameters:
  ///   - code: a button's number with bits for what else there was: 32 a movement,
  ///     64 the wheel, 128 a button that most mice do not have; 4, 8 and 16 are shift,
  ///     alt and ctrl.
  ///   - isRelease: it was said in another way that a button was let go.
  init(code: Int, column: Int, row: Int, isRelease: Bool = false) {
    let act: Act =
      switch (code & 0b1110_0000, code & 0b11) {
      case (0, _) where isRelease: .release
      case (0, 0): .press
      case (0, 3): .release
      case (64, 0): .wheelUp
      case (64, 1): .wheelDown
      default: .other
      }
    self.init(act, column: column, row: row)
  }
}
