public import EventLoops
import Selectors
public import Sockets

/// `sock_sendall`: hand everything to the kernel, however many turns it takes.
extension EventLoop {
  // [sendall.sock-sendall]
  /// Sends all of the bytes.
  ///
  /// When it returns, the kernel has them, not the peer. When it throws, nobody can
  /// tell how many were sent, and the connection is good for nothing but closing.
  ///
  /// - Parameters:
  ///   - socket: a non-blocking, connected socket.
  ///   - bytes: what to send.
  /// - Throws: `SystemError`: EPIPE, ECONNRESET; `ValueError` in debug mode if the
  ///   socket may block the loop; `RuntimeError` if it has to wait and the writer's slot
  ///   is somebody else's; `CancellationError`.
  ///
  /// asyncio: BaseSelectorEventLoop.sock_sendall
  public func sockSendall(_ socket: Socket, _ bytes: [UInt8]) async throws {
    try checkNonBlocking(socket)
    // [sendall.try-first]
    var sent = 0
    do {
      sent = try bytes.withUnsafeBytes { try socket.send($0) }
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      // The kernel's buffer is full: nothing was sent.
    }
    // Most messages fit, and the task was never suspended.
    if sent == bytes.count { return }

    let future = createFuture(of: Void.self)
    let fd = socket.descriptor
    try ensureFree(fd, .write, for: future)
    // [sendall.wait]
    let rest = Unsent(bytes, sent)
    let handle = try addWriter(
      watching: fd,
      Handle("sockSendallStep", self, CallSite(), for: future, on: socket) { [self] in
        try sockSendallStep(future, socket, rest)
      })
    future.addDoneCallback("sockWriteDone") { [self] _ in
      try sockWriteDone(fd, handle)
    }
    return try await future.value()
  }

  // [sendall.unsent]
  /// What is left to send: the whole of it, and how far we are. The bytes are never
  /// copied; "from here on" is a number. (In asyncio it is a `memoryview` and a list
  /// with one element, because who is handed a number there cannot change it.)
  final class Unsent {
    let bytes: [UInt8]
    var position: Int
    init(_ bytes: [UInt8], _ position: Int) {
      self.bytes = bytes
      self.position = position
    }
  }

  // [sendall.step]
  /// The kernel has room again. How much, it tells by taking as much.
  ///
  /// asyncio: BaseSelectorEventLoop._sock_sendall
  func sockSendallStep(
    _ future: Future<Void>, _ socket: Socket, _ rest: Unsent
  ) throws {
    if future.done() { return }
    do {
      // Counted in bytes, by type: in Python a view of four-byte numbers has a
      // length in numbers, and somebody compared the two (S2: gh-135862).
      rest.position += try rest.bytes.withUnsafeBytes { all in
        try socket.send(UnsafeRawBufferPointer(rebasing: all[rest.position...]))
      }
      if rest.position == rest.bytes.count { try future.setResult(()) }
      // Otherwise the writer stays registered, and the loop calls again.
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      return
    } catch let error as SystemError {
      try future.setException(error)
    }
  }
}
