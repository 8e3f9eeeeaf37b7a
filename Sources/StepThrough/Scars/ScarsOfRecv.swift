import EventLoops
import Recording
import Scenarios
import SocketOperations
import Sockets

// What `sock_recv` looked like before each of its bugs was mended.

extension Scar {
  /// A task that waits for bytes is cancelled, and at once another one waits for them.
  static let r2 = Replay(before: "asyncio 3.8", isScripted: false) { recorder, shape in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let socket = try stage.connection("socket")
    let recv = shape == .old ? loop.sockRecvR2 : loop.sockRecv
    recorder.whenIdle {
      try stage.world.send("hello")
      recorder.note("the peer sends hello")
    }
    let first = try loop.createTask { _ = try await recv(socket, 10) }
    loop.runOnce()
    let second = try loop.createTask { try await recv(socket, 10) }
    // Behind the first step of the second task the clean-up of the first is queued.
    first.cancel()
    var left: [UInt8] = []
    let isDone = try stage.runUntilStuck(second) {
      if second.done() { return }
      recorder.note("the replay looks what is still in the kernel")
      left = try socket.recv(10)
    }
    return isDone
      ? "the second task gets \(text(try second.result()))"
      : "the second task waits for ever, and \(text(left)) is still in the kernel"
  }

  /// The cancellation and the bytes come in the same turn, in this order.
  static let r3 = Replay(before: "uvloop until June 2018", isScripted: false) {
    recorder, shape in
    let stage = try Stage(recorder)
    stage.hearErrors()
    let loop = stage.loop
    let socket = try stage.connection("socket")
    let recv = shape == .old ? loop.sockRecvR3 : loop.sockRecv
    let task = try loop.createTask { _ = try await recv(socket, 10) }
    loop.runOnce()
    // It will stand in front of what the selector reports.
    try loop.callSoon("cancel the task") { task.cancel() }
    try stage.world.send("one")
    recorder.note("the peer sends one")
    for _ in 1...2 { loop.runOnce() }
    try stage.world.send("two")
    recorder.note("the peer sends two")
    recorder.note("the replay receives, as the program's next recv would")
    let bytes = try socket.recv(10)
    try stage.end()
    return "of one and two the next recv gets \(text(bytes))"
  }

  private static func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}

extension EventLoop {
  // [scar.r2]
  /// The clean-up had come in 3.8, and it went by the number.
  ///
  /// asyncio: BaseSelectorEventLoop.sock_recv, in Python 3.8
  func sockRecvR2(_ socket: Socket, _ limit: Int) async throws -> [UInt8] {
    do {
      return try socket.recv(limit)
    } catch let error as SystemError {
      if !error.wouldBlock { throw error }
    }
    let future = createFuture(of: [UInt8].self)
    let fd = socket.descriptor
    try addReader(fd, "sockRecvStep") {
      if future.done() { return }
      try future.setResult(socket.recv(limit))
    }
    future.addDoneCallback("sockReadDone") { [self] _ in
      // Here was missing: if the reader is still mine. Between the end of this future
      // and this line somebody else may have begun to read, with a reader of their own.
      try removeReader(fd)
    }
    return try await future.value()
  }

  // [scar.r3]
  /// uvloop is Cython on top of libuv, and its code looks different. This is asyncio's
  /// `sock_recv` without its question, and it did the same.
  func sockRecvR3(_ socket: Socket, _ limit: Int) async throws -> [UInt8] {
    do {
      return try socket.recv(limit)
    } catch let error as SystemError {
      if !error.wouldBlock { throw error }
    }
    let future = createFuture(of: [UInt8].self)
    let fd = socket.descriptor
    let handle = try addReader(fd, "sockRecvStep") {
      // Here was missing: if the future is done, return. These bytes leave the kernel,
      // whether anybody wants them or not.
      let bytes = try socket.recv(limit)
      try future.setResult(bytes)
    }
    future.addDoneCallback("sockReadDone") { [self] _ in
      try sockReadDone(fd, handle)
    }
    return try await future.value()
  }
}
