// Exercise 8: receive exactly so many bytes.

import Asyncio

extension EventLoop {
  /// Receives `count` bytes, no more and no fewer.
  ///
  /// - Throws: `IncompleteReadError`, with what there was, if the stream ends before.
  public func recvExactly(_ socket: Socket, _ count: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      // Not more than is missing: what comes behind is somebody else's.
      let piece = try await sockRecv(socket, count - bytes.count)
      if piece.isEmpty { throw IncompleteReadError(partial: bytes, expected: count) }
      bytes += piece
    }
    return bytes
  }
}
