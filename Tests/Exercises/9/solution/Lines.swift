// Exercise 9: a protocol that gets lines, in whatever pieces they come.

import Asyncio

/// Calls `lineReceived` with each line, without its newline.
public final class Lines: StreamProtocol {
  private let lineReceived: (String) -> Void
  /// The beginning of a line that has not come to its end. In bytes: a piece may end in
  /// the middle of a character.
  private var rest: [UInt8] = []

  public init(_ lineReceived: @escaping (String) -> Void) {
    self.lineReceived = lineReceived
  }

  public func dataReceived(_ bytes: [UInt8]) {
    rest += bytes
    var lines = rest.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    rest = Array(lines.removeLast())
    for line in lines { lineReceived(String(decoding: line, as: UTF8.self)) }
  }

  /// A last line counts without a newline, too.
  public func eofReceived() -> Bool {
    if !rest.isEmpty { lineReceived(String(decoding: rest, as: UTF8.self)) }
    rest = []
    return false
  }
}
