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

  public func dataReceived(_ bytes: [UInt8]) throws {
    rest += bytes
    // All that came together is answered together.
    var answers: [UInt8] = []
    var begin = 0
    while let end = rest[begin...].firstIndex(of: UInt8(ascii: "\n")) {
      answers += Array("\(end - begin)\n".utf8)
      begin = end + 1
    }
    // Once, too: taken away line by line, the rest would be moved for each of them.
    rest.removeFirst(begin)
    if !answers.isEmpty { try write(answers) }
  }
}
