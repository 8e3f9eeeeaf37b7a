import EventLoops
import TestSupport
import Testing

/// The rows TASK that are about cancelling. It is an event and not a state.
@Suite struct Cancellation {
  let stage: ScriptedLoop
  let loop: EventLoop
  let future: Future<Int>
  let log = Log()
  init() throws {
    stage = try ScriptedLoop()
    loop = stage.loop
    future = loop.createFuture()
  }

  @Test func `TASK-04 cancel settles the future at once, and the task later`() throws {
    let (future, log) = (future, log)
    let task = try loop.createTask {
      do {
        _ = try await future.value()
      } catch {
        log.add(kind(error))
        throw error
      }
    }
    loop.runOnce()
    #expect(task.cancel())
    #expect(future.cancelled())
    #expect(!task.cancelled() && !task.done())
    #expect(log.lines == [])
    loop.runOnce()
    #expect(log.lines == ["CancellationError"])
    #expect(task.cancelled())
    try loop.close()
  }

  @Test func `TASK-05 a task that lets the error out is cancelled`() throws {
    let future = future
    let task = try loop.createTask { try await future.value() }
    loop.runOnce()
    task.cancel()
    loop.runOnce()
    #expect(task.done() && task.cancelled())
    #expect(throws: CancellationError.self) { try task.result() }
    #expect(throws: CancellationError.self) { try task.exception() }
    #expect(!task.cancel())
    #expect(task.cancelling() == 1)
    try loop.close()
  }

  @Test func `TASK-05 cancelled before its first step, it never begins`() throws {
    let log = log
    let task = try loop.createTask { log.add("never") }
    #expect(task.cancel())
    #expect(!task.cancelled())
    loop.runOnce()
    #expect(task.cancelled())
    #expect(log.lines == [])
    try loop.close()
  }

  @Test func `TASK-06 a body may catch the error and return a value`() throws {
    let future = future
    let task = try loop.createTask { (try? await future.value()) ?? -1 }
    loop.runOnce()
    task.cancel()
    loop.runOnce()
    #expect(try task.result() == -1)
    #expect(task.done() && !task.cancelled())
    try loop.close()
  }

  @Test func `TASK-07 a body that caught the error waits undisturbed`() throws {
    let (future, log) = (future, log)
    let second: Future<Int> = loop.createFuture()
    let task = try loop.createTask {
      do {
        _ = try await future.value()
      } catch is CancellationError {
        log.add("caught")
      }
      return try await second.value()
    }
    loop.runOnce()
    task.cancel()
    loop.runOnce()
    #expect(log.lines == ["caught"])
    #expect(!task.done() && !second.done())
    try second.setResult(8)
    loop.runOnce()
    #expect(try task.result() == 8)
    try loop.close()
  }

  @Test func `TASK-11 a task that cancels itself cancels what it awaits next`() throws {
    let (loop, future) = (loop, future)
    let inner = try loop.createTask("inner") { try await future.value() }
    loop.runOnce()
    let outer = try loop.createTask("outer") {
      loop.currentTask?.cancel()
      _ = try await inner.value()
    }
    loop.runOnce()
    // The innermost future is cancelled in the very step; the rest follows, a turn
    // each.
    #expect(future.cancelled())
    #expect(!inner.done())
    loop.runOnce()
    #expect(inner.cancelled() && !outer.done())
    loop.runOnce()
    #expect(outer.cancelled())
    try loop.close()
  }

  @Test func `TASK-12 a task that cancels itself passes awaits that do not wait`()
    throws
  {
    let (loop, future, log) = (loop, future, log)
    let done: Future<Int> = loop.createFuture()
    try done.setResult(1)
    let task = try loop.createTask {
      loop.currentTask?.cancel()
      log.add("done: \(try await done.value())")
      _ = try await future.value()
      log.add("never")
    }
    loop.runOnce()
    #expect(log.lines == ["done: 1"])
    #expect(future.cancelled() && !task.done())
    loop.runOnce()
    #expect(task.cancelled())
    #expect(log.lines == ["done: 1"])
    try loop.close()
  }

  @Test func `TASK-12 a task that cancels itself and ends is cancelled`() throws {
    let loop = loop
    let task = try loop.createTask {
      loop.currentTask?.cancel()
      return 1
    }
    loop.runOnce()
    #expect(task.cancelled())
    try loop.close()
  }

  @Test(arguments: [true, false])
  func `TASK-21 the innermost await hears it first`(isSwallowed: Bool) throws {
    let (future, log) = (future, log)
    func inner() async throws -> Int {
      do {
        return try await future.value()
      } catch {
        log.add("inner")
        throw error
      }
    }
    func middle() async throws -> Int {
      do {
        return try await inner()
      } catch {
        log.add("middle")
        throw error
      }
    }
    let task = try loop.createTask {
      do {
        return try await middle()
      } catch {
        log.add("outer")
        if !isSwallowed { throw error }
        return 0
      }
    }
    loop.runOnce()
    task.cancel()
    loop.runOnce()
    #expect(log.lines == ["inner", "middle", "outer"])
    #expect(task.done())
    #expect(task.cancelled() == !isSwallowed)
    #expect(future.cancelled())
    try loop.close()
  }

  @Test func `TASK-22 a body may answer with an error of its own`() throws {
    let future = future
    let task = try loop.createTask {
      do {
        _ = try await future.value()
      } catch {
        throw Failure(number: 3)
      }
    }
    loop.runOnce()
    task.cancel()
    loop.runOnce()
    #expect(task.done() && !task.cancelled())
    #expect(try task.exception() as? Failure == Failure(number: 3))
    try loop.close()
  }

  @Test func `TASK-23 a body that throws the error of its own accord`() throws {
    let future = future
    let thrower = try loop.createTask { throw CancellationError() }
    let waiter = try loop.createTask { _ = try await future.value() }
    loop.runOnce()
    #expect(thrower.cancelled() && thrower.cancelling() == 0)
    // The same if the future was cancelled behind the task's back.
    future.cancel()
    loop.runOnce()
    #expect(waiter.cancelled() && waiter.cancelling() == 0)
    try loop.close()
  }

  @Test func `uncancel takes requests back, and with the last one the order`() throws {
    let (future, log) = (future, log)
    let task = try loop.createTask { log.add("got \(try await future.value())") }
    loop.runOnce()
    #expect(task.uncancel() == 0)
    try future.setResult(1)
    // The future is done, so the order to stop waits for the step.
    #expect(task.cancel() && task.cancel())
    #expect(task.cancelling() == 2)
    #expect(task.uncancel() == 1)
    #expect(task.uncancel() == 0)
    loop.runOnce()
    #expect(log.lines == ["got 1"])
    #expect(!task.cancelled())
    try loop.close()
  }
}
