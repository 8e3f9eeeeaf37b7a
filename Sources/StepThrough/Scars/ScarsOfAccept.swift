import CLibrary
import EventLoops
import Recording
import Scenarios
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
  static let a2 = Replay(before: "asyncio 3.9 to 3.14", isScripted: false) {
    recorder, shape in
    let stage = try Stage(recorder)
    stage.hearErrors()
    let loop = stage.loop
    let listener = try stage.listener()
    let task = try loop.createTask {
      switch shape {
      case .old: _ = try await loop.sockAcceptA2(listener)
      case .today: _ = try await loop.sockAccept(listener)
      }
    }
    loop.runOnce()
    // It will stand in front of what the selector reports.
    try loop.callSoon("cancel the task") { task.cancel() }
    try stage.aClientConnects()
    for _ in 1...2 { loop.runOnce() }
    try stage.end()
    // Who was taken, and who of them was sent away.
    let taken = recorder.calls.compactMap {
      if case (.accept, .descriptor(let fd, _)) = $0 { fd } else { nil }
    }
    if taken.isEmpty { return "the client still waits in the backlog" }
    let isHungUp = recorder.calls.contains { $0.call == .close(fd: taken[0]) }
    return "the client was taken for a task that had left"
      + (isHungUp ? ", and hung up on" : "")
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
