// From the bytes of a terminal to keys. It knows terminals' codes, and not what a key
// does.

/// Makes keys of the bytes that a terminal sends.
///
/// An arrow key arrives as three bytes or more, and the first is the byte of the
/// escape key. Usually they come together, but nobody promises that, least of all a
/// network in between. So whoever reads the terminal asks how long to wait for more,
/// and says when nothing came; this knows no clock.
///
/// What it does not understand it takes whole and calls `unknown`: half a report,
/// read as letters, would press keys that nobody has touched.
package struct KeyParser {
  /// Came, and is no whole key yet.
  private var bytes: [UInt8] = []
  /// What was pasted so far; `nil` if nothing is being pasted.
  private var pasted: [UInt8]?
  /// An escape was given out for want of more. What comes now may be its rest.
  private var escapeIsOut = false

  /// More than this much of a pasted text is of no use to anybody.
  private static let room = 4096
  private static let pasteBegin = Array("\u{1B}[200~".utf8)
  private static let pasteEnd = Array("\u{1B}[201~".utf8)

  /// A parser that has seen nothing yet.
  package init() {}

  /// How many milliseconds to wait for more bytes; `nil` for ever.
  ///
  /// Short for a lone escape: that key should not feel dead. If it was none after
  /// all, `notEscape` takes it back. All else that has a beginning has an end.
  package var patience: Int32? {
    if pasted != nil { return nil }
    if !bytes.isEmpty && bytes.allSatisfy({ $0 == 0x1B }) { return 50 }
    return bytes.isEmpty && !escapeIsOut ? nil : 1000
  }

  /// Takes bytes, gives the keys that are complete.
  ///
  /// - Parameter isAll: nothing more came in time; what is left is a key too.
  package mutating func parse(_ new: [UInt8], isAll: Bool = false) -> [Key] {
    if pasted != nil && new == [0x03] {
      // A terminal that forgot to say where its text ends: this is the way out.
      (bytes, pasted) = ([], nil)
      return [.interrupt]
    }
    bytes += new
    var keys: [Key] = []
    if escapeIsOut, let first = bytes.first {
      escapeIsOut = false
      if first == UInt8(ascii: "[") || first == UInt8(ascii: "O") {
        if sequence(at: 0, [0x1B] + bytes) != nil {
          bytes.insert(0x1B, at: 0)
          keys = [.notEscape]
        } else if !isAll {
          escapeIsOut = true  // for a moment more; then it is what somebody typed
        }
      }
    }
    while let key = next(isAll) { keys.append(key) }
    if isAll { escapeIsOut = keys.last == .escape }
    return keys
  }

  private mutating func next(_ isAll: Bool) -> Key? {
    if escapeIsOut { return nil }
    if pasted != nil { return paste() }
    if bytes.starts(with: Self.pasteBegin) {
      bytes.removeFirst(Self.pasteBegin.count)
      pasted = []
      return paste()
    }
    guard let (key, count) = first(isAll) else { return nil }
    bytes.removeFirst(count)
    return key
  }

  // MARK: Pasted text

  /// Takes what belongs to the text; gives it when its end has come.
  private mutating func paste() -> Key? {
    let mark = Self.pasteEnd
    let end = bytes.indices.first { bytes[$0...].starts(with: mark) }
    // The last bytes may be the beginning of the mark.
    let count = end ?? max(0, bytes.count - mark.count + 1)
    pasted! += bytes.prefix(min(count, Self.room - pasted!.count))
    bytes.removeFirst(count)
    guard end != nil else { return nil }
    bytes.removeFirst(mark.count)
    defer { pasted = nil }
    return .pasted(String(decoding: pasted!, as: UTF8.self))
  }

  // MARK: Keys

  private func first(_ isAll: Bool) -> (Key, Int)? {
    switch bytes.first {
    case nil: return nil
    case 0x1B: return escaped() ?? (isAll ? cutOff : nil)
    case 0x03: return (.interrupt, 1)
    case 0x04: return (.endOfInput, 1)
    case 0x09: return (.tab, 1)
    case 0x0D, 0x0A: return (.enter, 1)
    case 0x1A: return (.suspend, 1)
    case 0x7F, 0x08: return (.backspace, 1)
    case .some(0..<0x20): return (.unknown, 1)
    default: return character(at: 0, isAll)
    }
  }

  /// What an escape and all behind it are, if no more comes.
  private var cutOff: (Key, Int) {
    // Twice the escape key is no beginning of anything.
    bytes.count == 1 || bytes[1] == 0x1B ? (.escape, 1) : (.unknown, bytes.count)
  }

  /// A character in UTF-8: its first byte says how many there are.
  private func character(at start: Int, _ isAll: Bool) -> (Key, Int)? {
    let length: Int
    switch bytes[start] {
    case ..<0x80: length = 1
    case 0xC2..<0xE0: length = 2
    case 0xE0..<0xF0: length = 3
    case 0xF0..<0xF5: length = 4
    default: return (.unknown, 1)
    }
    let rest = bytes[(start + 1)...].prefix(length - 1)
    let whole = bytes[start..<start + 1] + rest.prefix { 0x80..<0xC0 ~= $0 }
    if whole.count == length, let text = String(validating: whole, as: UTF8.self),
      text.unicodeScalars.first!.properties.generalCategory != .control
    {
      return (.character(text.first!), length)
    }
    let isCut = whole.count == 1 + rest.count && whole.count < length
    return isCut && !isAll ? nil : (.unknown, whole.count)
  }

  /// What begins with an escape; `nil` if its end is not there.
  private func escaped() -> (Key, Int)? {
    guard bytes.count > 1 else { return nil }
    switch bytes[1] {
    case UInt8(ascii: "["), UInt8(ascii: "O"): return sequence(at: 0, bytes)
    case 0x1B:
      // The escape key twice, or, in some terminals, alt and an arrow.
      guard bytes.count > 2 else { return nil }
      guard bytes[2] == UInt8(ascii: "[") || bytes[2] == UInt8(ascii: "O") else {
        return (.escape, 1)
      }
      return sequence(at: 1, bytes).map { (.unknown, $0.1) }
    case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "^"), UInt8(ascii: "_"):
      return report()
    case 0x03, 0x04, 0x1A: return (.escape, 1)  // whatever is before those: they act
    case ..<0x20, 0x7F: return (.unknown, 2)
    default:
      // Alt and a letter.
      return character(at: 1, false).map { (.unknown, 1 + $0.1) }
    }
  }

  /// A terminal's answer to what we, or another program, had asked: `ESC ] … BEL`, or
  /// with `ESC \` at its end.
  private func report() -> (Key, Int)? {
    for place in bytes.indices.dropFirst(2) {
      switch bytes[place] {
      case 0x07: return (answer(bytes[1..<place]), place + 1)
      case 0x03: return (.unknown, place)  // nobody answers with Ctrl-C
      case 0x1B where place + 1 < bytes.count:
        guard bytes[place + 1] == UInt8(ascii: "\\") else { return (.unknown, place) }
        return (answer(bytes[1..<place]), place + 2)
      default: break
      }
    }
    return nil
  }

  /// `]11;rgb:ffff/ffff/ffff`: the ground's red, green and blue, with one digit each or
  /// up to four.
  private func answer(_ bytes: ArraySlice<UInt8>) -> Key {
    let text = String(decoding: bytes, as: UTF8.self)
    let color = /\]11;rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4}).*/
    guard let match = text.lowercased().wholeMatch(of: color) else { return .unknown }
    func part(_ digits: Substring) -> Double {
      Double(Int(digits, radix: 16)!) / Double(1 << (4 * digits.count) - 1)
    }
    // To the eye, green is the brightest, and blue the darkest.
    let light = 0.2 * part(match.1) + 0.7 * part(match.2) + 0.1 * part(match.3)
    return .ground(isLight: light > 0.5)
  }
}
