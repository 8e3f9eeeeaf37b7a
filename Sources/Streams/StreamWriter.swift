import EventLoops
public import Sockets
public import Transports

/// A stream writer: the transport's writing half, and `drain`.
///
/// `write` is not asynchronous here either. It never waits, so a program that only
/// writes can fill the memory. `drain` is where it gives the peer time to read.
///
/// A writer that you forget closes nothing: the loop keeps the connection until it is
/// closed (chapter 9). asyncio's closes it in a finaliser, with a warning. Python can
/// mostly afford that, because a variable lives to the end of its function. Swift only
/// promises that an object lives until its last use, and in `let (reader, _) = …` that
/// is at once: a program that reads on would have closed its own connection.
///
/// asyncio: streams.StreamWriter
public final class StreamWriter {
  /// The transport below.
  public let transport: SocketTransport
  private let proto: StreamReaderProtocol
  private let reader: StreamReader

  /// - Parameters:
  ///   - transport: whom to hand the bytes to.
  ///   - proto: who hears when it is too much.
  ///   - reader: who hears when the connection is lost.
  ///
  /// asyncio: StreamWriter.__init__
  public init(
    _ transport: SocketTransport, _ proto: StreamReaderProtocol, _ reader: StreamReader
  ) {
    self.transport = transport
    self.proto = proto
    self.reader = reader
  }

  // [writer.write]
  /// Sends bytes, or keeps them until they can leave. Follow it with `drain()`.
  ///
  /// There is no `await` in here, so no other task can write between two of your
  /// writes. That a peer has gone is not thrown here either; `drain()` throws it.
  ///
  /// - Throws: `RuntimeError` after `writeEof()`.
  ///
  /// asyncio: StreamWriter.write
  public func write(_ bytes: [UInt8]) throws(RuntimeError) {
    try transport.write(bytes)
  }

  /// Sends several pieces as one write.
  ///
  /// - Throws: `RuntimeError` after `writeEof()`.
  ///
  /// asyncio: StreamWriter.writelines
  public func writelines(_ chunks: [[UInt8]]) throws(RuntimeError) {
    try transport.writelines(chunks)
  }

  // [writer.drain]
  /// Waits until it is sensible to write more.
  ///
  /// That is at once, unless the transport's buffer has risen above its high water
  /// mark: then it waits until the buffer is down at the low one. It does not wait
  /// until everything has left.
  ///
  /// - Throws: the error that the connection was lost with; `SystemError` ECONNRESET if
  ///   it was lost without one, or during the one turn that is given away here;
  ///   `CancellationError`.
  ///
  /// asyncio: StreamWriter.drain
  public func drain() async throws {
    // [writer.drain-steps]
    // Asked before the turn below, and not again after it. So the first to hear of a
    // broken connection gets `drainHelper`'s ECONNRESET, and only the next drain the
    // true error. That is asyncio's order.
    if let error = reader.exception() { throw error }
    // [writer.drain-yield]
    // A write that failed has queued the bad news, `connectionLost`, and it takes a
    // turn to arrive. But we may not need to wait, and a loop of `write` and `drain`
    // would then never let the turn begin: it would write into the void for ever, at
    // full speed (M3: asyncio#263, in 2015). So here, one turn is given away.
    if transport.isClosing() { try await proto.loop.sleep(0) }
    try await proto.drainHelper()
  }

  // [writer.write-eof]
  /// Ends our half of the conversation, when everything that was written has left. We
  /// may still read; `write` throws from here on.
  ///
  /// asyncio: StreamWriter.write_eof
  public func writeEof() { transport.writeEof() }

  /// Whether `writeEof()` works.
  ///
  /// asyncio: StreamWriter.can_write_eof
  public func canWriteEof() -> Bool { transport.canWriteEof() }

  // [writer.close]
  /// Closes the connection, both halves of it, when everything that was written has
  /// left. Follow it with `waitClosed()`.
  ///
  /// asyncio: StreamWriter.close
  public func close() { transport.close() }

  /// Whether the connection is closing, or closed.
  ///
  /// asyncio: StreamWriter.is_closing
  public func isClosing() -> Bool { transport.isClosing() }

  /// Waits until the connection is gone. Against a peer that does not read that may
  /// take for ever: put a deadline around it, and then `transport.abort()` (M6).
  ///
  /// - Throws: the error that the connection was lost with; `CancellationError`.
  ///
  /// asyncio: StreamWriter.wait_closed
  public func waitClosed() async throws { try await proto.waitClosed() }

  /// Something about the connection: `"socket"`, `"sockname"` or `"peername"`.
  ///
  /// asyncio: StreamWriter.get_extra_info
  public func getExtraInfo(_ name: String, default fallback: Any? = nil) -> Any? {
    transport.getExtraInfo(name, default: fallback)
  }
}
