// The keys and reports that are an escape, a bracket, some numbers, and a letter
// (ECMA-48, 5.4, with what xterm and its relatives made of it).

extension KeyParser {
  /// `ESC [ A`, `ESC O A`, `ESC [ 5 ~`, `ESC [ < 0 ; 10 ; 5 M` and the like.
  ///
  /// - Returns: the key, and how many bytes there are up to its end; `nil` if the
  ///   end is not there.
  func sequence(at place: Int, _ bytes: [UInt8]) -> (Key, Int)? {
    let begin = place + 2
    guard begin < bytes.count else { return nil }
    // Linux's own console: `ESC [ [ A` is F1.
    if bytes[begin] == UInt8(ascii: "[") {
      return begin + 1 < bytes.count ? (.unknown, begin + 2) : nil
    }
    let isNumbered = bytes[place + 1] == UInt8(ascii: "[")
    // The oldest way to report the mouse: three bytes of any kind behind the letter.
    if isNumbered && bytes[begin] == UInt8(ascii: "M") {
      guard begin + 3 < bytes.count else { return nil }
      let numbers = bytes[(begin + 1)...(begin + 3)].map { Int($0) - 32 }
      return (mouse(numbers), begin + 4)
    }
    guard let end = bytes[begin...].firstIndex(where: { !(0x20..<0x40 ~= $0) }) else {
      return nil
    }
    // Neither number nor letter: it was cut off, and something else begins here.
    guard 0x40..<0x7F ~= bytes[end] else { return (.unknown, end) }
    return (key(String(decoding: bytes[begin...end], as: UTF8.self)), end + 1)
  }

  private func key(_ text: String) -> Key {
    switch text {
    case "A": return .up
    case "B": return .down
    case "C": return .right
    case "D": return .left
    case "H", "1~", "7~": return .home
    case "F", "4~", "8~": return .end
    case "5~": return .pageUp
    case "6~": return .pageDown
    case "Z": return .backTab
    default: break
    }
    let numbers = text.dropLast().split(separator: ";").map { Int($0) ?? 0 }
    if text.first == "<" && (text.last == "M" || text.last == "m") {
      let code = Int(text.dropFirst().prefix { $0.isNumber }) ?? -1
      return mouse([code] + numbers.dropFirst(), isRelease: text.last == "m")
    }
    if text.last == "M" {
      return mouse(numbers.enumerated().map { $0 == 0 ? $1 - 32 : $1 })
    }
    return .unknown
  }

  /// Three numbers: what, which column, which row.
  private func mouse(_ numbers: [Int], isRelease: Bool = false) -> Key {
    guard numbers.count == 3, numbers.allSatisfy({ $0 >= 0 }) else { return .unknown }
    return .mouse(
      Mouse(
        code: numbers[0], column: numbers[1], row: numbers[2], isRelease: isRelease))
  }
}
