public import EventLoops
import Selectors
public import Sockets

/// `sock_accept`: wait for a client without stopping anybody else.
///
/// There are three functions, as in asyncio, and they run at three different
/// times: `sockAccept` now, `sockAcceptStep` now and perhaps again whenever the
/// selector says so, `sockReadDone` when all is over.
extension EventLoop {
  // [accept.sock-accept]
  /// Accepts a connection.
  ///
  /// Returns at once, without suspending, if a client is waiting already.
  ///
  /// - Parameter listener: a socket that is bound, listening, and non-blocking.
  /// - Returns: a new, non-blocking socket for this one client, and its address.
  /// - Throws: `SystemError` that `accept` answers with, unless it is "not yet";
  ///   `ValueError` in debug mode if the listener may block the loop;
  ///   `RuntimeError` if it would have to wait and the listener is somebody else's: a
  ///   server's, another task's, the program's own reader's; `CancellationError`.
  ///
  /// asyncio: BaseSelectorEventLoop.sock_accept
  public func sockAccept(
    _ listener: Socket
  ) async throws -> (connection: Socket, address: SocketAddress) {
    try checkNonBlocking(listener)
    // The future is the only link between the two worlds: this task awaits it, the
    // callbacks below settle it, and neither knows the other.
    let future = createFuture(of: Accepted.self)
    try sockAcceptStep(future, listener)
    // If the first attempt succeeded the future is done, and this does not wait.
    return try await future.value()
  }

  /// What a successful accept puts into the future.
  typealias Accepted = (connection: Socket, address: SocketAddress)

  // [accept.step]
  /// One attempt, and if it came too early, the preparations for the next one.
  ///
  /// Called by `sockAccept` itself, and after that by the loop each time the
  /// listener is readable.
  ///
  /// asyncio: BaseSelectorEventLoop._sock_accept
  func sockAcceptStep(_ future: Future<Accepted>, _ listener: Socket) throws {
    // [accept.done-first]
    // Does anybody still want a connection? The task may have been cancelled in
    // this very turn, one callback before us, and our clean-up is still in the
    // queue. The client must then stay in the backlog for the next accept: taken
    // out now it would belong to nobody, and be hung up on (A2: gh-153761).
    if future.done() { return }

    let fd = listener.descriptor
    do {
      // [accept.try]
      // Just try. The kernel knows better than anybody whether a client waits.
      try future.setResult(listener.accept())
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      // [accept.would-block]
      // Nobody is there yet. From now on this is the selector's business: when it
      // reports the listener as readable, the loop runs this very function again.
      try ensureFree(fd, .read, for: future)
      let handle = try addReader(
        watching: fd,
        Handle("sockAcceptStep", self, CallSite(), for: future, on: listener) {
          [self] in
          try sockAcceptStep(future, listener)
        })

      // [accept.clean-up]
      // However the future ends, the reader has to go: with a connection, with an
      // error, or cancelled (A1: bpo-41317). At the first attempt the task does not
      // await yet. So this callback stands before its wake-up in the future's list,
      // and the reader is gone by the time the task runs on (C2, C5). After a false
      // alarm it stands behind the wake-up, and there is a hole: see the chapter.
      future.addDoneCallback("sockReadDone") { [self] _ in
        try sockReadDone(fd, handle)
      }
    } catch let error as SystemError {
      // [accept.error]
      // A real error, EMFILE for instance. It is the caller's, so it travels the
      // way a connection would have travelled.
      try future.setException(error)
    }
  }
}
