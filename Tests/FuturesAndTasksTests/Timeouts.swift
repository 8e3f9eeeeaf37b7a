import EventLoops
import Simulation
import Sockets
import TestSupport
import Testing

/// `waitFor` and `sleep`, on a clock that moves only when the loop waits.
@Suite struct Timeouts {
  let stage: ScriptedLoop
  let loop: EventLoop
  let future: Future<Int>
  let log = Log()
  init() throws {
    stage = try ScriptedLoop()
    loop = stage.loop
    future = loop.createFuture()
  }

  /// Runs `body` as a task, and the loop until it is done.
  func play<Value>(_ body: @escaping () async throws -> Value) throws -> LoopTask<Value>
  {
    let task = try loop.createTask { try await body() }
    while !task.done() { loop.runOnce() }
    return task
  }

  @Test func `the time is up, and what was waited for is cancelled`() throws {
    let (loop, future) = (loop, future)
    let task = try play { try await loop.waitFor(2) { try await future.value() } }
    #expect(throws: TimeoutError.self) { try task.result() }
    #expect(!task.cancelled() && task.cancelling() == 0)
    #expect(future.cancelled())
    #expect(stage.kernel.time == 2)
    #expect(loop.scheduled.isEmpty)
    try loop.close()
  }

  @Test func `in time, and the timer is called off`() throws {
    let (loop, future) = (loop, future)
    try loop.callLater(1) { try future.setResult(5) }
    let task = try play { try await loop.waitFor(2) { try await future.value() } }
    #expect(try task.result() == 5)
    #expect(task.cancelling() == 0)
    #expect(stage.kernel.time == 1)
    #expect(loop.scheduled.elements.map { $0.cancelled() } == [true])
    try loop.close()
  }

  @Test func `the body's own error passes, and the timer is called off`() throws {
    let loop = loop
    let task = try play { try await loop.waitFor(2) { throw Failure() } }
    #expect(throws: Failure()) { try task.result() }
    #expect(loop.scheduled.elements.map { $0.cancelled() } == [true])
    try loop.close()
  }

  @Test func `no timeout, no timer`() throws {
    let (loop, future) = (loop, future)
    let task = try loop.createTask {
      try await loop.waitFor(nil) { try await future.value() }
    }
    loop.runOnce()
    #expect(loop.scheduled.isEmpty)
    try future.setResult(1)
    loop.runOnce()
    #expect(try task.result() == 1)
    try loop.close()
  }

  @Test(arguments: [0, -1.0])
  func `no time at all still lets a body through that does not wait`(time: Double)
    throws
  {
    let (loop, future) = (loop, future)
    let quick = try play { try await loop.waitFor(time) { 1 } }
    #expect(try quick.result() == 1)
    let slow = try play { try await loop.waitFor(time) { try await future.value() } }
    #expect(throws: TimeoutError.self) { try slow.result() }
    #expect(stage.kernel.time == 0)
    try loop.close()
  }

  /// asyncio: Timeout.reschedule, which uses call_soon for a time that has come
  @Test func `no time at all is over before a result of this very turn`() throws {
    let (loop, future) = (loop, future)
    let task = try loop.createTask {
      try await loop.waitFor(0) { try await future.value() }
    }
    try loop.callSoon { try future.setResult(1) }
    loop.runOnce()
    #expect(stage.ready == ["waitFor", "wake-up of Task-1"])
    loop.runOnce()
    #expect(throws: TimeoutError.self) { try task.result() }
    try loop.close()
  }

  /// Two waits, one in the other; what each of them throws goes into the log.
  func nested(outer: Double, inner: Double) throws -> LoopTask<Void> {
    let (loop, log) = (loop, log)
    return try play {
      do {
        try await loop.waitFor(outer) {
          do {
            try await loop.waitFor(inner) { try await loop.sleep(10) }
          } catch {
            log.add("inner \(kind(error))")
            throw error
          }
        }
      } catch {
        log.add("outer \(kind(error))")
      }
      // The time is over, and that was that: later waits are as any other.
      try await loop.sleep(1)
      log.add("after")
    }
  }

  @Test func `nested, the outer one first`() throws {
    let task = try nested(outer: 2, inner: 5)
    #expect(log.lines == ["inner CancellationError", "outer TimeoutError", "after"])
    #expect(task.cancelling() == 0)
    try loop.close()
  }

  @Test func `nested, the inner one first`() throws {
    let task = try nested(outer: 5, inner: 2)
    // The error of the inner one passes through the outer one as any other error.
    #expect(log.lines == ["inner TimeoutError", "outer TimeoutError", "after"])
    #expect(task.cancelling() == 0)
    #expect(stage.kernel.time == 3)
    try loop.close()
  }

  @Test func `nested, both at once, the outer one has the word`() throws {
    let task = try nested(outer: 2, inner: 2)
    #expect(log.lines == ["inner CancellationError", "outer TimeoutError", "after"])
    #expect(task.cancelling() == 0)
    try loop.close()
  }

  @Test func `a body that answers with another error does not confuse the outer one`()
    throws
  {
    let (loop, log) = (loop, log)
    let task = try play {
      try await loop.waitFor(5) {
        do {
          try await loop.waitFor(1) {
            do { try await loop.sleep(10) } catch { throw Failure(number: 8) }
          }
        } catch {
          log.add("\(error), \(loop.currentTask!.cancelling()) requests")
        }
        try await loop.sleep(10)
      }
    }
    #expect(log.lines == ["Failure(number: 8), 0 requests"])
    #expect(throws: TimeoutError.self) { try task.result() }
    #expect(stage.kernel.time == 5)
    try loop.close()
  }

  @Test func `a body that will not be stopped returns its value`() throws {
    let loop = loop
    let task = try play {
      let value = try await loop.waitFor(1) {
        do { try await loop.sleep(10) } catch {}
        try await loop.sleep(3)
        return 6
      }
      try await loop.sleep(1)
      return value
    }
    #expect(try task.result() == 6)
    #expect(task.cancelling() == 0)
    #expect(stage.kernel.time == 5)
    try loop.close()
  }

  @Test(arguments: ["cancel first", "deadline first"])
  func `a cancellation in the same turn beats the timeout`(order: String) throws {
    let (loop, future, log) = (loop, future, log)
    let task = try loop.createTask {
      do {
        _ = try await loop.waitFor(1) { try await future.value() }
      } catch {
        log.add(kind(error))
        throw error
      }
    }
    loop.runOnce()
    if order == "cancel first" {
      try loop.callSoon { task.cancel() }
      stage.kernel.time = 1
    } else {
      try loop.callAt(1) { task.cancel() }
    }
    loop.runOnce()
    #expect(task.cancelling() == 2)
    loop.runOnce()
    #expect(log.lines == ["CancellationError"])
    #expect(task.cancelled())
    #expect(task.cancelling() == 1)
    try loop.close()
  }

  @Test func `a cancelled sleep calls its timer off`() throws {
    let loop = loop
    let task = try loop.createTask { try await loop.sleep(100) }
    loop.runOnce()
    let timer = try #require(loop.scheduled.first)
    task.cancel()
    #expect(!timer.cancelled())
    loop.runOnce()
    #expect(task.cancelled() && timer.cancelled())
    // The next turn finds it at the front, and sweeps it out.
    try loop.callSoon {}
    loop.runOnce()
    #expect(loop.scheduled.isEmpty)
    try loop.close()
  }

  @Test func `waitFor needs a task, for somebody must be cancelled`() throws {
    let task = try play {
      async let child: Void = EventLoop.running!.waitFor(1) {}
      try await child
    }
    #expect(throws: RuntimeError.self) { try task.result() }
    try loop.close()
  }
}
