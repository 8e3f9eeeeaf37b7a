import Sockets
import EventLoops
import Streams
import TestSupport
import Testing

/// `readline`, and the iteration over it.
@Suite struct ReadLine {
  @Test func `STRM-03 a line is put together from its pieces`() throws {
    let desk = try Desk()
    try desk.feed("chunk1 ")
    let reading = try desk.begin { try await $0.readline() }
    try desk.feed("chunk2 ", "chunk3 ")
    #expect(!reading.done() && desk.isAwaited)
    try desk.feed("\nchunk4")
    #expect(try reading.result().text == "chunk1 chunk2 chunk3 \n")
    #expect(desk.left == 6)
  }

  @Test func `STRM-03 wherever it is cut`() throws {
    let text = "one\n\ntwo\r\n"
    for cut in 0...text.utf8.count {
      let desk = try Desk()
      let reading = try desk.begin { reader in
        [try await reader.readline(), try await reader.readline()]
          + [try await reader.readline()]
      }
      try desk.feed(String(text.prefix(cut)), String(text.dropFirst(cut)))
      #expect(try reading.result().map(\.text) == ["one\n", "\n", "two\r\n"])
    }
  }

  @Test func `STRM-03 who has a line in the buffer does not wait`() throws {
    let desk = try Desk()
    try desk.feed("one\ntwo\nthree")
    var turns = 0
    let reading = try desk.begin { reader in
      try desk.replay.loop.callSoon { turns += 1 }
      return [try await reader.readline(), try await reader.readline()]
    }
    #expect(try reading.result().map(\.text) == ["one\n", "two\n"])
    #expect(turns == 1 && desk.left == 5)
  }

  @Test func `STRM-03 at the end there is the rest, and then nothing`() throws {
    let desk = try Desk()
    try desk.feed("one\nno newline")
    #expect(try desk.now { try await $0.readline() }.text == "one\n")
    let reading = try desk.begin { try await $0.readline() }
    #expect(!reading.done())
    try desk.end()
    #expect(try reading.result().text == "no newline")
    #expect(desk.reader.atEof())
    #expect(try desk.now { try await $0.readline() } == [])
  }

  @Test func `STRM-03 the end while nothing has come`() throws {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.readline() }
    try desk.end()
    #expect(try reading.result() == [])
  }

  @Test func `STRM-04 lines and counts can be mixed`() throws {
    let desk = try Desk()
    try desk.feed("line1\nline2\nline3")
    #expect(try desk.now { try await $0.readline() }.text == "line1\n")
    #expect(try desk.now { try await $0.read(7) }.text == "line2\nl")
    #expect(desk.left == 4)
    #expect(try desk.now { try await $0.readexactly(2) }.text == "in")
    let reading = try desk.begin { try await $0.readline() }
    try desk.feed("\nrest")
    #expect(try reading.result().text == "e3\n")
    try desk.end()
    #expect(try desk.now { try await $0.read() }.text == "rest")
  }

  @Test func `STRM-04 the iteration ends with the stream`() throws {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.lines() }
    // An empty line is a line: only no bytes at all are the end.
    try desk.feed("one\n\n", "tw", "o\nthree")
    #expect(!reading.done())
    try desk.end()
    #expect(try reading.result() == ["one\n", "\n", "two\n", "three"])
    // And ends again.
    #expect(try desk.now { try await $0.lines() } == [])
  }

  @Test func `STRM-04 who leaves the iteration reads on where it was`() throws {
    let desk = try Desk()
    try desk.feed("one\nend\nbody")
    try desk.end()
    let rest = try desk.now { reader in
      for try await line in reader where line.text == "end\n" { break }
      return try await reader.read()
    }
    #expect(rest.text == "body")
  }

  @Test func `STRM-04 bad news ends the iteration with an error`() throws {
    let desk = try Desk(limit: 4)
    var lines: [String] = []
    let reading = try desk.begin { reader in
      for try await line in reader { lines.append(line.text) }
    }
    try desk.feed("one\n")
    // So does a line that is too long.
    try desk.feed("three\n")
    #expect(throws: ValueError.self) { try reading.result() }
    #expect(lines == ["one\n"])
  }
}
