// Exercise 15: a hundred answers, one system call.

import Asyncio

/// Answers each line with how long it is.
public final class Answers: StreamProtocol {
  /// What sends: one call of `send` each time, as long as the peer reads.
  public var write: ([UInt8]) throws -> Void = { _ in }
  private var rest: [UInt8] = []

  public init() {}

  public func connectionMade(_ transport: SocketTransport) {
    write = { try transport.write($0) }
  }

  // Your turn. A hundred lines may come in one piece.
  public func dataReceived(_ bytes: [UInt8]) throws {
    rest += bytes
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      try write(Array("\(end)\n".utf8))
      rest.removeFirst(end + 1)
    }
  }
}
