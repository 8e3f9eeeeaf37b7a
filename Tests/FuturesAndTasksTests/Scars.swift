import EventLoops
import Simulation
import TestSupport
import Testing

/// The bugs that made futures and tasks what they are, each as it happened.
@Suite struct Scars {
  let stage: ScriptedLoop
  let loop: EventLoop
  let log = Log()
  init() throws {
    stage = try ScriptedLoop()
    loop = stage.loop
  }

  @Test func `F1 a settling that was queued comes too late for a cancelled future`()
    throws
  {
    let log = log
    let waiter: Future<Void> = loop.createFuture()
    let task = try loop.createTask { try await waiter.value() }
    loop.runOnce()

    // 1. A transport is made, and queues three callbacks.
    try loop.callSoon("connection_made") { log.add("connection made") }
    try loop.callSoon("add_reader") { log.add("reader added") }
    try loop.callSoon("waiter done") { try waiter.setResultUnlessCancelled(()) }

    // 2. In the same turn the task is cancelled, and so is what it waits for.
    task.cancel()
    #expect(waiter.cancelled())
    #expect(
      stage.ready == [
        "connection_made", "add_reader", "waiter done", "wake-up of Task-1",
      ])

    // 3. The queued settling finds a cancelled future, and leaves it alone.
    loop.runOnce()
    #expect(log.lines == ["connection made", "reader added"])
    #expect(stage.reports.isEmpty)
    #expect(waiter.cancelled() && task.cancelled())
    try loop.close()
  }

  @Test func `F1 only cancelled futures are let off`() throws {
    let settled: Future<Int> = loop.createFuture()
    try settled.setResult(1)
    #expect(throws: InvalidStateError.self) { try settled.setResultUnlessCancelled(2) }
    let pending: Future<Int> = loop.createFuture()
    try pending.setResultUnlessCancelled(3)
    #expect(try pending.result() == 3)
    try loop.close()
  }

  @Test func `F1 sleep's timer is due in the turn in which the sleeper is cancelled`()
    throws
  {
    let loop = loop
    let task = try loop.createTask("sleeper") { try await loop.sleep(1) }
    loop.runOnce()
    #expect(loop.scheduled.elements.map(\.name.label) == ["sleep"])
    // This one is queued before the timer, for the turn in which the timer is due.
    try loop.callSoon("cancel") { task.cancel() }
    stage.kernel.time = 1
    loop.runOnce()
    #expect(loop.scheduled.isEmpty)
    loop.runOnce()
    #expect(task.cancelled())
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `F2 result and cancellation in one turn, the cancellation wins`() throws {
    let (loop, log) = (loop, log)
    let connection: Future<Int> = loop.createFuture()
    let task = try loop.createTask {
      do {
        log.add("got \(try await loop.waitFor(10) { try await connection.value() })")
      } catch {
        log.add(kind(error))
        throw error
      }
    }
    loop.runOnce()

    // In one turn: the result is there, then the task is cancelled. Nothing is left
    // to cancel, so the order is kept for the step.
    try loop.callSoon("result") { try connection.setResult(7) }
    try loop.callSoon("cancel") { #expect(task.cancel()) }
    loop.runOnce()
    #expect(connection.done() && !connection.cancelled())
    #expect(stage.ready == ["wake-up of Task-1"])

    // The task hears of the cancellation, and the result is dropped.
    loop.runOnce()
    #expect(log.lines == ["CancellationError"])
    #expect(task.cancelled())
    // Whoever made the connection still has it in hand, and closes it.
    #expect(try connection.result() == 7)
    try loop.close()
  }

  @Test func `F2 result and deadline in one turn, the deadline wins`() throws {
    let loop = loop
    let connection: Future<Int> = loop.createFuture()
    let task = try loop.createTask {
      try await loop.waitFor(1) { try await connection.value() }
    }
    loop.runOnce()
    try loop.callSoon("result") { try connection.setResult(7) }
    stage.kernel.time = 1
    loop.runOnce()
    loop.runOnce()
    #expect(throws: TimeoutError.self) { try task.result() }
    try loop.close()
  }

  @Test func `C5 the clean-up runs before the task goes on`() throws {
    let (loop, log) = (loop, log)
    let future: Future<Void> = loop.createFuture()
    let task = try loop.createTask {
      // As every socket operation does: the clean-up is attached, then one waits.
      future.addDoneCallback("clean-up") { _ in log.add("writer removed") }
      do {
        try await future.value()
      } catch {
        log.add("caller closes the descriptor")
      }
    }
    loop.runOnce()
    #expect(future.doneCallbacks.map(\.label) == ["clean-up", "wake-up of Task-1"])
    task.cancel()
    #expect(stage.ready == ["clean-up", "wake-up of Task-1"])
    loop.runOnce()
    #expect(log.lines == ["writer removed", "caller closes the descriptor"])
    try loop.close()
  }
}
