public import EventLoops
import Selectors
public import Sockets

/// A transport: the loop's half of a connection.
///
/// It owns the socket. It reads when there is something to read and tells the
/// protocol; it takes what the protocol writes and sees to it that it leaves, at once
/// or later. The protocol never waits, and never learns that there is an EAGAIN.
///
/// This file is a transport's birth and its death. Between them are
/// `SocketTransport+Reading.swift`, `SocketTransport+Writing.swift` and
/// `FlowControl.swift`.
///
/// An open transport never goes away by itself: the loop holds it until its connection
/// is lost. asyncio's loop only knows it weakly, and a transport that everybody has
/// forgotten closes its socket in a finaliser, some time, perhaps when the number is
/// somebody else's (T13: gh-130141). The price: who forgets to close one keeps it.
///
/// asyncio: selector_events._SelectorTransport, selector_events._SelectorSocketTransport
public final class SocketTransport: DescriptorOwner {
  package let name: Name
  let loop: EventLoop
  /// The number under which the loop knows the socket. It outlives the socket, so it
  /// is only used as long as there is one.
  let fd: Int32
  /// `nil` once the connection is lost.
  var socket: Socket?
  /// Whom to call; `nil` once the connection is lost.
  var proto: (any BaseProtocol)?
  private var server: Server?
  /// The socket's own address; `nil` if the kernel would not say.
  public let sockname: SocketAddress?
  /// The address of the other end; `nil` if the kernel would not say.
  public let peername: SocketAddress?

  // [transport.state]
  // Five facts, and no two of them are the same. Most of the scars below are from
  // taking one for another.
  /// `close()` was called, or something broke: no more reading, a last flush perhaps.
  var closing = false
  /// Not 0 once the call of `connectionLost` is on its way. (After that it counts the
  /// writes into the void, to complain about the fifth.)
  var connLost = 0
  /// `pauseReading()` was called.
  var paused = false
  /// The peer has finished sending, and the protocol was told.
  var isAtEnd = false
  /// `writeEof()` was called.
  var eof = false

  let buffer = WriteBuffer()
  // Flow control, in bytes.
  var highWater = 0
  var lowWater = 0
  var protocolPaused = false
  private var told: TransportState?

  // MARK: Birth

  // [transport.birth]
  /// asyncio: _SelectorSocketTransport.__init__, _SelectorTransport.__init__
  private init(
    _ loop: EventLoop, _ socket: Socket, _ proto: any BaseProtocol,
    peername: SocketAddress?, server: Server?
  ) {
    self.loop = loop
    self.socket = socket
    fd = socket.descriptor
    name = loop.nextTransportName()
    // Asked now and remembered: when the connection is lost and people want to know
    // whose it was, the kernel does not know any more.
    sockname = try? socket.getsockname()
    self.peername = peername ?? (try? socket.getpeername())
    self.proto = proto
    self.server = server
    setLimits(high: nil, low: nil)
  }

  // [transport.make]
  /// Makes a transport, which owns the socket from here on.
  ///
  /// - Parameters:
  ///   - waiter: is settled when `connectionMade` has been called.
  ///   - peername: the address of the other end, if it is known already.
  ///   - server: whose connection it is, if it was accepted.
  /// - Returns: the transport; `nil` if the server was closed meanwhile. Then, and
  ///   when it throws, the socket is still the caller's.
  /// - Throws: `RuntimeError` if an open transport has this descriptor, or if the loop
  ///   is closed; `SystemError` if the socket is not what it should be.
  ///
  /// asyncio: BaseSelectorEventLoop._make_socket_transport
  static func make(
    _ loop: EventLoop, _ socket: Socket, _ proto: any BaseProtocol,
    waiter: Future<Void>? = nil, peername: SocketAddress? = nil, server: Server? = nil
  ) throws -> SocketTransport? {
    try loop.checkClosed()
    try loop.ensureNoTransport(socket.descriptor)
    let transport = SocketTransport(
      loop, socket, proto, peername: peername, server: server)
    // [transport.nagle]
    // Nagle's algorithm holds small pieces back until earlier ones are acknowledged.
    // We gather by ourselves, and what is written should leave.
    if socket.family != .unix { try socket.setsockopt(.noDelay, 1) }
    // The server may have been closed after it accepted this one (V1).
    if let server, !server.attach(transport) { return nil }
    loop.transports[transport.fd] = transport
    transport.changed()

    // [transport.three-calls]
    // The order of birth. Nothing of this happens now, the caller has not even got
    // the transport yet. First the protocol meets its transport; only then can bytes
    // arrive, even if they are waiting already; and only then is whoever waits for
    // the connection told that there is one (T1).
    transport.callSoon("connectionMade") { [transport] in
      guard let proto = transport.proto else { return }
      transport.telling("connectionMade")
      try proto.connectionMade(transport)
    }
    transport.callSoon("addReader") { [transport] in transport.addReader() }
    if let waiter {
      transport.callSoon("setResultUnlessCancelled") {
        try waiter.setResultUnlessCancelled(())
      }
    }
    return transport
  }

  // MARK: Questions

  /// Something about the connection: `"socket"`, `"sockname"` or `"peername"`.
  ///
  /// - Parameters:
  ///   - name: what to look up.
  ///   - fallback: the answer if there is no such thing.
  /// - Returns: a `Socket` (to look at; closing is the transport's business) or a
  ///   `SocketAddress`.
  ///
  /// asyncio: BaseTransport.get_extra_info
  public func getExtraInfo(_ name: String, default fallback: Any? = nil) -> Any? {
    switch name {
    case "socket": socket ?? fallback
    case "sockname": sockname ?? fallback
    case "peername": peername ?? fallback
    default: fallback
    }
  }

  /// Gives the connection to another protocol, from the next call on. The new one gets
  /// no `connectionMade`, and the old one nothing at all any more.
  ///
  /// asyncio: _SelectorSocketTransport.set_protocol, _SelectorTransport.set_protocol
  public func setProtocol(_ proto: any BaseProtocol) {
    if socket != nil { self.proto = proto }
  }

  /// The protocol; `nil` once the connection is lost.
  ///
  /// asyncio: _SelectorTransport.get_protocol
  public func getProtocol() -> (any BaseProtocol)? { proto }

  /// Whether the transport is closing, or closed.
  ///
  /// asyncio: _SelectorTransport.is_closing
  public func isClosing() -> Bool { closing }

  // MARK: Death

  // [transport.close]
  /// Closes the connection, politely: what was written before still leaves, and then
  /// `connectionLost(nil)` is called, in a turn of its own. Reading ends now. Doing it
  /// again changes nothing.
  ///
  /// asyncio: _SelectorTransport.close, _SelectorSocketTransport.close
  public func close() {
    if closing { return }
    closing = true
    removeReader()
    // With something in the buffer, `writeReady` buries us when it is empty. And
    // nothing is thrown away yet that writing needs: "close requested" is not
    // "connection lost" (T9: gh-115514).
    if buffer.isEmpty {
      removeWriter()
      scheduleConnectionLost(nil)
    }
    changed()
  }

  /// Closes the connection at once. What is in the buffer is thrown away.
  ///
  /// asyncio: _SelectorTransport.abort
  public func abort() { forceClose(nil) }

  // [transport.fatal-error]
  /// Something broke, and nobody is there to throw it at.
  ///
  /// A refusal of the kernel is part of life: the peer went away, the cable was cut.
  /// The protocol hears of it in `connectionLost`, and that will do. Anything else is
  /// a mistake in somebody's code, and the exception handler should hear of it.
  ///
  /// asyncio: _SelectorTransport._fatal_error
  func fatalError(_ error: any Error, _ message: String) {
    if !(error is SystemError) {
      report(message, error)
    }
    forceClose(error)
  }

  // [transport.force-close]
  /// asyncio: _SelectorTransport._force_close
  func forceClose(_ error: (any Error)?) {
    if connLost > 0 { return }
    buffer.removeAll()
    removeWriter()
    if !closing {
      closing = true
      removeReader()
    }
    scheduleConnectionLost(error)
    changed()
  }

  // [transport.once]
  /// The rule since 2013: `connLost` is raised exactly when `connectionLost` is
  /// scheduled, and it is looked at before. So it comes once (T10).
  private func scheduleConnectionLost(_ error: (any Error)?) {
    connLost += 1
    callSoon("callConnectionLost") { [self] in try callConnectionLost(error) }
  }

  // [transport.connection-lost]
  /// The last word. Whatever the protocol does with it, the socket is closed.
  ///
  /// asyncio: _SelectorSocketTransport._call_connection_lost,
  /// _SelectorTransport._call_connection_lost
  func callConnectionLost(_ error: (any Error)?) throws {
    guard let proto else { return }  // the loop was closed meanwhile
    defer { release(CallSite()) }
    telling(error.map { "connectionLost \($0)" } ?? "connectionLost")
    try proto.connectionLost(error)
  }

  /// Gives everything back: the entry in the loop's table, if it is still ours, the
  /// socket, and the references that would keep others alive.
  private func release(_ site: CallSite) {
    if loop.transports[fd] === self { loop.transports[fd] = nil }
    socket?.close(file: site.file, line: site.line)
    socket = nil
    proto = nil
    changed()
    let server = server
    self.server = nil
    server?.detach(self)
  }

  // [transport.abandon]
  /// The loop closes and we are still open. Nobody will call anybody any more: there
  /// is no loop to do it. But the descriptor has to be given back.
  ///
  /// asyncio: _SelectorTransport.__del__
  package func abandon(_ site: CallSite) {
    if loop.debug { report("the loop was closed with an open transport", nil) }
    closing = true
    connLost += 1
    buffer.removeAll()
    removeReader()
    removeWriter()
    release(site)
  }

  // MARK: Small change

  /// The lines that put something into the queue cannot fail: a loop that is closed
  /// has abandoned us, and nothing of ours runs any more.
  func callSoon(
    _ name: String, file: StaticString = #fileID, line: UInt = #line,
    _ callback: @escaping () throws -> Void
  ) {
    do {
      try loop.callSoon(name, file: file, line: line, callback)
    } catch {
      preconditionFailure("a transport was used where its loop cannot be: \(error)")
    }
  }

  func report(_ message: String, _ error: (any Error)?) {
    loop.callExceptionHandler(
      ExceptionContext(message, error, transport: self, protocol: proto))
  }

  /// Tells the observer which call comes now.
  func telling(
    _ call: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
  ) {
    loop.tell(.protocolCalled(name, call()), self, CallSite(file, line))
  }

  // [transport.changed]
  /// Tells the observer what we look like now, if that is not what it knows.
  func changed(file: StaticString = #fileID, line: UInt = #line) {
    if loop.observer == nil { return }
    let new = state
    if new == told { return }
    told = new
    loop.tell(.transportChanged(new), self, CallSite(file, line))
  }

  /// What there is to see from outside.
  package var state: TransportState {
    var state = TransportState(name: name, fd: fd)
    state.bufferSize = buffer.byteCount
    state.low = lowWater
    state.high = highWater
    state.isWritingPaused = protocolPaused
    state.isReading = isReading()
    state.isClosing = closing
    state.isLost = socket == nil
    return state
  }
}
