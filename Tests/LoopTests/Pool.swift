import CLibrary
import EventLoops
import Foundation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// The threads of `runInExecutor`.
@Suite struct Pool {
  /// How many jobs are inside at this moment, how many there were at the most, and a
  /// door that keeps them in. (Not for ever: a test that is wrong has to fail.)
  private final class Room: @unchecked Sendable {
    private let door = NSCondition()
    private var isOpen = false
    private var inside = 0
    private var most = 0
    private var left = 0

    func stay() {
      door.withLock {
        inside += 1
        most = max(most, inside)
        let end = Date(timeIntervalSinceNow: 60)
        while !isOpen && door.wait(until: end) {}
        inside -= 1
        left += 1
        door.broadcast()
      }
    }
    func open() {
      door.withLock {
        isOpen = true
        door.broadcast()
      }
    }
    func waitUntil(left count: Int) {
      door.withLock {
        while left < count && door.wait(until: Date(timeIntervalSinceNow: 60)) {}
      }
    }
    var numbers: (inside: Int, most: Int, left: Int) {
      door.withLock { (inside, most, left) }
    }
  }

  private static let limit = min(32, ProcessInfo.processInfo.activeProcessorCount + 4)

  @Test func `whoever comes gets a thread at once, while others are busy`() throws {
    let room = Room()
    try inTime { loop in
      defer { room.open() }
      for _ in 1..<Self.limit { _ = try loop.runInExecutor { room.stay() } }
      // All of them are in there, and none of them will come out before this ends.
      #expect(try await loop.getaddrinfo("127.0.0.1", port: 80).count == 1)
      try await loop.until { room.numbers.inside == Self.limit - 1 }
    }
  }

  @Test func `there are so many threads at the most, and the rest of the work waits`()
    throws
  {
    let room = Room()
    try inTime { loop in
      defer { room.open() }
      let jobs = try (0..<3 * Self.limit).map { _ in
        try loop.runInExecutor { room.stay() }
      }
      // Or more: one too many is to fail below, and not to be waited for here.
      try await loop.until { room.numbers.inside >= Self.limit }
      room.open()
      for job in jobs { try await job.value() }
      #expect(room.numbers.left == 3 * Self.limit)
      #expect(room.numbers.most == Self.limit)
    }
  }

  @Test func `work that comes when a thread is idle starts no other`() throws {
    try inTime { loop in
      var threads: Set<UInt> = []
      for _ in 1...50 {
        threads.insert(try await loop.runInExecutor { thisThread }.value())
      }
      // One, but a thread becomes idle only a moment after its outcome is here.
      #expect(threads.count < Self.limit)
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
    let room = Room()
    try inTime { loop in
      for _ in 1...(2 * Self.limit) { _ = try loop.runInExecutor { room.stay() } }
      room.open()
    }
    #expect(room.numbers.left == 2 * Self.limit)
  }

  @Test func `close does not wait, and the work is done all the same`() throws {
    let room = Room()
    let loop = try EventLoop()
    for _ in 1...(2 * Self.limit) { _ = try loop.runInExecutor { room.stay() } }
    try loop.close()
    #expect(room.numbers.left == 0)
    room.open()
    room.waitUntil(left: 2 * Self.limit)
    #expect(room.numbers.left == 2 * Self.limit)
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
