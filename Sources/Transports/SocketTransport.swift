public import EventLoops
import Selectors
public import Sockets

/// A transport: the loop's half of a connection.
///
/// It owns the socket. It reads when there is something to read and tells the
/// protocol; it takes what the protocol writes and sees to it that it leaves, at once
/// or later. The protocol never waits, and never learns that there is an EAGAIN.
///
/// This file is what a transport has, and how it comes into being. Then follow
/// `SocketTransport+Reading.swift`, `SocketTransport+Writing.swift`,
/// `FlowControl.swift`, and, for the end, `SocketTransport+Closing.swift`.
///
/// An open transport never goes away by itself: the loop holds it until its connection
/// is lost. asyncio's loop only knows it weakly, and by its reader. One that is paused
/// and that everybody has forgotten closes its socket in a finaliser, some time, perhaps
/// when the number is somebody else's (T13: gh-130141). The price: who forgets to close
/// one keeps it.
///
/// asyncio: selector_events._SelectorTransport, selector_events._SelectorSocketTransport
public final class SocketTransport: DescriptorOwner {
  package let name: Name
  /// `nil` once the connection is lost: who keeps the transport does not keep the loop.
  var loop: EventLoop!
  /// The number under which the loop knows the socket. It outlives the socket, so it
  /// is only used as long as there is one.
  let fd: Int32
  /// `nil` once the connection is lost.
  var socket: Socket?
  /// Whom to call; `nil` once the connection is lost.
  var proto: (any BaseProtocol)? { didSet { receiver = Receiver(proto) } }
  /// The same by its kind. Swift has to search for the answer, so the question is put
  /// when the protocol changes, and not at each read.
  private(set) var receiver: Receiver
  var server: Server?
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

  /// Who gets the bytes.
  enum Receiver {
    case buffered(any BufferedStreamProtocol)
    case stream(any StreamProtocol)
    case none

    init(_ proto: (any BaseProtocol)?) {
      switch proto {
      case let proto as any BufferedStreamProtocol: self = .buffered(proto)
      case let proto as any StreamProtocol: self = .stream(proto)
      default: self = .none
      }
    }
  }

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
    loop.transportCount += 1
    name = Name(loop.transportCount, "Transport-\(loop.transportCount)")
    // Asked now and remembered: when the connection is lost and people want to know
    // whose it was, the kernel does not know any more.
    sockname = try? socket.getsockname()
    self.peername = peername ?? (try? socket.getpeername())
    self.proto = proto
    receiver = Receiver(proto)
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
  /// - Throws: `RuntimeError` if the descriptor is somebody else's, or if the loop is
  ///   closed; `SystemError` if the socket is not what it should be.
  ///
  /// asyncio: BaseSelectorEventLoop._make_socket_transport
  package static func make(
    _ loop: EventLoop, _ socket: Socket, _ proto: any BaseProtocol,
    waiter: Future<Void>? = nil, peername: SocketAddress? = nil, server: Server? = nil
  ) throws -> SocketTransport? {
    try loop.checkClosed()
    try loop.ensureFree(socket.descriptor)
    let transport = SocketTransport(
      loop, socket, proto, peername: peername, server: server)
    // [transport.nagle]
    // Nagle's algorithm holds small pieces back until earlier ones are acknowledged.
    // We gather by ourselves, and what is written should leave.
    if socket.family != .unix { try socket.setsockopt(.noDelay, 1) }
    // The server may have been closed after it accepted this one (V1).
    if let server, !server.attach(transport) { return nil }
    loop.owners[transport.fd] = transport
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
    guard let loop, loop.observer != nil else { return }
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
