import EventLoops
import TestSupport
import Testing

/// A future that many wait for and nobody owns: who is cancelled goes, the others stay.
@Suite struct Shared {
  let stage: ScriptedLoop
  let loop: EventLoop
  let future: Unchecked<Future<Int>>
  init() throws {
    stage = try ScriptedLoop()
    loop = stage.loop
    let future: Future<Int> = loop.createFuture()
    future.isShared = true
    self.future = Unchecked(value: future)
  }

  private func wait() throws -> LoopTask<Int> {
    try loop.createTask { [future] in try await future.value.value() }
  }

  @Test func `M9 one of three is cancelled, and the other two do not notice`() throws {
    let tasks = try (0..<3).map { _ in try wait() }
    loop.settle()
    #expect(tasks[1].cancel())
    #expect(future.value.doneCallbacks.count == 2)
    loop.settle()
    #expect(tasks[1].cancelled() && !tasks[0].done() && !future.value.done())
    try future.value.setResult(5)
    loop.settle()
    #expect(try tasks[0].result() == 5 && tasks[2].result() == 5)
  }

  @Test func `M9 cancelled before it waits`() throws {
    let task = try loop.createTask { [loop, future] in
      loop.currentTask!.cancel()
      return try await future.value.value()
    }
    loop.settle()
    #expect(task.cancelled() && !future.value.done())
    #expect(future.value.doneCallbacks.isEmpty)
  }

  @Test func `M9 cancelled twice, and after the result`() throws {
    let tasks = try (0..<2).map { _ in try wait() }
    loop.settle()
    tasks[0].cancel()
    tasks[0].cancel()  // its wake-up is queued already, and queued once
    #expect(stage.ready.count == 1)
    try future.value.setResult(5)
    tasks[1].cancel()  // too late to leave: it hears of it when it wakes up
    loop.settle()
    #expect(tasks.allSatisfy { $0.cancelled() })
    #expect(try future.value.result() == 5)
  }

  @Test func `M9 who has left can wait again`() throws {
    let task = try loop.createTask { [future] in
      do { return try await future.value.value() } catch is CancellationError {}
      return try await future.value.value() + 1
    }
    loop.settle()
    task.cancel()
    loop.settle()
    #expect(!task.done())
    try future.value.setResult(5)
    loop.settle()
    #expect(try task.result() == 6)
  }

  @Test(arguments: [true, false])
  func `M9 a child task leaves alone`(isCancelledFirst: Bool) throws {
    let (other, future) = (try wait(), future)
    let task = try loop.createTask {
      try await withThrowingTaskGroup(of: Int.self) { group in
        if isCancelledFirst { group.cancelAll() }
        group.addTask { try await future.value.value() }
        try await EventLoop.running!.sleep(0)
        try await EventLoop.running!.sleep(0)
        group.cancelAll()
        return try await group.next()!
      }
    }
    loop.settle()
    #expect(task.cancelled() && !other.done() && !future.value.done())
    #expect(future.value.doneCallbacks.count == 1)
    try future.value.setResult(5)
    loop.settle()
    #expect(try other.result() == 5)
  }
}
