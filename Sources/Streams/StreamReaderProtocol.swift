import EventLoops
import Sockets
public import Transports

/// The protocol between a transport and a reader: every call of the transport becomes
/// a call of the reader, and the two that are about writing become `drain`.
///
/// It is a protocol like any other that you could have written after chapter 9. There
/// is no special door into the loop for streams.
///
/// asyncio: streams.StreamReaderProtocol
public final class StreamReaderProtocol: StreamProtocol {
  let loop: EventLoop
  let reader: StreamReader
  /// What to do with a new client; `nil` on the client's own side, and once it is done.
  private var clientConnected: ClientConnected?
  /// How the connection ended; `nil` as long as it stands.
  private var ending: Result<Void, any Error>?
  /// What everybody waits for who waits for that.
  private var closed: Future<Void>?

  // Flow control: see `StreamReaderProtocol+FlowControl.swift`.
  var paused = false
  var drainWaiters = Waiters()
  var connectionIsLost: Bool { ending != nil }

  /// What to do with a new client: a plain callback, or a body that becomes a task.
  enum ClientConnected {
    case callback((StreamReader, StreamWriter) throws -> Void)
    case body((StreamReader, StreamWriter) async throws -> Void)
  }

  /// Makes the protocol of a reader, for a connection that this side has opened.
  ///
  /// asyncio: StreamReaderProtocol.__init__
  public convenience init(_ reader: StreamReader) { self.init(reader, nil) }

  init(_ reader: StreamReader, _ clientConnected: ClientConnected?) {
    self.reader = reader
    self.clientConnected = clientConnected
    loop = reader.loop
  }

  // [adapter.connection-made]
  /// There is a connection. On a server's side the client's handler begins here.
  ///
  /// asyncio: StreamReaderProtocol.connection_made
  public func connectionMade(_ transport: SocketTransport) throws {
    reader.setTransport(transport)
    guard let clientConnected else { return }
    // It is needed once. A handler that keeps its writer in a variable of its own would
    // otherwise be kept by that writer, for ever. (Python has a collector for this.)
    self.clientConnected = nil
    let writer = StreamWriter(transport, self, reader)
    switch clientConnected {
    case .callback(let callback):
      do {
        try callback(reader, writer)
      } catch {
        // asyncio reported it as we do, and left a connection that nobody has, until
        // August 2026 (gh-155941).
        transport.close()
        throw error
      }
    case .body(let body):
      let task = try loop.createTask { [reader] in try await body(reader, writer) }
      task.addDoneCallback("clientHandled") { [self] task in
        clientHandled(task, transport)
      }
    }
  }

  // [adapter.client-handled]
  /// The handler has ended. If it went wrong there is nobody to throw it at, and
  /// nobody who would close the connection. If it went well we close nothing: the
  /// handler may have given the writer to somebody else.
  ///
  /// asyncio: the callback in StreamReaderProtocol.connection_made
  private func clientHandled(_ task: Future<Void>, _ transport: SocketTransport) {
    if task.cancelled() { return transport.close() }
    guard case .failure(let error) = Result(catching: task.result) else { return }
    loop.callExceptionHandler(
      ExceptionContext(
        "Unhandled error in a client's handler", error, transport: transport,
        protocol: self))
    transport.close()
  }

  /// asyncio: StreamReaderProtocol.data_received
  public func dataReceived(_ bytes: [UInt8]) throws { try reader.feedData(bytes) }

  // [adapter.eof-received]
  /// The peer has finished sending, and may well be waiting for our answer: the
  /// connection stays open (M7: bpo-24539, in 2015).
  ///
  /// asyncio: StreamReaderProtocol.eof_received
  public func eofReceived() throws -> Bool {
    try reader.feedEof()
    return true
  }

  // [adapter.connection-lost]
  /// The connection is gone. Everybody who waits for anything hears of it here, and
  /// nowhere else; above all not in `close()`, which is only a request (M5).
  ///
  /// asyncio: StreamReaderProtocol.connection_lost
  public func connectionLost(_ error: (any Error)?) throws {
    let ending: Result<Void, any Error> = error.map { .failure($0) } ?? .success(())
    self.ending = ending
    // Who reads,
    if let error { try reader.setException(error) } else { try reader.feedEof() }
    // who waits for the end,
    if let closed {
      try closed.settle(ending)
      _ = try? closed.exception()  // if they have all gone away, the reader has it, too
    }
    // and who waits for room to write. If it ended without an error (somebody here has
    // called `abort`), their drain returns as if there were room now; the next one
    // throws.
    for waiter in drainWaiters.pending { try waiter.settle(ending) }
  }

  // [adapter.wait-closed]
  /// Waits until the connection is gone.
  ///
  /// All callers share one future. A deadline around one of them cancels it in asyncio,
  /// and from then on every other caller is told that *it* was cancelled, even if the
  /// connection ends cleanly (M9). Here it is nobody's to cancel.
  ///
  /// asyncio: StreamWriter.wait_closed, StreamReaderProtocol._get_close_waiter
  @inline(__always)  // as `AnyFuture.wait`
  func waitClosed() async throws {
    // [adapter.close-waiter]
    if let ending { return try ending.get() }
    let closed = self.closed ?? loop.createFuture()
    closed.isShared = true
    self.closed = closed
    try await closed.value()
  }
}

extension Future<Void> {
  fileprivate func settle(_ result: Result<Void, any Error>) throws {
    switch result {
    case .success: try setResult(())
    case .failure(let error): try setException(error)
    }
  }
}
