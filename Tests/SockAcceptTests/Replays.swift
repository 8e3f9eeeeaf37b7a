import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// `_sock_accept` step by step, on a scripted kernel: after every step the ready
/// queue, the registration, the future and the task are what the chapter says.
@Suite struct Replays {
  let listener: Int32 = 5
  let client = try! SocketAddress("127.0.0.1", port: 4711)

  @Test func `retry on EAGAIN, step by step`() throws {
    let stage = try ScriptedLoop(
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .descriptor(6, client)))
    let loop = stage.loop
    let socket = stage.socket(listener)
    let task = try loop.createTask { try await loop.sockAccept(socket).address }

    // 0. The task exists, and has not begun.
    #expect(stage.ready == ["wake-up of Task-1"])
    #expect(loop.handlers(of: listener) == nil)

    // 1. Its first step: accept says EAGAIN. The task is suspended, the listener
    //    registered, the queue empty.
    loop.runOnce()
    #expect(stage.kernel.calls.suffix(1) == [.accept(fd: 5)])
    #expect(stage.ready == [])
    let reader = try #require(loop.handlers(of: listener)?.reader)
    let future = try #require(reader.waiter)
    #expect(reader.name.label == "sockAcceptStep")
    #expect(loop.selector.getKey(listener)?.events == .read)
    #expect(!future.done() && !task.done())
    // The clean-up stands before the wake-up. The rest of the chapter hangs on it.
    #expect(future.doneCallbacks.map(\.label) == ["sockReadDone", "wake-up of Task-1"])

    // 2. The selector reports the listener, and the turn runs the retry: accept
    //    gives a connection, the future is settled, both callbacks are queued.
    stage.selector.report([5: .read])
    loop.runOnce()
    #expect(stage.kernel.calls.suffix(1) == [.accept(fd: 5)])
    #expect(future.done() && !task.done())
    #expect(stage.ready == ["sockReadDone", "wake-up of Task-1"])
    #expect(loop.handlers(of: listener)?.reader === reader)

    // 3. A look at the selector without waiting, then the clean-up, then the task.
    loop.runOnce()
    #expect(stage.selector.timeouts.last == 0)
    #expect(loop.handlers(of: listener) == nil)
    #expect(reader.cancelled())
    #expect(try task.result() == client)
    #expect(stage.ready == [])
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `a client that waits already costs no suspension and no registration`()
    throws
  {
    let stage = try ScriptedLoop((.accept(fd: 5), .descriptor(6, client)))
    let loop = stage.loop
    let socket = stage.socket(listener)
    let task = try loop.createTask { try await loop.sockAccept(socket).address }
    loop.runOnce()
    // One turn, and the task is through.
    #expect(try task.result() == client)
    #expect(loop.selector.keys.keys.sorted() == [ScriptedKernel.selfPipe])
    try loop.close()
  }

  @Test func `a false alarm replaces the reader, and only one clean-up acts`() throws {
    let stage = try ScriptedLoop(
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .descriptor(6, client)))
    let loop = stage.loop
    let socket = stage.socket(listener)
    let task = try loop.createTask { try await loop.sockAccept(socket).address }
    loop.runOnce()
    let first = try #require(loop.handlers(of: listener)?.reader)
    let future = try #require(first.waiter)

    // Readable, but another process was faster.
    stage.selector.report([5: .read], [5: .read])
    loop.runOnce()
    let second = try #require(loop.handlers(of: listener)?.reader)
    #expect(second !== first && first.cancelled() && !second.cancelled())
    #expect(
      future.doneCallbacks.map(\.label) == [
        "sockReadDone", "wake-up of Task-1", "sockReadDone",
      ])

    // The second alarm is a true one. Now the task wakes *between* the clean-ups.
    loop.runOnce()
    #expect(stage.ready == ["sockReadDone", "wake-up of Task-1", "sockReadDone"])
    loop.runOnce()
    #expect(try task.result() == client)
    #expect(loop.handlers(of: listener) == nil)
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test(arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM, ECONNABORTED, EINVAL, EBADF])
  func `a real error reaches the caller, at once or later`(error: Int32) throws {
    let stage = try ScriptedLoop(
      (.accept(fd: 5), .error(error)),
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .error(error)))
    let loop = stage.loop
    let socket = stage.socket(listener)
    let task = try loop.createTask { () -> [Int32] in
      var seen: [Int32] = []
      for _ in 1...2 {
        do { _ = try await loop.sockAccept(socket) } catch let refusal as SystemError {
          seen.append(refusal.errno)
          #expect(refusal.call == "accept")
        }
      }
      return seen
    }
    stage.selector.report([:], [5: .read])
    while !task.done() { loop.runOnce() }
    #expect(try task.result() == [error, error])
    #expect(loop.handlers(of: listener) == nil)
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `EINTR is not yet, like EAGAIN`() throws {
    let stage = try ScriptedLoop(
      (.accept(fd: 5), .error(EINTR)),
      (.accept(fd: 5), .descriptor(6, client)))
    let loop = stage.loop
    let socket = stage.socket(listener)
    let task = try loop.createTask { try await loop.sockAccept(socket).address }
    stage.selector.report([:], [5: .read])
    while !task.done() { loop.runOnce() }
    #expect(try task.result() == client)
    try loop.close()
  }

  @Test func `accepting again at once keeps the new reader from the old clean-up`()
    throws
  {
    // After a false alarm a clean-up of the first accept comes *after* the task has
    // woken up and begun the second accept. It must know that its reader is gone.
    let stage = try ScriptedLoop(
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .descriptor(6, client)),
      (.accept(fd: 5), .error(EAGAIN)),
      (.accept(fd: 5), .descriptor(7, client)))
    let loop = stage.loop
    let socket = stage.socket(listener)
    let task = try loop.createTask { () -> Int in
      _ = try await loop.sockAccept(socket)
      _ = try await loop.sockAccept(socket)
      return 2
    }
    stage.selector.report([:], [5: .read], [5: .read])
    for _ in 1...4 { loop.runOnce() }
    #expect(loop.handlers(of: listener)?.reader?.waiter?.done() == false)
    stage.selector.report([5: .read])
    while !task.done() { loop.runOnce() }
    #expect(try task.result() == 2)
    #expect(stage.reports.isEmpty)
    try loop.close()
  }
}
