import CLibrary
import EventLoops
import Foundation
import TestSupport
import Testing

/// Child tasks of Swift's, `async let` and task groups: they are no tasks of the
/// loop, but they run on it, and a cancellation reaches them.
@Suite struct Children {
  let stage: ScriptedLoop
  let loop: EventLoop
  let log = Log()
  init() throws {
    stage = try ScriptedLoop()
    loop = stage.loop
  }

  @Test func `async let runs on the loop's thread, as a job of Swift's`() throws {
    let thread = thisThread
    let task = try loop.createTask("parent") {
      async let a = child(1)
      async let b = child(2)
      let sum = try await a + b
      return "\(sum) in \(EventLoop.running!.currentTask!.name.label)"
    }
    @Sendable func child(_ number: Int) async throws -> Int {
      let loop = EventLoop.running!
      #expect(thisThread == thread)
      // Nobody may take a child for the parent.
      #expect(loop.currentTask == nil)
      try await loop.sleep(1)
      #expect(loop.currentTask == nil)
      return number
    }
    loop.runOnce()
    // The parent waits for something that the loop does not know.
    #expect(task.isOutside)
    #expect(stage.ready == ["job of Swift's", "job of Swift's"])
    loop.runOnce()
    #expect(stage.ready == [])
    loop.runOnce()  // both timers
    #expect(stage.ready == ["wake a child task", "wake a child task"])
    loop.runOnce()
    // The first child has ended, and its end brings the parent back.
    #expect(stage.ready == ["parent brought back by Swift"])
    #expect(!task.isOutside)
    loop.settle()
    #expect(try task.result() == "3 in parent")
    try loop.close()
  }

  @Test func `a task group takes its children's values as they come`() throws {
    let task = try loop.createTask {
      try await withThrowingTaskGroup(of: Int.self) { group in
        for number in [3, 1, 2] {
          group.addTask {
            try await EventLoop.running!.sleep(Double(number), result: number)
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
    }
    while !task.done() { loop.runOnce() }
    #expect(try task.result() == [1, 2, 3])
    try loop.close()
  }

  @Test func `cancelling the parent reaches the children of a group`() throws {
    let (loop, log) = (loop, log)
    let futures = (0..<3).map { _ in Unchecked(value: Future<Void>(loop)) }
    let cleanup: Future<Int> = loop.createFuture()
    let task = try loop.createTask("parent") {
      do {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for future in futures { group.addTask { try await future.value.value() } }
          try await group.waitForAll()
        }
      } catch {
        log.add("\(kind(error)), Task.isCancelled \(Task.isCancelled)")
      }
      // Swift's flag stays up for ever, and disturbs nobody here.
      log.add("clean-up \(try await cleanup.value())")
      try await loop.sleep(1)
      try await loop.waitFor(1) { try await loop.sleep(0) }
      log.add("through as \(loop.currentTask!.name.label)")
    }
    loop.settle()
    #expect(task.isOutside)
    #expect(task.cancel())
    #expect(futures.allSatisfy { $0.value.cancelled() })
    #expect(stage.ready == Array(repeating: "wake a child task", count: 3))
    loop.settle()
    #expect(log.lines == ["CancellationError, Task.isCancelled true"])
    #expect(!task.done())
    try cleanup.setResult(4)
    while !task.done() { loop.runOnce() }
    #expect(log.lines.dropFirst() == ["clean-up 4", "through as parent"])
    try task.result()
    try loop.close()
  }

  @Test func `cancelling the parent reaches an async let`() throws {
    let future = Unchecked(value: Future<Int>(loop))
    let task = try loop.createTask {
      async let value = future.value.value()
      return try await value
    }
    loop.settle()
    task.cancel()
    #expect(future.value.cancelled())
    loop.settle()
    #expect(task.cancelled())
    try loop.close()
  }

  @Test func `a child that is cancelled before it waits does not wait`() throws {
    let future = Unchecked(value: Future<Void>(loop))
    let task = try loop.createTask {
      await withTaskGroup(of: String.self) { group in
        group.addTask {
          do {
            try await future.value.value()
            return "waited"
          } catch {
            return kind(error)
          }
        }
        group.cancelAll()
        return await group.next()!
      }
    }
    loop.settle()
    #expect(try task.result() == "CancellationError")
    #expect(future.value.cancelled())
    try loop.close()
  }

  @Test func `the child that loses a race is cancelled`() throws {
    let (loop, log) = (loop, log)
    let loser = Unchecked(value: Future<String>(loop))
    let task = try loop.createTask {
      try await withThrowingTaskGroup(of: String.self) { group in
        group.addTask { try await EventLoop.running!.sleep(1, result: "timer") }
        group.addTask { try await loser.value.value() }
        let winner = try await group.next()!
        group.cancelAll()
        return winner
      }
    }
    while !task.done() { loop.runOnce() }
    #expect(try task.result() == "timer")
    #expect(loser.value.cancelled())
    #expect(log.lines.isEmpty && task.cancelling() == 0)
    try loop.close()
  }

  @Test func `a child gives up one turn with sleep zero`() throws {
    let (loop, box) = (loop, Unchecked(value: log))
    let task = try loop.createTask {
      async let child: Void = {
        let loop = EventLoop.running!
        try loop.callSoon { box.value.add("queued before") }
        try await loop.sleep(0)
        box.value.add("slept")
      }()
      try await child
    }
    loop.runOnce()
    loop.runOnce()
    #expect(stage.ready == ["callback", "wake a child task"])
    loop.runOnce()
    #expect(log.lines == ["queued before", "slept"])
    loop.settle()
    try task.result()
    try loop.close()
  }

  @Test func `a child can be cancelled from another thread`() async throws {
    try loop.close()
    let isCancelled = try await inThread {
      try run { loop in
        let future = Unchecked(value: Future<Void>(loop))
        async let child: Void = {
          // The child hands itself out, and somebody elsewhere calls it off.
          let me = withUnsafeCurrentTask { Unchecked(value: $0!) }
          Thread { me.value.cancel() }.start()
          try await future.value.value()
        }()
        _ = try? await child
        return future.value.cancelled()
      }
    }
    #expect(isCancelled)
  }
}
