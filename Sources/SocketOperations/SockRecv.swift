public import EventLoops
import Selectors
public import Sockets

/// `sock_recv`: wait for bytes without stopping anybody else.
///
/// Unlike accept, the first attempt is made before there is a future: most of the
/// time the bytes are there already, and a box that is filled at once is a waste.
extension EventLoop {
  // [recv.sock-recv]
  /// Receives what has arrived.
  ///
  /// - Parameters:
  ///   - socket: a non-blocking, connected socket.
  ///   - count: how many bytes at the most.
  /// - Returns: the bytes; none means that the peer has finished sending.
  /// - Throws: `SystemError`: ECONNRESET and so on; `ValueError` for a negative count, and
  ///   in debug mode if the socket may block the loop; `RuntimeError` if it has to wait
  ///   and the reader's slot is somebody else's; `CancellationError`.
  ///
  /// asyncio: BaseSelectorEventLoop.sock_recv
  public func sockRecv(_ socket: Socket, _ count: Int) async throws -> [UInt8] {
    // [recv.try-first]
    try checkNonBlocking(socket)
    try checkSize(count, "the count of sockRecv")
    do {
      return try receive(socket, count)
    } catch {
      // [recv.would-block]
      // Nothing there? Then from here on it is the story of accept.
      if !error.wouldBlock && !error.interrupted { throw error }
    }
    let future = try whenReadable(socket, "sockRecvStep") {
      [self] () throws(SystemError) in
      try receive(socket, count)
    }
    return try await future.value()
  }

  /// Receives into the loop's memory, and copies out what came: to get memory of its own
  /// for each attempt would cost more than many an attempt.
  private func receive(_ socket: Socket, _ count: Int) throws(SystemError) -> [UInt8] {
    if count > ReadBuffer.size { return try socket.receive(count, CallSite()) }
    let memory = UnsafeMutableRawBufferPointer(rebasing: readBuffer.memory[..<count])
    let received = try socket.recv(into: memory)
    return [UInt8](UnsafeRawBufferPointer(rebasing: memory[..<received]))
  }

  /// Receives into memory of the caller's, and so copies nothing.
  ///
  /// - Parameters:
  ///   - socket: a non-blocking, connected socket.
  ///   - buffer: where to put the bytes; it must stay valid until this returns.
  /// - Returns: how many bytes there are; 0 means that the peer has finished sending.
  /// - Throws: as `sockRecv` does.
  ///
  /// asyncio: BaseSelectorEventLoop.sock_recv_into
  public func sockRecvInto(
    _ socket: Socket, _ buffer: UnsafeMutableRawBufferPointer
  ) async throws -> Int {
    try checkNonBlocking(socket)
    do {
      return try socket.recv(into: buffer)
    } catch {
      if !error.wouldBlock && !error.interrupted { throw error }
    }
    let future = try whenReadable(socket, "sockRecvIntoStep") {
      () throws(SystemError) in
      try socket.recv(into: buffer)
    }
    return try await future.value()
  }

  // [recv.wait]
  /// Registers a reader that tries again; returns the future of its success.
  ///
  /// Nothing here waits, so this is an ordinary function: its variables are on the stack,
  /// and not in the task's memory for as long as the task waits.
  ///
  /// asyncio: the second halves of sock_recv and sock_recv_into
  private func whenReadable<Received>(
    _ socket: Socket, _ name: String,
    _ attempt: @escaping () throws(SystemError) -> Received
  ) throws -> Future<Received> {
    let future = createFuture(of: Received.self)
    let fd = socket.descriptor
    try ensureFree(fd, .read, for: future)
    let handle = try addReader(
      watching: fd,
      Handle(Label(name), self, CallSite(), for: future, on: socket) { [self] in
        try sockRecvStep(future, attempt)
      })
    // However it ends, the reader goes; also when nobody calls the step again,
    // because the task was cancelled (R1: bpo-30064).
    future.addDoneCallback("sockReadDone") { [self] _ in
      try sockReadDone(fd, handle)
    }
    return future
  }

  // [recv.step]
  /// One more attempt. If it comes too early again, the reader is still registered,
  /// and nothing has to be done.
  ///
  /// asyncio: BaseSelectorEventLoop._sock_recv, BaseSelectorEventLoop._sock_recv_into
  private func sockRecvStep<Received>(
    _ future: Future<Received>, _ attempt: () throws(SystemError) -> Received
  ) throws {
    // Bytes that are taken from the kernel for a task that has left are lost: the
    // next reader would find a hole in the stream (R3: uvloop#169).
    if future.done() { return }
    do {
      try future.setResult(attempt())
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      return
    } catch let error as SystemError {
      try future.setException(error)
    }
  }
}
