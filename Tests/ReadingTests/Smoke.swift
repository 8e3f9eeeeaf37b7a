import EventLoops
import Streams
import Testing

struct ReadingSmoke {
  @Test func `a line in three pieces is one line`() throws {
    let lines = try run { loop in
      let reader = try StreamReader(loop: loop)
      try loop.callSoon { try reader.feedData(Array("he".utf8)) }
      try loop.callSoon { try reader.feedData(Array("llo\nwor".utf8)) }
      try loop.callSoon { try reader.feedData(Array("ld\nrest".utf8)) }
      try loop.callSoon { try reader.feedEof() }
      var lines: [String] = []
      for try await line in reader {
        lines.append(String(decoding: line, as: UTF8.self))
      }
      return lines
    }
    #expect(lines == ["hello\n", "world\n", "rest"])
  }
}
