import EventLoops
import Simulation
import Sockets
import TestSupport
import Testing

/// After `close` nothing is left: not the loop, not a future, not a task, and not
/// what its body had captured.
@Suite struct Leaks {
  /// Weak references to everything that could survive.
  struct Remains {
    weak var loop: EventLoop?
    weak var future: Future<Int>?
    weak var task: LoopTask<Void>?
    weak var canary: Canary?
    var isNothing: Bool {
      loop == nil && future == nil && task == nil && canary == nil
    }
  }

  /// Makes a loop and a task on it, lets `play` act, closes the loop.
  func remains(
    of body: @escaping (EventLoop, Future<Int>) async throws -> Void,
    _ play: (EventLoop, Future<Int>, LoopTask<Void>) throws -> Void = { _, _, _ in }
  ) throws -> Remains {
    let kernel = ScriptedKernel()
    let loop = try EventLoop(kernel: kernel, selector: ScriptedSelector(kernel))
    let future: Future<Int> = loop.createFuture()
    let canary = Canary()
    let task = try loop.createTask {
      try await body(loop, future)
      withExtendedLifetime(canary) {}
    }
    let remains = Remains(loop: loop, future: future, task: task, canary: canary)
    try play(loop, future, task)
    #expect(remains.loop != nil && remains.canary != nil)
    try loop.close()
    return remains
  }

  @Test func `a task that would wait for ever`() throws {
    let remains = try remains(of: { _, future in _ = try await future.value() }) {
      loop, _, _ in loop.runOnce()
    }
    #expect(remains.isNothing)
  }

  @Test func `a task that never began`() throws {
    let remains = try remains(of: { _, future in _ = try await future.value() })
    #expect(remains.isNothing)
  }

  @Test func `a task that is done`() throws {
    let remains = try remains(of: { _, future in _ = try await future.value() }) {
      loop, future, task in
      loop.runOnce()
      try future.setResult(1)
      loop.runOnce()
      #expect(task.done())
    }
    #expect(remains.isNothing)
  }

  @Test func `a task that failed`() throws {
    let remains = try remains(of: { _, _ in throw Failure() }) { loop, _, task in
      loop.runOnce()
      let error = try task.exception()
      #expect(error as? Failure == Failure())
    }
    #expect(remains.isNothing)
  }

  @Test func `a task that ignores its cancellation several times`() throws {
    let log = Log()
    let remains = try remains(of: { loop, _ in
      for number in 0..<3 {
        do { try await loop.sleep(100) } catch { log.add("no \(number)") }
      }
    }) { loop, _, _ in loop.runOnce() }
    #expect(log.lines == ["no 0", "no 1", "no 2"])
    #expect(remains.isNothing)
  }

  /// The queue is never empty with such a task. close must not wait for that.
  @Test func `a task that ignores its cancellation and keeps the queue busy`() throws {
    let log = Log()
    let loop = try EventLoop()
    try loop.createTask {
      while log.lines.count < 3 {
        do { while true { try await loop.sleep(0) } } catch { log.add("no") }
      }
    }
    loop.runOnce()
    try loop.close()
    #expect(log.lines == ["no", "no", "no"])
  }

  @Test func `a task with children`() throws {
    let remains = try remains(of: { _, future in
      let future = Unchecked(value: future)
      async let a = future.value.value()
      async let b: Void = EventLoop.running!.sleep(100)
      _ = try await (a, b)
    }) { loop, _, _ in
      loop.runOnce()
      loop.runOnce()
    }
    #expect(remains.isNothing)
  }

  @Test func `a task inside waitFor, and one that awaits another`() throws {
    let remains = try remains(of: { loop, future in
      let inner = try loop.createTask { try await future.value() }
      _ = try await loop.waitFor(100) { try await inner.value() }
    }) { loop, _, _ in
      loop.runOnce()
      loop.runOnce()
    }
    #expect(remains.isNothing)
  }

  @Test func `a task in a Task.sleep`() async throws {
    try await inThread {
      weak var (loop, canary): (EventLoop?, Canary?)
      do {
        let strong = try EventLoop()
        let bird = Canary()
        (loop, canary) = (strong, bird)
        try strong.createTask {
          try await Task.sleep(for: .seconds(60))
          withExtendedLifetime(bird) {}
        }
        strong.runOnce()
        try strong.close()
        #expect(strong.allTasks().isEmpty)
      }
      #expect(loop == nil && canary == nil)
    }
  }

  /// The body goes when it has ended, not when the last one has read the result.
  @Test func `a task that is kept does not keep what its body had captured`() throws {
    let stage = try ScriptedLoop()
    weak var canary: Canary?
    let task = try {
      let bird = Canary()
      canary = bird
      return try stage.loop.createTask { withExtendedLifetime(bird) { 1 } }
    }()
    #expect(canary != nil)
    stage.loop.runOnce()
    #expect(canary == nil)
    #expect(try task.result() == 1)
    try stage.loop.close()
  }

  @Test func `a future that is settled after the end does not revive the loop`() throws
  {
    weak var loop: EventLoop?
    do {
      let stage = try ScriptedLoop()
      loop = stage.loop
      let futures: [Future<Int>] = [
        stage.loop.createFuture(), stage.loop.createFuture(),
      ]
      for future in futures { future.addDoneCallback { _ in Issue.record("too late") } }
      try stage.loop.close()
      try futures[0].setResult(1)
      futures[1].cancel()
      futures[0].addDoneCallback { _ in Issue.record("too late") }
      #expect(stage.ready == [])
    }
    #expect(loop == nil)
  }

  /// A loop belongs to nobody while nobody runs it.
  @Test func `a loop may be made in one thread and be given a task in another`()
    async throws
  {
    let loop = try await inThread { Unchecked(value: try EventLoop()) }
    let value = try await inThread {
      defer { try? loop.value.close() }
      return try loop.value.runUntilComplete {
        try await EventLoop.running!.sleep(0, result: 11)
      }
    }
    #expect(value == 11)
  }
}
