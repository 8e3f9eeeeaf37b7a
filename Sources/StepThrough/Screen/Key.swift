// From the bytes of a keyboard to keys. It knows terminals' codes, and not what a key
// does.

/// A key, as far as the step-through cares.
package enum Key: Equatable, Sendable {
  case character(Character)
  case enter, escape, backspace
  case left, right, up, down
  case home, end, pageUp, pageDown
  /// Ctrl-C, Ctrl-Z and Ctrl-D. In raw mode they are bytes like any other.
  case interrupt, suspend, endOfInput
  /// Something that has no meaning here.
  case unknown
}

/// Makes keys of the bytes that a terminal sends.
///
/// An arrow key arrives as three bytes or more, beginning with the one of the
/// escape key. Usually they come together, but nobody promises that.
package struct KeyParser {
  private var bytes: [UInt8] = []

  /// A parser that has seen nothing yet.
  package init() {}

  /// Whether the beginning of a key is there and its end is not.
  package var isIncomplete: Bool { !bytes.isEmpty }

  /// Takes bytes, gives the keys that are complete.
  ///
  /// - Parameter isAll: nothing more will come soon; what is left is a key too.
  package mutating func parse(_ new: [UInt8], isAll: Bool = false) -> [Key] {
    bytes += new
    var keys: [Key] = []
    while let (key, count) = first(isAll) {
      keys.append(key)
      bytes.removeFirst(count)
    }
    return keys
  }

  private func first(_ isAll: Bool) -> (Key, Int)? {
    switch bytes.first {
    case nil: return nil
    case 0x1B: return escapeSequence() ?? (isAll ? (.escape, 1) : nil)
    case 0x03: return (.interrupt, 1)
    case 0x1A: return (.suspend, 1)
    case 0x04: return (.endOfInput, 1)
    case 0x0D, 0x0A: return (.enter, 1)
    case 0x7F, 0x08: return (.backspace, 1)
    case .some(let byte) where byte < 0x20: return (.unknown, 1)
    case .some(let byte):
      // The first byte of a character says how many there are (UTF-8).
      let count = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      if bytes.count < count && !isAll { return nil }
      let text = String(decoding: bytes.prefix(count), as: UTF8.self)
      return (.character(text.first!), min(count, bytes.count))
    }
  }

  /// `ESC [ A`, `ESC O A`, `ESC [ 5 ~` and the like.
  private func escapeSequence() -> (Key, Int)? {
    guard bytes.count > 1 else { return nil }
    guard bytes[1] == UInt8(ascii: "[") || bytes[1] == UInt8(ascii: "O") else {
      return (.escape, 1)
    }
    guard let end = bytes.dropFirst(2).firstIndex(where: { 0x40...0x7E ~= $0 }) else {
      return nil
    }
    let key: Key =
      switch String(decoding: bytes[2...end], as: UTF8.self) {
      case "A": .up
      case "B": .down
      case "C": .right
      case "D": .left
      case "H", "1~", "7~": .home
      case "F", "4~", "8~": .end
      case "5~": .pageUp
      case "6~": .pageDown
      default: .unknown
      }
    return (key, end + 1)
  }
}
