import Asyncio
import Support
import Testing

@testable import Exercise12

@Suite struct NextLineTests {
  /// All lines of a stream that comes in these pieces.
  private func lines(_ pieces: String...) throws -> [String] {
    try inTime { loop in
      let reader = try StreamReader(loop: loop)
      let task = try loop.createTask {
        var lines: [String] = []
        while let line = try await reader.nextLine() { lines.append(line) }
        return lines
      }
      for piece in pieces {
        try reader.feedData(Array(piece.utf8))
        try await loop.turns(1)
      }
      try reader.feedEof()
      return try await task.value()
    }
  }

  @Test func `without what ends it`() throws {
    let lines = try lines("one\ntwo\r\n", "thr", "ee\n")
    #expect(lines == ["one", "two", "three"])
  }

  @Test func `an empty line is a line`() throws {
    let lines = try lines("\n\r\n", "one\n\n")
    #expect(lines == ["", "", "one", ""])
  }

  @Test func `the last one may have no end`() throws {
    for (text, whole) in [
      ("one\ntwo", ["one", "two"]), ("one\r", ["one\r"]), ("", []),
    ] {
      let lines = try lines(text)
      #expect(lines == whole)
    }
  }
}
