import EventLoops
import Simulation
import Sockets
import TestSupport
import Testing

/// The rows TASK of the table of behaviours: how a body begins, waits and ends.
@Suite struct Tasks {
  let stage: ScriptedLoop
  let loop: EventLoop
  let log = Log()
  init() throws {
    stage = try ScriptedLoop()
    loop = stage.loop
  }

  @Test func `TASK-01 a task begins in the next turn, in the order of making`() throws {
    let log = log
    for name in ["a", "b", "c"] { try loop.createTask { log.add(name) } }
    #expect(log.lines == [])
    #expect(
      stage.ready == ["wake-up of Task-1", "wake-up of Task-2", "wake-up of Task-3"])
    loop.runOnce()
    #expect(log.lines == ["a", "b", "c"])
    // Made while the loop runs, it waits for the turn after, too.
    try loop.callSoon { [loop] in
      try loop.createTask { log.add("d") }
      log.add("made")
    }
    loop.runOnce()
    #expect(log.lines == ["a", "b", "c", "made"])
    loop.runOnce()
    #expect(log.lines.last == "d")
    try loop.close()
  }

  @Test func `TASK-02 a value becomes the result, an error the exception`() throws {
    let good = try loop.createTask { 42 }
    let bad = try loop.createTask { () -> Int in throw Failure(number: 2) }
    #expect(throws: InvalidStateError.self) { try good.result() }
    loop.runOnce()
    #expect(good.done() && !good.cancelled())
    #expect(try good.result() == 42)
    #expect(try good.exception() == nil)
    #expect(bad.done() && !bad.cancelled())
    #expect(throws: Failure(number: 2)) { try bad.result() }
    #expect(try bad.exception() as? Failure == Failure(number: 2))
    // It is the body that decides, and nobody else.
    #expect(throws: RuntimeError.self) { try good.setResult(1) }
    #expect(throws: RuntimeError.self) { try good.setException(Failure()) }
    try loop.close()
  }

  @Test func `TASK-03 a body resumes in the turn after its future is done`() throws {
    let log = log
    let (first, second): (Future<Int>, Future<Int>) = (
      loop.createFuture(), loop.createFuture()
    )
    let task = try loop.createTask {
      log.add("got \(try await first.value())")
      do {
        _ = try await second.value()
      } catch {
        log.add("caught \(error)")
      }
      return "end"
    }
    loop.runOnce()
    #expect(first.doneCallbacks.map(\.label) == ["wake-up of Task-1"])
    try first.setResult(5)
    #expect(log.lines == [])
    #expect(stage.ready == ["wake-up of Task-1"])
    loop.runOnce()
    #expect(log.lines == ["got 5"])
    #expect(second.doneCallbacks.map(\.label) == ["wake-up of Task-1"])
    try second.setException(Failure(number: 6))
    #expect(log.lines == ["got 5"])
    loop.runOnce()
    #expect(log.lines == ["got 5", "caught Failure(number: 6)"])
    #expect(try task.result() == "end")
    try loop.close()
  }

  @Test func `TASK-26 a future of another loop, and the task itself, are refused`()
    throws
  {
    let other = try ScriptedLoop()
    let theirs: Future<Int> = other.loop.createFuture()
    let foreign = try loop.createTask { _ = try await theirs.value() }
    loop.settle()
    #expect(throws: RuntimeError.self) { try foreign.result() }
    // Nothing of ours hangs on their future.
    #expect(theirs.doneCallbacks == [])

    var myself: LoopTask<Void>?
    let narcissus = try loop.createTask { try await myself!.value() }
    myself = narcissus
    loop.settle()
    #expect(throws: RuntimeError.self) { try narcissus.result() }
    myself = nil
    try loop.close()
    try other.loop.close()
  }

  @Test func `TASK-27 currentTask is the task while its body runs`() throws {
    let (loop, log) = (loop, log)
    func note(_ place: String) {
      log.add("\(place): \(loop.currentTask?.name.label ?? "nil")")
    }
    note("outside")
    for name in ["A", "B"] {
      try loop.createTask(name) {
        note("begun")
        try await loop.sleep(0)
        note("resumed")
        try await loop.sleep(1)
        note("slept")
      }
    }
    try loop.callSoon { note("callback") }
    note("outside")
    loop.runOnce()
    note("between")
    loop.runOnce()
    try loop.callLater(1) { note("timer") }
    loop.runOnce()
    loop.settle()
    #expect(
      log.lines == [
        "outside: nil", "outside: nil",
        "begun: A", "begun: B", "callback: nil", "between: nil",
        "resumed: A", "resumed: B",
        // The sleepers' timers stand before ours, and settle futures only.
        "timer: nil", "slept: A", "slept: B",
      ])
    note("after")
    #expect(log.lines.last == "after: nil")
    try loop.close()
  }

  @Test func `TASK-29 allTasks lists the unfinished tasks of one loop`() throws {
    let other = try ScriptedLoop()
    func names(_ loop: EventLoop) -> [String] { loop.allTasks().map(\.name.label) }
    #expect(names(loop) == [])
    let future: Future<Void> = loop.createFuture()
    try loop.createTask("quick") {}
    let slow = try loop.createTask("slow") { try await future.value() }
    let theirs = try other.loop.createTask("theirs") {}
    #expect(names(loop) == ["quick", "slow"])
    #expect(names(other.loop) == ["theirs"])
    loop.runOnce()
    #expect(names(loop) == ["slow"])
    // Cancelled is not yet done.
    slow.cancel()
    #expect(names(loop) == ["slow"])
    slow.addDoneCallback { [loop] _ in #expect(names(loop) == []) }
    loop.settle()
    #expect(slow.done())
    #expect(names(loop) == [])
    #expect(!theirs.done())
    try loop.close()
    try other.loop.close()
  }

  @Test func `TASK-31 sleep zero gives up one turn`() throws {
    let (loop, log) = (loop, log)
    let task = try loop.createTask {
      try loop.callSoon { log.add("queued before") }
      try await loop.sleep(0)
      log.add("slept")
    }
    loop.runOnce()
    #expect(log.lines == [])
    #expect(stage.ready == ["callback", "wake-up of Task-1"])
    loop.runOnce()
    #expect(log.lines == ["queued before", "slept"])
    #expect(task.done())
    // No timer was needed.
    #expect(stage.selector.timeouts.allSatisfy { $0 == 0 })
    try loop.close()
  }

  @Test func `TASK-31 sleep returns after its time, with the value`() throws {
    let loop = loop
    let task = try loop.createTask { try await loop.sleep(2.5, result: "morning") }
    loop.runOnce()
    #expect(loop.scheduled.elements.map { $0.when() } == [2.5])
    #expect(!task.done())
    loop.runOnce()  // the selector waits, the timer settles the future
    #expect(stage.selector.timeouts.last == 2.5)
    #expect(stage.kernel.time == 2.5)
    #expect(!task.done())
    loop.runOnce()
    #expect(try task.result() == "morning")
    try loop.close()
  }

  @Test func `TASK-34 a task that awaits a new task is back after two turns`() throws {
    let (loop, log) = (loop, log)
    let a = try loop.createTask("A") {
      log.add("A begins")
      let b = try loop.createTask("B") {
        log.add("B")
        return 1
      }
      log.add("A has \(try await b.value())")
    }
    loop.runOnce()
    #expect(log.lines == ["A begins"])
    loop.runOnce()
    #expect(log.lines == ["A begins", "B"])
    loop.runOnce()
    #expect(log.lines == ["A begins", "B", "A has 1"])
    #expect(a.done())
    try loop.close()
  }

  @Test func `TASK-36 createTask on a closed loop throws`() throws {
    let log = log
    try loop.close()
    #expect(throws: RuntimeError.self) { try loop.createTask { log.add("never") } }
    #expect(log.lines == [])
    #expect(stage.ready == [])
    #expect(loop.allTasks().isEmpty)
  }
}
