import Asyncio
import Support
import Testing

@testable import Exercise5

@Suite struct BellTests {
  @Test func `it rings for all who wait, and not for those who come later`() throws {
    try inTime { loop in
      let bell = Bell(loop)
      let early = try (1...3).map { _ in try loop.createTask { try await bell.wait() } }
      try await loop.turns(1)
      try bell.ring()
      let late = try loop.createTask { try await bell.wait() }
      try await loop.turns(2)
      #expect(early.filter { $0.done() }.count == 3)
      #expect(!late.done() && bell.count == 1)
    }
  }

  @Test func `one who has left keeps nobody from hearing it`() throws {
    try inTime { loop in
      let bell = Bell(loop)
      let tasks = try (1...3).map { _ in try loop.createTask { try await bell.wait() } }
      try await loop.turns(1)
      // In the same turn, and the bell has not heard of it.
      tasks[0].cancel()
      #expect(throws: Never.self) { try bell.ring() }
      try await loop.turns(2)
      #expect(tasks[0].cancelled())
      #expect(tasks[1].done() && tasks[2].done())
    }
  }

  @Test func `who leaves is forgotten`() throws {
    try inTime { loop in
      let bell = Bell(loop)
      let task = try loop.createTask { try await bell.wait() }
      try await loop.turns(1)
      #expect(bell.count == 1)
      task.cancel()
      try await loop.turns(2)
      #expect(bell.count == 0)
    }
  }
}
