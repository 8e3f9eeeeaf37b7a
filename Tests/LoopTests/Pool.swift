import EventLoops
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing
import Sockets

/// The threads of `runInExecutor`.
@Suite struct Pool {
  /// How many jobs run at this moment, and a door that keeps them inside.
  private final class Room: Sendable {
    private let inside = Atomic<Int>(0)
    private let door = Threads.Flag()
    var count: Int { inside.load(ordering: .sequentiallyConsistent) }
    func stay() {
      inside.add(1, ordering: .sequentiallyConsistent)
      door.wait()
      inside.subtract(1, ordering: .sequentiallyConsistent)
    }
    func open() { door.raise() }
  }

  private static let limit = min(32, ProcessInfo.processInfo.activeProcessorCount + 4)

  @Test func `whoever comes gets a thread at once, while others are busy`() throws {
    let room = Room()
    try inTime { loop in
      defer { room.open() }
      for _ in 1..<Self.limit { _ = try loop.runInExecutor { room.stay() } }
      // All of them are in there, and none of them will come out before this ends.
      #expect(try await loop.runInExecutor { 42 }.value() == 42)
      try await loop.until { room.count == Self.limit - 1 }
    }
  }

  @Test func `there are so many threads at the most, and the rest of the work waits`()
    throws
  {
    let room = Room()
    let highest = Atomic<Int>(0)
    try inTime { loop in
      let jobs = try (0..<3 * Self.limit).map { _ in
        try loop.runInExecutor {
          room.stay()
          highest.max(room.count + 1, ordering: .sequentiallyConsistent)
        }
      }
      try await loop.until { room.count == Self.limit }
      try await loop.sleep(0.01)  // one more thread would have the time to show
      #expect(room.count == Self.limit)
      room.open()
      for job in jobs { try await job.value() }
    }
    #expect(highest.load(ordering: .sequentiallyConsistent) <= Self.limit)
  }

  @Test func `one job after the other needs one thread`() throws {
    try inTime { loop in
      var threads: Set<UInt> = []
      for _ in 1...50 {
        threads.insert(try await loop.runInExecutor { UInt(pthread_self()) }.value())
        // Its thread becomes idle a moment after its outcome is here.
        try await loop.runInExecutor {}.value()
      }
      #expect(threads.count <= 2)
    }
  }

  @Test func `FUT-18 work that is cancelled before it begins is never done`() throws {
    let room = Room()
    try inTime { loop in
      for _ in 1...Self.limit { _ = try loop.runInExecutor { room.stay() } }
      let late = try loop.runInExecutor { Issue.record("nobody wants it") }
      let wanted = try loop.runInExecutor { 42 }
      late.cancel()
      try await loop.sleep(0)
      room.open()
      #expect(try await wanted.value() == 42)
    }
  }

  @Test func `run waits for its threads, also for what is queued`() throws {
    let done = Atomic<Int>(0)
    try inTime { loop in
      for _ in 1...(2 * Self.limit) {
        _ = try loop.runInExecutor {
          usleep(1000)
          done.add(1, ordering: .sequentiallyConsistent)
        }
      }
    }
    #expect(done.load(ordering: .sequentiallyConsistent) == 2 * Self.limit)
  }

  @Test func `close does not wait, and the work is done all the same`() throws {
    let room = Room()
    let isOver = Threads.Flag()
    let loop = try EventLoop()
    _ = try loop.runInExecutor {
      room.stay()
      isOver.raise()
    }
    try loop.close()
    room.open()
    isOver.wait()
  }

  @Test func `LOOP-31 after the shutdown nothing is taken`() throws {
    try inTime { loop in
      #expect(try await loop.runInExecutor { 42 }.value() == 42)
      try await loop.shutdownDefaultExecutor()
      #expect(throws: RuntimeError.self) { try loop.runInExecutor {} }
      try await loop.shutdownDefaultExecutor()
    }
    try inTime { loop in
      try await loop.shutdownDefaultExecutor()  // there never was a thread
      #expect(throws: RuntimeError.self) { try loop.runInExecutor {} }
    }
  }

  @Test func `LOOP-31 the shutdown has a limit, and leaves a busy thread alone`() throws
  {
    let room = Room()
    let loop = try EventLoop()
    defer {
      room.open()
      try? loop.close()
    }
    _ = try loop.runInExecutor { room.stay() }
    try loop.runUntilComplete(
      loop.createTask { try await loop.shutdownDefaultExecutor(timeout: 0.01) })
  }
}
