// Exercise 9: a protocol that gets lines, in whatever pieces they come.

import Asyncio

/// Calls `lineReceived` with each line, without its newline.
public final class Lines: StreamProtocol {
  private let lineReceived: (String) -> Void

  public init(_ lineReceived: @escaping (String) -> Void) {
    self.lineReceived = lineReceived
  }

  // Your turn. This takes each piece for a number of lines.
  public func dataReceived(_ bytes: [UInt8]) {
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      lineReceived(String(line))
    }
  }

  /// A last line counts without a newline, too.
  public func eofReceived() -> Bool { false }
}
