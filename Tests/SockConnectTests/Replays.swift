import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// `_sock_connect` step by step, on a scripted kernel: after every step the ready
/// queue, the registration, the future and the task are what the chapter says.
@Suite struct ConnectReplays {
  let place = try! SocketAddress("127.0.0.1", port: 9006)

  @Test func `EINPROGRESS, step by step`() throws {
    let stage = try ScriptedLoop(
      (.connect(fd: 5, place), .error(EINPROGRESS)),
      (.getsockopt(fd: 5, .error), .number(0)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockConnect(socket, place) }

    // 0. The task exists, and has not begun.
    #expect(stage.ready == ["wake-up of Task-1"])
    #expect(loop.handlers(of: 5) == nil)

    // 1. Its first step: the handshake has begun. The socket is registered for
    //    writing, and the clean-up stands before the wake-up.
    loop.runOnce()
    #expect(stage.kernel.calls.last == .connect(fd: 5, place))
    #expect(stage.ready == [])
    let writer = try #require(loop.handlers(of: 5)?.writer)
    let future = try #require(writer.waiter)
    #expect(writer.name.label == "sockConnectDone")
    #expect(loop.selector.getKey(5)?.events == .write)
    #expect(!future.done() && !task.done())
    #expect(
      future.doneCallbacks.map(\.label) == ["sockWriteDone", "wake-up of Task-1"])

    // 2. A turn without news changes nothing.
    stage.selector.report([:])
    loop.runOnce()
    #expect(stage.selector.timeouts.last == .some(nil))
    #expect(!future.done())

    // 3. Writable: how did it go? The kernel is asked, and not told to connect.
    stage.selector.report([5: .write])
    loop.runOnce()
    #expect(stage.kernel.calls.last == .getsockopt(fd: 5, .error))
    #expect(future.done() && !task.done())
    #expect(stage.ready == ["sockWriteDone", "wake-up of Task-1"])
    #expect(loop.handlers(of: 5)?.writer === writer)

    // 4. The clean-up, then the task.
    loop.runOnce()
    #expect(stage.selector.timeouts.last == 0)
    #expect(loop.handlers(of: 5) == nil && writer.cancelled())
    #expect(throws: Never.self) { try task.result() }
    #expect(stage.ready == [])
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `a connect that succeeds at once costs no suspension`() throws {
    let stage = try ScriptedLoop((.connect(fd: 5, place), .done))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockConnect(socket, place) }
    loop.runOnce()
    #expect(throws: Never.self) { try task.result() }
    #expect(loop.selector.keys.keys.sorted() == [ScriptedKernel.selfPipe])
    #expect(stage.ready == [])
    try loop.close()
  }

  @Test(arguments: [
    ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT, EACCES, EPERM, EADDRNOTAVAIL,
    EAFNOSUPPORT, EISCONN, EBADF,
  ])
  func `a refusal at once reaches the caller, and nothing is registered`(
    error: Int32
  ) throws {
    let stage = try ScriptedLoop((.connect(fd: 5, place), .error(error)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockConnect(socket, place) }
    loop.runOnce()
    let refusal = #expect(throws: SystemError.self) { try task.result() }
    #expect(refusal?.errno == error && refusal?.call == "connect")
    #expect(loop.handlers(of: 5) == nil)
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test(arguments: [ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT, ECONNRESET])
  func `a refusal later is what SO_ERROR says, with the address`(error: Int32) throws {
    let stage = try ScriptedLoop(
      (.connect(fd: 5, place), .error(EINPROGRESS)),
      (.getsockopt(fd: 5, .error), .number(Int(error))))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockConnect(socket, place) }
    stage.selector.report([:], [5: .write])
    while !task.done() { loop.runOnce() }
    let refusal = #expect(throws: SystemError.self) { try task.result() }
    #expect(refusal == SystemError(error, in: "connect", about: "127.0.0.1:9006"))
    #expect(loop.handlers(of: 5) == nil)
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test(arguments: [EAGAIN, EINTR])
  func `an SO_ERROR that cannot be told yet is asked for again`(error: Int32) throws {
    let stage = try ScriptedLoop(
      (.connect(fd: 5, place), .error(EINPROGRESS)),
      (.getsockopt(fd: 5, .error), .error(error)),
      (.getsockopt(fd: 5, .error), .number(0)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockConnect(socket, place) }
    stage.selector.report([:], [5: .write], [5: .write])
    loop.runOnce()
    let writer = loop.handlers(of: 5)?.writer
    loop.runOnce()
    #expect(!task.done() && loop.handlers(of: 5)?.writer === writer)
    while !task.done() { loop.runOnce() }
    #expect(throws: Never.self) { try task.result() }
    #expect(loop.handlers(of: 5) == nil)
    try loop.close()
  }

  @Test(arguments: [EAGAIN, EINTR, EINPROGRESS])
  func `an SO_ERROR is the outcome, whatever it is`(error: Int32) throws {
    // Asking has cleared it: a second question would be answered by 0, "connected".
    let stage = try ScriptedLoop(
      (.connect(fd: 5, place), .error(EINPROGRESS)),
      (.getsockopt(fd: 5, .error), .number(Int(error))))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockConnect(socket, place) }
    stage.selector.report([:], [5: .write])
    while !task.done() { loop.runOnce() }
    let refusal = #expect(throws: SystemError.self) { try task.result() }
    #expect(refusal?.errno == error)
    #expect(loop.handlers(of: 5) == nil)
    try loop.close()
  }

  @Test func `a Unix listener with a full backlog is a refusal, not a connection`()
    throws
  {
    // EAGAIN from connect means that nothing was begun. Waiting would end at once,
    // with SO_ERROR 0 and no connection: in asyncio it does.
    let place = try SocketAddress(path: "/run/full.sock")
    let stage = try ScriptedLoop((.connect(fd: 5, place), .error(EAGAIN)))
    let loop = stage.loop
    let socket = Socket(owning: 5, .unix, isBlocking: false, kernel: stage.kernel)
    let task = try loop.createTask { try await loop.sockConnect(socket, place) }
    loop.runOnce()
    let refusal = #expect(throws: SystemError.self) { try task.result() }
    #expect(refusal?.errno == EAGAIN)
    #expect(loop.handlers(of: 5) == nil)
    try loop.close()
  }

  @Test func `a second task that waits to write is refused, the connect goes on`()
    throws
  {
    let stage = try ScriptedLoop(
      (.connect(fd: 5, place), .error(EINPROGRESS)),
      (.send(fd: 5, count: 1), .error(EAGAIN)),
      (.getsockopt(fd: 5, .error), .number(0)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let first = try loop.createTask { try await loop.sockConnect(socket, place) }
    let second = try loop.createTask { try await loop.sockSendall(socket, [1]) }
    loop.runOnce()
    #expect(throws: RuntimeError.self) { try second.result() }
    stage.selector.report([5: .write])
    while !first.done() { loop.runOnce() }
    #expect(throws: Never.self) { try first.result() }
    try loop.close()
  }
}
