import EventLoops
import TestSupport
import Testing

/// Cancelling a task that waits for something the loop knows nothing of. The body
/// hears of it once, wherever it is.
@Suite struct CancelOutside {
  /// Runs a task into `wait`, cancels it as soon as it has left, lets `after` happen,
  /// and returns what the task had to tell: the first error, and the clean-up's.
  static func cancelled(
    while wait: @escaping @Sendable () async throws -> Void, afterTurns turns: Int = 3,
    after: @escaping @Sendable () -> Void = {}
  ) async throws -> [String] {
    try await inThread {
      try run { loop in
        let log = Log()
        let task = try loop.createTask {
          do {
            try await wait()
            log.add("came through")
            try await loop.sleep(0.001)
          } catch {
            log.add(kind(error))
          }
          // The clean-up has to work, whatever brought us here.
          do {
            try await loop.sleep(0.001)
            try await loop.waitFor(60) { try await loop.sleep(0) }
            log.add("clean")
          } catch {
            log.add("disturbed by \(kind(error))")
          }
        }
        // It leaves in the first of these turns; its children begin and wait.
        for _ in 0..<turns { try await loop.sleep(0) }
        #expect(task.isOutside)
        #expect(task.cancel())
        after()
        try await task.value()
        return log.lines
      }
    }
  }

  @Test func `in a Task.sleep it is interrupted`() async throws {
    let told = try await Self.cancelled { try await Task.sleep(for: .seconds(60)) }
    #expect(told == ["CancellationError", "clean"])
  }

  @Test func `in a task group the children are interrupted`() async throws {
    let told = try await Self.cancelled {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await Task.sleep(for: .seconds(60)) }
        group.addTask { try await EventLoop.running!.sleep(60) }
        try await group.waitForAll()
      }
    }
    #expect(told == ["CancellationError", "clean"])
  }

  @Test func `children that have not begun never miss it`() async throws {
    let wait = { @Sendable in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await EventLoop.running!.sleep(60) }
        try await group.waitForAll()
      }
    }
    let told = try await Self.cancelled(while: wait, afterTurns: 1)
    #expect(told.first == "CancellationError")
  }

  @Test func `what does not listen goes on, and the next await throws`() async throws {
    let gate = Outside.Gate()
    let told = try await Self.cancelled {
      await gate.pass()
    } after: {
      gate.open()
    }
    #expect(told == ["came through", "CancellationError", "clean"])
  }

  @Test func `on the way back it waits for the next await`() throws {
    let stage = try ScriptedLoop()
    let (loop, log) = (stage.loop, Log())
    let task = try loop.createTask {
      await Task.yield()
      log.add("back")
      do { try await loop.sleep(10) } catch { log.add(kind(error)) }
      try await loop.sleep(0)
    }
    loop.runOnce()
    loop.runOnce()
    #expect(stage.ready == ["Task-1 brought back by Swift"])
    task.cancel()
    loop.settle()
    #expect(log.lines == ["back", "CancellationError"])
    try task.result()
    try loop.close()
  }

  @Test func `a task that is cancelled already is interrupted as it leaves`()
    async throws
  {
    let told = try await inThread {
      try run { loop in
        loop.currentTask?.cancel()
        do {
          try await Task.sleep(for: .seconds(60))
          return "slept"
        } catch {
          try await loop.sleep(0)
          return kind(error)
        }
      }
    }
    #expect(told == "CancellationError")
  }

  @Test func `a timeout is not forgotten by a task that is out`() async throws {
    let gate = Outside.Gate()
    try await inThread {
      try run { loop in
        await #expect(throws: TimeoutError.self) {
          try await loop.waitFor(0.001) {
            try loop.callLater(0.002) { gate.open() }
            await gate.pass()
            try await loop.sleep(60)
          }
        }
        #expect(loop.currentTask?.cancelling() == 0)
        try await loop.sleep(0)
      }
    }
  }

  @Test func `run waits for a task that is out, and cancels it there`() async throws {
    try await inThread {
      let log = Unchecked(value: Log())
      try run { loop in
        try loop.createTask {
          do {
            try await Task.sleep(for: .seconds(60))
          } catch {
            log.value.add(kind(error))
          }
        }
        try await loop.sleep(0)
      }
      #expect(log.value.lines == ["CancellationError"])
    }
  }
}
