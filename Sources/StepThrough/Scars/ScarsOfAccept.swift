import EventLoops
import Glibc
import Selectors
import Simulation
import SocketOperations
import Sockets

// What `sock_accept` looked like before each of its bugs was mended.

extension Scar {
  /// A task that waits for a client is cancelled, and the listener is closed.
  static let a1 = Replay(before: "asyncio up to 3.8", isScripted: false) {
    recorder, shape in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let listener = try stage.listener()
    let task = try loop.createTask {
      switch shape {
      case .old: _ = try await loop.sockAcceptA1(listener)
      case .today: _ = try await loop.sockAccept(listener)
      }
    }
    loop.runOnce()
    task.cancel()
    // Time enough for whatever cleans up.
    loop.runOnce()
    let number = listener.descriptor
    listener.close()
    let isListed = loop.handlers(of: number) != nil
    try stage.end()
    return
      "the selector \(isListed ? "still lists" : "does not list") the closed listener"
  }

  /// The cancellation and the client come in the same turn, in this order.
  static let a2 = Replay(before: "asyncio 3.9 to 3.14") { recorder, shape in
    let stage = try Stage(
      recorder,
      [
        (.accept(fd: 5), .error(EAGAIN)),
        // Who asks again takes a client out of the backlog.
        (.accept(fd: 5), .descriptor(6, try SocketAddress("127.0.0.1", port: 50_001))),
      ],
      selector: [[:], [5: .read]])
    let loop = stage.loop
    let listener = stage.scripted(5, "listener")
    loop.setExceptionHandler { _, context in
      recorder.note("the exception handler hears: \(context.message)")
    }
    let task = try loop.createTask {
      switch shape {
      case .old: _ = try await loop.sockAcceptA2(listener)
      case .today: _ = try await loop.sockAccept(listener)
      }
    }
    try loop.callSoon("set the trap") {
      // One turn later this is in front of what the selector reports.
      try loop.callSoon("cancel the task") { task.cancel() }
    }
    try stage.runUntilStuck(task)
    let accepted = recorder.calls.count {
      if case .accept = $0.call { true } else { false }
    }
    return accepted == 2
      ? "the client was taken for a task that had left, and hung up on"
      : "the client still waits in the backlog, for the next accept"
  }
}

extension EventLoop {
  // [scar.a1]
  func sockAcceptA1(_ listener: Socket) async throws -> Socket {
    let future = createFuture(of: Socket.self)
    try sockAcceptStepA1(future, listener, isRegistered: false)
    return try await future.value()
  }

  /// asyncio: BaseSelectorEventLoop._sock_accept, up to 3.8
  func sockAcceptStepA1(
    _ future: Future<Socket>, _ listener: Socket, isRegistered: Bool
  ) throws {
    let fd = listener.descriptor
    // This was the only place where the reader went: at the beginning of the next call.
    // After a cancellation there is no next call, unless another client comes.
    if isRegistered { try removeReader(fd) }
    if future.done() { return }
    do {
      try future.setResult(listener.accept().connection)
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      try addReader(fd, "sockAcceptStep") { [self] in
        try sockAcceptStepA1(future, listener, isRegistered: true)
      }
      // Here was missing: a callback on the future, to remove the reader however that
      // ends.
    }
  }

  // [scar.a2]
  /// The clean-up of A1 had come, and with it went the line that asks whether anybody
  /// still wants a connection.
  func sockAcceptA2(_ listener: Socket) async throws -> Socket {
    let future = createFuture(of: Socket.self)
    try sockAcceptStepA2(future, listener)
    return try await future.value()
  }

  // [scar.a2-step]
  /// asyncio: BaseSelectorEventLoop._sock_accept, 3.9 to 3.14
  func sockAcceptStepA2(_ future: Future<Socket>, _ listener: Socket) throws {
    // Here stood: if the future is done, return.
    do {
      let connection = try listener.accept().connection
      // If this throws, nobody has the connection, and that closes it.
      try future.setResult(connection)
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      let fd = listener.descriptor
      let handle = try addReader(
        watching: fd,
        Handle("sockAcceptStep", self, CallSite(), for: future) { [self] in
          try sockAcceptStepA2(future, listener)
        })
      future.addDoneCallback("sockReadDone") { [self] _ in
        try sockReadDone(fd, handle)
      }
    }
  }
}
