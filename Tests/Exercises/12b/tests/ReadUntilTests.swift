import Asyncio
import Support
import Testing

@testable import Exercise12b

@Suite struct ReadUntilTests {
  /// What comes out of a stream that comes in these pieces; the rest that has no end
  /// stands last, in brackets.
  private func parts(
    _ pieces: [String], until one: String, or other: String
  ) throws -> [String] {
    try inTime { loop in
      let reader = try StreamReader(loop: loop)
      let task = try loop.createTask {
        var parts: [String] = []
        do {
          while true {
            let part = try await reader.readuntil(
              Array(one.utf8), or: Array(other.utf8))
            parts.append(String(decoding: part, as: UTF8.self))
          }
        } catch let end as IncompleteReadError {
          return parts + ["[\(String(decoding: end.partial, as: UTF8.self))]"]
        }
      }
      for piece in pieces {
        try reader.feedData(Array(piece.utf8))
        try await loop.turns(1)
      }
      try reader.feedEof()
      return try await task.value()
    }
  }

  @Test(arguments: [[";", "."], [".", ";"]])
  func `whichever comes first`(ends: [String]) throws {
    let parts = try parts(["a;b.c;d"], until: ends[0], or: ends[1])
    #expect(parts == ["a;", "b.", "c;", "[d]"])
  }

  @Test func `in pieces`() throws {
    let pieces = ["one<", "e", "nd>t", "wo\r", "\nthree"]
    let parts = try parts(pieces, until: "<end>", or: "\r\n")
    #expect(parts == ["one<end>", "two\r\n", "[three]"])
  }

  @Test func `one that is the end of the other`() throws {
    let parts = try parts(["a\r\nb\n"], until: "\n", or: "\r\n")
    #expect(parts == ["a\r\n", "b\n", "[]"])
  }

  @Test func `one that begins as the other does`() throws {
    let parts = try parts(["a--b"], until: "-", or: "--")
    #expect(parts == ["a-", "-", "[b]"])
  }
}
