import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// The bugs that made `_sock_accept` what it is, each on the script that shows it.
@Suite struct Scars {
  let client = try! SocketAddress("127.0.0.1", port: 4711)

  @Test func `A1 a cancelled accept leaves no reader behind`() throws {
    let stage = try ScriptedLoop((.accept(fd: 5), .error(EAGAIN)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { _ = try await loop.sockAccept(socket) }
    loop.runOnce()
    let reader = try #require(loop.handlers(of: 5)?.reader)

    // Cancelling settles the future at once; the clean-up is in the queue, before
    // the wake-up.
    task.cancel()
    #expect(stage.ready == ["sockReadDone", "wake-up of Task-1"])
    loop.runOnce()
    #expect(task.cancelled())
    #expect(reader.cancelled())
    #expect(loop.selector.getKey(5) == nil)
    try loop.close()
  }

  @Test func `A2 nobody is accepted for a task that has left`() throws {
    // The script has one accept only. A second one would take a client out of the
    // backlog for nobody, and the test would hear of it.
    let stage = try ScriptedLoop((.accept(fd: 5), .error(EAGAIN)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { _ = try await loop.sockAccept(socket) }
    loop.runOnce()

    // The cancellation is queued first, then the selector reports the listener:
    // both are in the same turn, in this order.
    try loop.callSoon("cancel the task") { task.cancel() }
    stage.selector.report([5: .read])
    loop.runOnce()
    #expect(stage.ready == ["sockReadDone", "wake-up of Task-1"])
    loop.runOnce()
    #expect(task.cancelled())
    #expect(stage.kernel.calls.count { $0 == .accept(fd: 5) } == 1)
    // In asyncio 3.9 to 3.14 an InvalidStateError was reported here.
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `A3 a second accept on one listener is refused, the first goes on`() throws
  {
    let stage = try ScriptedLoop(
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .descriptor(6, client)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let first = try loop.createTask { try await loop.sockAccept(socket).address }
    let second = try loop.createTask { try await loop.sockAccept(socket).address }
    loop.runOnce()
    #expect(throws: RuntimeError.self) { try second.result() }
    #expect(!first.done())
    // The first one's reader was never touched.
    stage.selector.report([5: .read])
    while !first.done() { loop.runOnce() }
    #expect(try first.result() == client)
    #expect(loop.handlers(of: 5) == nil)
    try loop.close()
  }

  @Test func `A3 a waiter that is done is in nobody's way`() throws {
    // R2 seen from accept: the first accept is cancelled, and before its clean-up
    // has had its turn, the next one waits on the same listener.
    let stage = try ScriptedLoop(
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .descriptor(6, client)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let first = try loop.createTask { try await loop.sockAccept(socket).address }
    loop.runOnce()
    let second = try loop.createTask { try await loop.sockAccept(socket).address }
    // In the queue: the second task's first step, then the first one's clean-up.
    first.cancel()
    #expect(stage.ready == ["wake-up of Task-2", "sockReadDone", "wake-up of Task-1"])
    loop.runOnce()
    #expect(first.cancelled() && !second.done())
    #expect(loop.handlers(of: 5)?.reader?.waiter != nil)
    stage.selector.report([5: .read])
    while !second.done() { loop.runOnce() }
    #expect(try second.result() == client)
    try loop.close()
  }
}

/// What asyncio has not mended, and neither have we: chapter 6, "A hole that is left".
@Suite struct Holes {
  @Test
  func `after a false alarm the listener is on the list for one callback too long`()
    throws
  {
    let client = try SocketAddress("127.0.0.1", port: 4711)
    let stage = try ScriptedLoop(
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .descriptor(6, client)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { () -> Bool in
      _ = try await loop.sockAccept(socket)
      socket.close()
      // Whoever gets the number 5 now, finds this entry.
      return loop.selector.getKey(5) != nil
    }
    stage.selector.report([:], [5: .read], [5: .read])
    while !task.done() { loop.runOnce() }
    #expect(try task.result())
    // In the same turn, one callback later, it is gone.
    #expect(loop.selector.getKey(5) == nil)
    #expect(stage.reports.isEmpty)
    try loop.close()
  }
}
