// Exercise 8: receive exactly so many bytes.

import Asyncio

extension EventLoop {
  /// Receives `count` bytes, no more and no fewer.
  ///
  /// - Throws: `IncompleteReadError`, with what there was, if the stream ends before.
  public func recvExactly(_ socket: Socket, _ count: Int) async throws -> [UInt8] {
    // Your turn. The kernel gives what it has.
    try await sockRecv(socket, count)
  }
}
