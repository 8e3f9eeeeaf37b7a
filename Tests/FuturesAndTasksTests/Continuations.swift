import EventLoops
import Simulation
import Sockets
import TestSupport
import Testing

/// An unsafe continuation must be resumed exactly once: never means a task that
/// hangs for ever, twice means a corrupted program. Nobody checks it at run time,
/// so the events are counted here.
@Suite struct Continuations {
  /// Follows each task through its events, and complains about a wrong order.
  static func check(
    _ events: [LoopEvent], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    enum State { case made, running, waiting, finished }
    var states: [Name: State] = [:]
    func move(_ task: Name, from allowed: [State], to state: State) {
      #expect(
        allowed.contains { $0 == states[task] }, "\(task.label) to \(state)",
        sourceLocation: sourceLocation)
      states[task] = state
    }
    for event in events {
      switch event {
      case .taskCreated(let task): states[task] = .made
      case .taskStepBegun(let task): move(task, from: [.made, .waiting], to: .running)
      case .taskSuspended(let task, _): move(task, from: [.running], to: .waiting)
      case .taskLeft(let task): move(task, from: [.running], to: .waiting)
      case .taskFinished(let task): move(task, from: [.running], to: .finished)
      default: break
      }
    }
    let left = states.filter { $0.value != .finished }.map(\.key.label)
    #expect(left == [], sourceLocation: sourceLocation)
  }

  @Test func `each suspension is followed by one step, whatever happens`() throws {
    let (loop, recorder) = try makeRecordedLoop()
    let futures: [Future<Int>] = (0..<4).map { _ in loop.createFuture() }
    for future in futures {
      for name in ["a", "b"] {
        try loop.createTask(name) {
          _ = try? await future.value()
          try await loop.sleep(0)
          _ = try? await loop.waitFor(1) { try await loop.sleep(2) }
          _ = try await loop.sleep(1)
        }
      }
    }
    loop.runOnce()
    // Settled; settled, then the tasks cancelled; cancelled, then the tasks too;
    // and the tasks cancelled, twice.
    try futures[0].setResult(1)
    try futures[1].setResult(1)
    futures[2].cancel()
    for task in loop.allTasks().dropFirst(2) { task.cancel() }
    for task in loop.allTasks().suffix(2) { task.cancel() }
    #expect(loop.ready.count == 8)
    while !loop.allTasks().isEmpty { loop.runOnce() }
    try loop.close()
    Self.check(recorder.events)
    #expect(
      recorder.events.count { if case .taskFinished = $0 { true } else { false } } == 8)
  }

  @Test func `a future that is cancelled and settled in one turn wakes once`() throws {
    let (loop, recorder) = try makeRecordedLoop()
    let future: Future<Int> = loop.createFuture()
    let task = try loop.createTask { (try? await future.value()) ?? 0 }
    loop.runOnce()
    #expect(future.cancel())
    #expect(!future.cancel())
    try future.setResultUnlessCancelled(1)
    task.cancel()
    #expect(loop.labels == ["wake-up of Task-1"])
    loop.settle()
    #expect(task.cancelling() == 1)
    // Two reasons, one error: the body has caught it, and is through.
    #expect(try task.result() == 0)
    try loop.close()
    Self.check(recorder.events)
  }

  @Test func `tasks that close has to end are resumed once for each wait`() throws {
    let (loop, recorder) = try makeRecordedLoop()
    for name in ["a", "b", "c"] {
      try loop.createTask(name) {
        for _ in 0..<3 { _ = try? await loop.sleep(100) }
      }
    }
    loop.runOnce()
    try loop.close()
    Self.check(recorder.events)
    #expect(loop.allTasks().isEmpty)
  }

  @Test func `in and out of the loop, a step for each return`() async throws {
    try await inThread {
      let recorder = Recorder()
      let loop = try EventLoop(observer: recorder)
      let counter = Outside.Counter()
      let tasks = try (0..<10).map { number in
        try loop.createTask {
          for _ in 0..<3 {
            _ = await counter.next()
            _ = try? await Task.sleep(for: .microseconds(50))
            await Task.yield()
            _ = try? await loop.sleep(0.0001)
          }
        }
      }
      try loop.callLater(0.0003) { for task in tasks { task.cancel() } }
      let all = try loop.createTask {
        for task in tasks { _ = try? await task.value() }
      }
      try loop.runUntilComplete(all)
      try loop.close()
      Self.check(recorder.events)
    }
  }
}
