import CLibrary
public import EventLoops
import Selectors
public import Sockets

/// `sock_connect`: shake hands with a listener without stopping anybody else.
///
/// The one operation that cannot be tried again. A second `connect` on the same
/// socket means whatever the kernel makes of it: "how far are you?", or "connect once
/// more". So there are
/// two different functions: one that starts, one that asks how it went.
extension EventLoop {
  // [connect.sock-connect]
  /// Connects to a host and port. A name is resolved first, an address in digits
  /// is not.
  ///
  /// - Parameters:
  ///   - socket: a non-blocking socket.
  ///   - host: a name, or an IP address in digits.
  ///   - port: the port.
  /// - Throws: `ResolutionError` if nobody knows the name; otherwise as below.
  ///
  /// asyncio: BaseSelectorEventLoop.sock_connect
  public func sockConnect(_ socket: Socket, host: String, port: UInt16) async throws {
    try checkNonBlocking(socket)
    // [connect.resolve-first]
    // The only wait in here that is not for the socket, and it comes first. When
    // the future below is made, nothing stands any more between "attach the
    // clean-up" and "await" (C2: python/asyncio PR 366, in 2016).
    let found = try await ensureResolved(host, port, socket.family, socket.type)
    try await sockConnect(socket, found[0].address)
  }

  /// Connects to an address.
  ///
  /// - Parameters:
  ///   - socket: a non-blocking socket.
  ///   - address: where the listener is.
  /// - Throws: `SystemError`: ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH and so on;
  ///   `ValueError` in debug mode if the socket may block the loop; `RuntimeError` if
  ///   it has to wait and the writer's slot is somebody else's; `CancellationError`.
  ///
  /// asyncio: BaseSelectorEventLoop.sock_connect
  public func sockConnect(_ socket: Socket, _ address: SocketAddress) async throws {
    try checkNonBlocking(socket)
    // [connect.one-future]
    let future = createFuture(of: Void.self)
    try sockConnectStart(future, socket, address)
    return try await future.value()
  }

  // [connect.start]
  /// Starts the handshake. Once, whatever happens.
  ///
  /// asyncio: BaseSelectorEventLoop._sock_connect
  func sockConnectStart(
    _ future: Future<Void>, _ socket: Socket, _ address: SocketAddress
  ) throws {
    let fd = socket.descriptor
    do {
      // A Unix socket answers at once. TCP, on Linux, does not even on one machine.
      try socket.connect(address)
      try future.setResult(())
    } catch let error as SystemError where error.errno == EAGAIN {
      // [connect.backlog-full]
      // "Not now", and nothing was started: the backlog of a Unix listener is full.
      // The socket is writable all the same and SO_ERROR is 0, so whoever waits here
      // believes to be connected; asyncio does. It is a refusal like the others.
      try future.setException(error)
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      // [connect.in-progress]
      // EINPROGRESS: the kernel has sent its greeting and waits for the answer. And
      // EINTR means the same here! A signal ended the call, not the handshake; to
      // connect again would eat its outcome, or answer EISCONN (C3: bpo-23618).
      try ensureFree(fd, .write, for: future)
      let handle = try addWriter(
        watching: fd,
        Handle("sockConnectDone", self, CallSite(), for: future, on: socket) { [self] in
          try sockConnectDone(future, socket, address)
        })
      // [connect.clean-up]
      // Without this, a connect that was cancelled leaves its writer behind, under a
      // number that the next socket gets: that one then waits for ever although it
      // is connected (C1: python/asyncio#205, in 2014).
      future.addDoneCallback("sockWriteDone") { [self] _ in
        try sockWriteDone(fd, handle)
      }
    } catch let error as SystemError {
      try future.setException(error)
    }
  }

  // [connect.done]
  /// The socket is writable: the handshake has ended. How, the kernel has noted.
  ///
  /// asyncio: BaseSelectorEventLoop._sock_connect_cb
  func sockConnectDone(
    _ future: Future<Void>, _ socket: Socket, _ address: SocketAddress
  ) throws {
    // Done, and not only "cancelled": the same event may have been delivered twice,
    // and the first delivery has settled the future (C4, L3).
    if future.done() { return }
    do {
      let outcome = try socket.getsockopt(.error)
      if outcome == 0 { return try future.setResult(()) }
      // Whatever it says is the outcome, be it EAGAIN: asking has cleared it, and the
      // next question would be answered by 0, "connected". (asyncio asks again.)
      try future.setException(
        SystemError(outcome, in: "connect", about: "\(address)"))
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      // The question itself failed. The writer is still registered, so the loop calls
      // again.
      return
    } catch let error as SystemError {
      try future.setException(error)
    }
  }
}
