import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// `sock_recv` step by step, on a scripted kernel, and the bugs that made it.
@Suite struct RecvReplays {
  @Test func `EAGAIN, a false alarm, then bytes, step by step`() throws {
    let stage = try ScriptedLoop(
      (.recv(fd: 5, limit: 100), .error(EAGAIN)),
      (.recv(fd: 5, limit: 100), .error(EAGAIN)),
      (.recv(fd: 5, limit: 100), .bytes([1, 2, 3])))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockRecv(socket, 100) }

    // 1. The first step tries at once. Nothing there: a future, a reader, a clean-up.
    loop.runOnce()
    let reader = try #require(loop.handlers(of: 5)?.reader)
    let future = try #require(reader.waiter)
    #expect(reader.name.label == "sockRecvStep")
    #expect(loop.selector.getKey(5)?.events == .read)
    #expect(future.doneCallbacks.map(\.label) == ["sockReadDone", "wake-up of Task-1"])
    #expect(stage.ready == [] && !future.done())

    // 2. Readable, but the bytes are gone again. Unlike accept, recv does not
    //    register anew: the reader that is there is kept, and so is the one clean-up.
    stage.selector.report([5: .read])
    loop.runOnce()
    #expect(loop.handlers(of: 5)?.reader === reader)
    #expect(future.doneCallbacks.count == 2)
    #expect(stage.ready == [] && !future.done())

    // 3. Readable, and true.
    stage.selector.report([5: .read])
    loop.runOnce()
    #expect(future.done() && !task.done())
    #expect(stage.ready == ["sockReadDone", "wake-up of Task-1"])
    #expect(loop.handlers(of: 5)?.reader === reader)

    // 4. The clean-up, then the task with its bytes.
    loop.runOnce()
    #expect(loop.handlers(of: 5) == nil && reader.cancelled())
    #expect(try task.result() == [1, 2, 3])
    #expect(stage.ready == [] && stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `recv into memory of the caller's, step by step`() throws {
    let stage = try ScriptedLoop(
      (.recv(fd: 5, limit: 4), .error(EINTR)),
      (.recv(fd: 5, limit: 4), .bytes([7, 8])))
    let loop = stage.loop
    let socket = stage.socket(5)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 1)
    defer { room.deallocate() }
    room.copyBytes(from: [0, 0, 9, 9])
    let task = try loop.createTask { try await loop.sockRecvInto(socket, room) }
    loop.runOnce()
    #expect(loop.handlers(of: 5)?.reader?.name.label == "sockRecvIntoStep")
    stage.selector.report([5: .read])
    loop.runOnce()
    loop.runOnce()
    #expect(try task.result() == 2)
    #expect(Array(room) == [7, 8, 9, 9])
    #expect(loop.handlers(of: 5) == nil)
    try loop.close()
  }

  @Test(arguments: [[1, 2], []])
  func `SOCK-05 what is there already costs no suspension`(bytes: [UInt8]) throws {
    let stage = try ScriptedLoop((.recv(fd: 5, limit: 9), .bytes(bytes)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockRecv(socket, 9) }
    loop.runOnce()
    #expect(try task.result() == bytes)
    #expect(loop.selector.keys.keys.sorted() == [ScriptedKernel.selfPipe])
    #expect(stage.ready == [])
    try loop.close()
  }

  @Test func `R1 a cancelled recv leaves no reader behind`() throws {
    let stage = try ScriptedLoop((.recv(fd: 5, limit: 9), .error(EAGAIN)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockRecv(socket, 9) }
    loop.runOnce()
    let reader = try #require(loop.handlers(of: 5)?.reader)
    task.cancel()
    #expect(stage.ready == ["sockReadDone", "wake-up of Task-1"])
    loop.runOnce()
    #expect(task.cancelled() && reader.cancelled())
    #expect(loop.selector.getKey(5) == nil)
    try loop.close()
  }

  @Test func `R2 SOCK-09 the late clean-up leaves the retry its reader`() throws {
    let stage = try ScriptedLoop(
      (.recv(fd: 5, limit: 9), .error(EAGAIN)),
      (.recv(fd: 5, limit: 9), .error(EAGAIN)),
      (.recv(fd: 5, limit: 9), .bytes([104, 105])))
    let loop = stage.loop
    let socket = stage.socket(5)
    let first = try loop.createTask { try await loop.sockRecv(socket, 9) }
    loop.runOnce()
    let one = try #require(loop.handlers(of: 5)?.reader)

    // Cancelled, and at once the next one: no turn in between.
    let second = try loop.createTask { try await loop.sockRecv(socket, 9) }
    first.cancel()
    #expect(stage.ready == ["wake-up of Task-2", "sockReadDone", "wake-up of Task-1"])
    loop.runOnce()
    let two = try #require(loop.handlers(of: 5)?.reader)
    #expect(two !== one && one.cancelled() && !two.cancelled())
    #expect(first.cancelled() && !second.done())

    stage.selector.report([5: .read])
    loop.runOnce()
    loop.runOnce()
    #expect(try second.result() == [104, 105])
    #expect(loop.handlers(of: 5) == nil)
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `R3 no byte is taken for a task that has left`() throws {
    // The script has one recv before the cancellation, and one after it: the bytes
    // are still there for the second task.
    let stage = try ScriptedLoop(
      (.recv(fd: 5, limit: 9), .error(EAGAIN)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let first = try loop.createTask { try await loop.sockRecv(socket, 9) }
    loop.runOnce()

    // The cancellation is queued first, then the selector reports the socket.
    try loop.callSoon("cancel the task") { first.cancel() }
    stage.selector.report([5: .read])
    loop.runOnce()
    #expect(stage.kernel.calls.count { $0 == .recv(fd: 5, limit: 9) } == 1)
    stage.settle()
    #expect(first.cancelled())

    stage.kernel.expect((.recv(fd: 5, limit: 9), .bytes(Array("onetwo".utf8))))
    let second = try loop.createTask { try await loop.sockRecv(socket, 9) }
    loop.runOnce()
    #expect(try second.result() == Array("onetwo".utf8))
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `A3 a second recv on one socket is refused, the first goes on`() throws {
    let stage = try ScriptedLoop(
      (.recv(fd: 5, limit: 9), .error(EAGAIN)),
      (.recv(fd: 5, limit: 9), .error(EAGAIN)),
      (.recv(fd: 5, limit: 9), .bytes([1])))
    let loop = stage.loop
    let socket = stage.socket(5)
    let first = try loop.createTask { try await loop.sockRecv(socket, 9) }
    let second = try loop.createTask { try await loop.sockRecv(socket, 9) }
    loop.runOnce()
    #expect(throws: RuntimeError.self) { try second.result() }
    stage.selector.report([5: .read])
    while !first.done() { loop.runOnce() }
    #expect(try first.result() == [1])
    #expect(loop.handlers(of: 5) == nil)
    try loop.close()
  }

  @Test func `SOCK-19 a reset while recv waits is thrown, and nothing is registered`()
    throws
  {
    let stage = try ScriptedLoop(
      (.recv(fd: 5, limit: 9), .error(EAGAIN)),
      (.recv(fd: 5, limit: 9), .error(ECONNRESET)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockRecv(socket, 9) }
    stage.selector.report([:], [5: .read])
    for _ in 1...3 { loop.runOnce() }
    let error = #expect(throws: SystemError.self) { try task.result() }
    #expect(error?.errno == ECONNRESET && error?.call == "recv")
    #expect(loop.handlers(of: 5) == nil)
    #expect(stage.reports.isEmpty)
    try loop.close()
  }
}
