import EventLoops
import Streams
import Testing

struct BadNews {
  @Test func `a piece and then bad news in one turn: readline does not wait for ever`()
    throws
  {
    struct Lost: Error {}
    try run { loop in
      let reader = try StreamReader(loop: loop)
      let task = try loop.createTask { try await reader.readline() }
      try await loop.sleep(0)
      // The piece settles the waiter. So there is none when the bad news comes, and the
      // task has not had its turn.
      try reader.feedData(Array("half a line".utf8))
      try reader.setException(Lost())
      for _ in 1...3 { try await loop.sleep(0) }
      #expect(task.done())
      #expect(throws: Lost.self) { try task.result() }
    }
  }
}
