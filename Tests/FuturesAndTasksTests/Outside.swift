import EventLoops
import Foundation
import TestSupport
import Testing

/// What a loop's task may wait for besides futures. It comes back by Swift's hand,
/// shows in the queue as what it is, and is the same task as before.
@Suite struct Outside {
  actor Counter {
    private var count = 0
    func next() -> Int {
      count += 1
      return count
    }
  }

  /// Lets somebody wait who does not listen to cancellation.
  final class Gate: Sendable {
    private let (stream, opener) = AsyncStream.makeStream(of: Void.self)
    func open() { opener.finish() }
    /// A task of its own, since `AsyncStream` does listen.
    func pass() async {
      let stream = stream
      await Task.detached { for await _ in stream {} }.value
    }
  }

  @concurrent static func elsewhere() async -> Int { 5 }

  /// How the task left the loop and came back, from a real run.
  static func trip(_ body: @escaping @Sendable () async throws -> Void) async throws
    -> (name: String?, events: [LoopEvent])
  {
    try await inThread {
      let recorder = Recorder()
      let loop = try EventLoop(observer: recorder)
      let task = try loop.createTask("traveller") {
        try await body()
        return loop.currentTask?.name.label
      }
      let name = try loop.runUntilComplete(task)
      try loop.close()
      return (name, recorder.events)
    }
  }

  static func labels(_ events: [LoopEvent]) -> [String] {
    events.compactMap { event in
      if case .handleQueued(let name) = event { return name.label }
      return nil
    }
  }
  static func departures(_ events: [LoopEvent]) -> Int {
    events.count { event in if case .taskLeft = event { true } else { false } }
  }

  @Test func `Task.sleep comes back through the queue`() async throws {
    let (name, events) = try await Self.trip {
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(name == "traveller")
    #expect(Self.departures(events) == 1)
    #expect(
      Self.labels(events).filter { $0 != "readFromSelf" }
        == ["wake-up of traveller", "traveller brought back by Swift", "stop"])
  }

  @Test func `the value of a detached task comes back through the queue`() async throws
  {
    let gate = Gate()
    let (name, events) = try await Self.trip {
      try EventLoop.running!.callSoon { gate.open() }
      await gate.pass()
    }
    #expect(name == "traveller")
    #expect(Self.departures(events) == 1)
    #expect(Self.labels(events).contains("traveller brought back by Swift"))
  }

  @Test func `an actor answers in jobs of Swift's`() async throws {
    let counter = Counter()
    let (name, events) = try await Self.trip {
      #expect(await counter.next() == 1)
      #expect(await counter.next() == 2)
    }
    #expect(name == "traveller")
    #expect(
      Self.labels(events).last { $0 != "stop" } == "traveller brought back by Swift")
  }

  @Test func `a continuation that another thread resumes`() async throws {
    let (name, events) = try await Self.trip {
      let loop = EventLoop.running!
      await withUnsafeContinuation { continuation in
        // In a turn of its own: by then the task has really left.
        _ = try? loop.callSoon { Thread { continuation.resume() }.start() }
      }
    }
    #expect(name == "traveller")
    #expect(Self.labels(events).contains("traveller brought back by Swift"))
  }

  @Test func `a concurrent function runs on the loop all the same`() async throws {
    let (name, _) = try await Self.trip { #expect(await Self.elsewhere() == 5) }
    #expect(name == "traveller")
  }

  /// One for a job that only queues the task, and one for the task.
  @Test func `Task.yield gives up two turns`() throws {
    let stage = try ScriptedLoop()
    let (loop, log) = (stage.loop, Log())
    let task = try loop.createTask {
      try loop.callSoon { log.add("queued before") }
      await Task.yield()
      log.add("back as \(loop.currentTask?.name.label ?? "nil")")
    }
    loop.runOnce()
    #expect(stage.ready == ["callback", "job of Swift's"])
    #expect(task.isOutside)
    loop.runOnce()
    #expect(stage.ready == ["Task-1 brought back by Swift"])
    #expect(!task.isOutside)
    loop.runOnce()
    #expect(log.lines == ["queued before", "back as Task-1"])
    #expect(task.done())
    try loop.close()
  }

  @Test func `many tasks, all of it at once`() async throws {
    let sum = try await inThread {
      try run { loop in
        let counter = Counter()
        let tasks = try (0..<20).map { number in
          try loop.createTask("\(number)") {
            for _ in 0..<5 {
              _ = await counter.next()
              try await Task.sleep(for: .microseconds(100))
              _ = await Task.detached { 1 }.value
              await Task.yield()
              #expect(loop.currentTask?.name.label == "\(number)")
              try await loop.sleep(0.0001)
              #expect(loop.currentTask?.name.label == "\(number)")
            }
          }
        }
        for task in tasks { try await task.value() }
        return await counter.next()
      }
    }
    #expect(sum == 101)
  }
}
