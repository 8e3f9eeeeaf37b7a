public import EventLoops
public import Sockets

/// A listener of a server's, and the number under which the loop knows it. Should
/// somebody close the socket, it has no number any more; but the loop's list still has
/// it, and the server is the one who can take it off there.
struct Listener {
  let socket: Socket
  let fd: Int32
}

/// A server: some listeners, and the connections that came in by them.
///
/// It is closed when it has no listeners any more; it is *over* when, besides, the last
/// of its connections has ended. Those are two facts. As long as asyncio kept them in
/// one variable, `wait_closed` never waited (V2: bpo-34852, in 2018).
///
/// asyncio: base_events.Server
public final class Server: DescriptorOwner {
  private let loop: EventLoop
  let factory: () throws -> any BaseProtocol
  let backlog: Int
  /// `nil` once the server is closed.
  private var listeners: [Listener]?
  /// The connections that are not lost yet. Held strongly, as by the loop: every one of
  /// them takes its leave (V4).
  private var clients: [Int: SocketTransport] = [:]
  /// Who waits for the end, each with a future of its own, so that one who loses
  /// patience and cancels does not take the others along. `nil` when it is over.
  private var waiters: [Future<Void>]? = []
  private var serving = false
  private var servingForever: Future<Void>?
  /// What the last accept was refused with, by listener: for one report, not thousands.
  var refusals: [Int32: String] = [:]
  /// Where a Unix server listens, if the file is to go when the server does.
  private let file: SocketFile?

  /// asyncio: Server.__init__
  init(
    _ loop: EventLoop, _ listeners: [Socket], backlog: Int, file: SocketFile?,
    _ factory: @escaping () throws -> any BaseProtocol
  ) {
    self.loop = loop
    self.listeners = listeners.map { Listener(socket: $0, fd: $0.descriptor) }
    self.backlog = backlog
    self.factory = factory
    self.file = file
    for listener in listeners { loop.owners[listener.descriptor] = self }
  }

  /// The listeners are the server's, whether or not it serves, until it is closed.
  package func claim(on fd: Int32) -> String? {
    isClosed ? nil : "a server: make a listener of your own"
  }

  // MARK: Connections come and go

  // [server.attach]
  /// A connection comes into being.
  ///
  /// - Returns: false if the server is closed. It was not when the connection was
  ///   accepted; this is a refusal and no mistake of anybody's (V1).
  ///
  /// asyncio: Server._attach
  func attach(_ transport: SocketTransport) -> Bool {
    if isClosed { return false }
    clients[transport.name.id] = transport
    return true
  }

  // [server.detach]
  /// asyncio: Server._detach
  func detach(_ transport: SocketTransport) {
    clients[transport.name.id] = nil
    if clients.isEmpty && isClosed { wakeup() }
  }

  // [server.wakeup]
  /// It is over. Called from two places, `close` and `detach`, by whichever of the two
  /// facts becomes true last.
  ///
  /// asyncio: Server._wakeup
  private func wakeup() {
    let waiters = waiters ?? []
    self.waiters = nil
    for waiter in waiters where !waiter.done() { try? waiter.setResult(()) }
  }

  // MARK: Serving

  // [server.start]
  /// asyncio: Server._start_serving
  func start() throws {
    if serving { return }
    guard let listeners else {
      throw RuntimeError("the server is closed: make a new one")
    }
    // First all of them, then the readers. Where two servers have bound one address,
    // the second one is refused here, not there, and may try again later. (asyncio
    // remembers that it serves, and the second attempt does nothing.)
    for listener in listeners {
      try listener.socket.listen(Int32(clamping: backlog))
    }
    // [server.undo]
    // And who could not begin has not begun: a server that believed to serve would do
    // nothing at the next attempt, and listen to nobody.
    do {
      for listener in listeners { try loop.startServing(listener, self) }
    } catch {
      for listener in listeners { loop.pauseServing(listener) }
      throw error
    }
    serving = true
  }

  /// Begins to accept clients. Doing it again changes nothing.
  ///
  /// - Throws: `RuntimeError` if the server is closed; `SystemError`: EADDRINUSE;
  ///   `CancellationError`.
  ///
  /// asyncio: Server.start_serving
  public func startServing() async throws {
    try start()
    // One turn, so that whoever calls finds everything in place.
    try await loop.sleep(0)
  }

  // [server.forever]
  /// Accepts clients until the task is cancelled, then closes the server and waits for
  /// its connections to end.
  ///
  /// They end when they like (V3): with clients that never hang up, call `closeClients`
  /// from somewhere, or cancel once more.
  ///
  /// - Throws: `CancellationError`, sooner or later; `RuntimeError` if the server is
  ///   closed, or if somebody serves for ever already; `SystemError`: EADDRINUSE.
  ///
  /// asyncio: Server.serve_forever
  public func serveForever() async throws {
    if servingForever != nil {
      throw RuntimeError("somebody is in serveForever() already: one is enough")
    }
    try start()
    let forever = loop.createFuture(of: Void.self)
    servingForever = forever
    defer { servingForever = nil }
    do {
      try await forever.value()  // nobody ever settles it
    } catch {
      close()
      try? await waitClosed()
      throw error
    }
  }

  /// Whether clients are accepted.
  ///
  /// asyncio: Server.is_serving
  public func isServing() -> Bool { serving }

  /// The listeners; none when the server is closed. To look at: their port, for
  /// instance. Closing them is the server's business.
  ///
  /// asyncio: Server.sockets
  public var sockets: [Socket] { listeners?.map(\.socket) ?? [] }

  var isClosed: Bool { listeners == nil }

  /// The loop that made the server.
  ///
  /// asyncio: Server.get_loop
  public func getLoop() -> EventLoop { loop }

  // MARK: The end

  // [server.close]
  /// Accepts no more clients. The connections that exist go on. Doing it again changes
  /// nothing.
  ///
  /// asyncio: Server.close
  public func close() {
    guard let listeners else { return }
    self.listeners = nil
    serving = false
    loop.owners = loop.owners.filter { $0.value !== self }
    for listener in listeners { loop.stopServing(listener) }
    do throws(SystemError) {
      try file?.remove()
    } catch {
      // asyncio writes it into its log.
      loop.callExceptionHandler(
        ExceptionContext("a server's file cannot be removed", error))
    }
    servingForever?.cancel()
    servingForever = nil
    if clients.isEmpty { wakeup() }
  }

  // [server.wait-closed]
  /// Waits until the server is closed and its last connection has ended, in whichever
  /// order. If that is so already, it returns at once.
  ///
  /// - Throws: `CancellationError`.
  ///
  /// asyncio: Server.wait_closed
  public func waitClosed() async throws {
    if waiters == nil { return }
    let waiter = loop.createFuture(of: Void.self)
    waiters?.append(waiter)
    try await waiter.value()
  }

  // [server.close-clients]
  /// Closes the connections, politely: what was written still leaves. Call `close()`
  /// first, or new clients slip in.
  ///
  /// asyncio: Server.close_clients
  public func closeClients() {
    for transport in inOrder { transport.close() }
  }

  /// Closes the connections at once, whatever is in their buffers.
  ///
  /// asyncio: Server.abort_clients
  public func abortClients() {
    for transport in inOrder { transport.abort() }
  }

  private var inOrder: [SocketTransport] {
    clients.values.sorted { $0.name.id < $1.name.id }
  }
}
