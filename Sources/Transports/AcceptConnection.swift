import CLibrary
import EventLoops
import Selectors
import Sockets

/// How a listener turns clients into protocols: three functions that run at three
/// different times. `startServing` once, `acceptConnection` whenever clients wait, and
/// `acceptConnection2` as a task for each client.
extension EventLoop {
  /// How long to leave a listener alone when there are no descriptors left, in seconds.
  ///
  /// asyncio: constants.ACCEPT_RETRY_DELAY
  static let acceptRetryDelay = 1.0

  // [serving.start]
  /// asyncio: BaseSelectorEventLoop._start_serving
  func startServing(_ listener: Listener, _ server: Server) throws {
    _ = try addReader(
      watching: listener.socket.descriptor,
      Handle("acceptConnection", self, CallSite(), for: server) { [self] in
        try acceptConnection(listener, server)
      })
  }

  // [serving.stop]
  /// asyncio: BaseSelectorEventLoop._stop_serving
  func stopServing(_ listener: Listener) {
    pauseServing(listener)
    listener.socket.close()
  }

  /// The listener stays open, and its clients stay in the backlog.
  func pauseServing(_ listener: Listener) {
    // A listener has no other side, and taking it off the list is never refused.
    _ = try? remove(.read, watching: listener.fd, CallSite())
  }

  // [serving.accept]
  /// Clients are waiting: take them, all of them, but no more than the backlog holds.
  ///
  /// One client a turn was asyncio's first way. Of 300 that came together, the last one
  /// waited for 300 turns (A4: bpo-27906, in 2016). And with no limit, a crowd at the
  /// door would starve those who are inside.
  ///
  /// asyncio: BaseSelectorEventLoop._accept_connection
  func acceptConnection(_ listener: Listener, _ server: Server) throws {
    // At least one: a backlog of 0 still has room for one, on Linux, and asyncio up to
    // 3.13 takes none then and spins.
    for _ in 0..<max(1, server.backlog) {
      let (connection, address): (Socket, SocketAddress)
      do throws(SystemError) {
        (connection, address) = try listener.socket.accept()
      } catch {
        if error.wouldBlock || error.interrupted { return }  // that was everybody
        // [serving.aborted]
        // This one gave up while it waited. That says nothing about the one behind it
        // (A5: gh-127529: for eight years this too was "that was everybody").
        if error.errno == ECONNABORTED { continue }
        return backOff(listener, server, error)
      }
      server.refusals[listener.fd] = nil
      // [serving.new-task]
      // The rest takes more than one turn, and so it is a task. Until its first step
      // the connection exists only inside of it, and the server knows nothing (V1).
      try createTask { [self] in
        try await acceptConnection2(connection, address, server)
      }
    }
  }

  // [serving.back-off]
  /// No descriptor is left, or no memory. The client stays in the backlog, so the
  /// listener stays readable, and the loop would call us again at once, and again. So
  /// the listener is left alone for a second. Perhaps somebody hangs up meanwhile.
  ///
  /// So it is with every refusal: who was refused now is refused again, and a listener
  /// that somebody has shut down is "readable" for ever. asyncio backs off only for the
  /// four errors that it knows, and reports the others as fast as it can. Here it is one
  /// report for as long as the refusal stays the same.
  ///
  /// And the caller returns. When asyncio put its accept into a loop, it forgot to say
  /// so here: one EMFILE made a hundred reports and a hundred timers (A6: gh-151615).
  ///
  /// asyncio: BaseSelectorEventLoop._accept_connection
  private func backOff(
    _ listener: Listener, _ server: Server, _ error: any Error
  ) {
    let known = server.refusals.updateValue("\(error)", forKey: listener.fd)
    if known != "\(error)" {
      callExceptionHandler(
        ExceptionContext(
          "accept() is refused: it will be tried again every second", error,
          socket: listener.socket))
    }
    pauseServing(listener)
    _ = try? callLater(Self.acceptRetryDelay, "startServing") { [self] in
      // A second is a long time. The server may be closed by now, and the number of
      // its listener somebody else's.
      if !server.isServing() { return }
      do {
        try startServing(listener, server)
      } catch {
        // Still no memory: without another timer, the server would be deaf for ever.
        backOff(listener, server, error)
      }
    }
  }

  // [serving.accept2]
  /// One client: make a protocol and a transport, and see that they meet.
  ///
  /// asyncio: BaseSelectorEventLoop._accept_connection2
  private func acceptConnection2(
    _ connection: Socket, _ address: SocketAddress, _ server: Server
  ) async throws {
    // [serving.closed-meanwhile]
    // Somebody closed the server while this task stood in the queue. The connection
    // never was one of its clients, nobody waits for it, and it is closed quietly; the
    // factory, which is the program's own code, is not even called. In asyncio an
    // assertion fails here, since 2023 (V1: gh-109564).
    if server.isClosed { return connection.close() }
    let waiter: Future<Void>
    let transport: SocketTransport
    do {
      let proto = try server.factory()
      waiter = createFuture()
      let made = try SocketTransport.make(
        self, connection, proto, waiter: waiter, peername: address, server: server)
      // The factory itself may have closed the server.
      guard let made else { return connection.close() }
      transport = made
    } catch {
      // [serving.owner]
      // There is no transport, so the connection is still ours, and what we own we
      // close: now, and not when the last reference is gone (the report below holds
      // one). In asyncio nobody closed it (A7: gh-155934, in 2026).
      connection.close()
      // A stranger at the door can make a factory fail as often as they like, and so
      // asyncio says it in debug mode only.
      if debug {
        callExceptionHandler(
          ExceptionContext(
            "Error on transport creation for incoming connection", error,
            socket: connection))
      }
      return
    }
    do {
      try await waiter.value()
      // From here on it is up to the protocol.
    } catch {
      // Cancelled, because the loop is about to close.
      transport.close()
    }
  }
}
