import Sockets
import EventLoops
import TestSupport
import Testing

@testable import Streams

/// `read`: what there is.
@Suite struct Read {
  @Test(arguments: [(4, "hell", 1), (5, "hello", 0), (6, "hello", 0)])
  func `STRM-01 read takes at most so many bytes and leaves the rest`(
    count: Int, taken: String, left: Int
  ) throws {
    let desk = try Desk()
    try desk.feed("hello")
    #expect(try desk.now { try await $0.read(count) }.text == taken)
    #expect(desk.left == left)
  }

  @Test func `STRM-01 a line break is a byte like any other`() throws {
    let desk = try Desk()
    try desk.feed("one\ntwo\nthree")
    #expect(try desk.now { try await $0.read(6) }.text == "one\ntw")
    #expect(try desk.now { try await $0.read(.max) }.text == "o\nthree")
  }

  @Test func `STRM-01 one byte is enough to end the wait`() throws {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.read(10) }
    #expect(!reading.done() && desk.isAwaited)
    // No bytes are no news.
    let waiter = desk.reader.state.waiter
    try desk.feed("")
    #expect(!reading.done() && desk.reader.state.waiter == waiter)
    try desk.feed("a")
    #expect(try reading.result().text == "a")
    #expect(!desk.isAwaited && desk.left == 0)
  }

  @Test func `STRM-01 two pieces before the reader's turn are read as one`() throws {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.read(10) }
    // The first one settles the waiter, and the second one finds none.
    try desk.reader.feedData("ab".bytes)
    #expect(!desk.isAwaited && !reading.done())
    try desk.reader.feedData("cd".bytes)
    desk.replay.settle()
    #expect(try reading.result().text == "abcd")
  }

  @Test func `STRM-01 the pieces are cut anew, as the reader likes it`() throws {
    let desk = try Desk()
    let all = pattern(1000)
    var read: [UInt8] = []
    for start in stride(from: 0, to: 1000, by: 8) {
      try desk.feed(Array(all[start..<start + 8]))
      // Five of each eight, so the buffer grows, and moves on inside.
      read += try desk.now { try await $0.read(5) }
      #expect(desk.left == start + 8 - read.count)
    }
    read += try desk.now { try await $0.read(1000) }
    #expect(read == all)
  }

  @Test func `what was read long ago does not stay in memory`() throws {
    let desk = try Desk()
    try desk.feed("x")
    // The buffer is never empty, so there is never an occasion to begin anew.
    for _ in 1...1000 {
      try desk.feed(pattern(100))
      _ = try desk.now { try await $0.readexactly(100) }
    }
    let buffer = desk.reader.buffer
    let bytes = Mirror(reflecting: buffer).children.first { $0.label == "bytes" }
    #expect(buffer.count == 1)
    #expect(try #require(bytes?.value as? [UInt8]).count <= 200)
  }

  @Test func `STRM-01 read(0) does not wait and takes nothing`() throws {
    let desk = try Desk()
    #expect(try desk.now { try await $0.read(0) } == [])
    try desk.feed("abc")
    #expect(try desk.now { try await $0.read(0) } == [])
    #expect(desk.left == 3)
    try desk.end()
    #expect(try desk.now { try await $0.read(0) } == [])
    // Not even while somebody else waits.
    #expect(try desk.now { try await $0.read(3) }.text == "abc")
    let empty = try Desk()
    let waiting = try empty.begin { try await $0.read(1) }
    #expect(try empty.now { try await $0.read(0) } == [])
    #expect(!waiting.done())
  }

  @Test(arguments: [-1, -7])
  func `STRM-02 read(-1) collects everything up to the end`(count: Int) throws {
    let desk = try Desk(limit: 4)
    try desk.feed("here already, ")
    let reading = try desk.begin { try await $0.read(count) }
    // Far beyond the limit, in large pieces and small ones.
    for piece in ["a", "bc", String(repeating: "d", count: 100), "\n"] {
      try desk.feed(piece)
      #expect(!reading.done() && desk.isAwaited)
    }
    try desk.end()
    let all = "here already, abc" + String(repeating: "d", count: 100) + "\n"
    #expect(try reading.result().text == all)
    #expect(desk.reader.atEof())
  }

  @Test func `STRM-02 the end comes with the last piece`() throws {
    let desk = try Desk(limit: 4)
    let reading = try desk.begin { try await $0.read() }
    try desk.reader.feedData("last".bytes)
    try desk.end()
    #expect(try reading.result().text == "last")
  }

  @Test func `STRM-02 the end ends the wait`() throws {
    for count in [1, 100, -1] {
      let desk = try Desk()
      let reading = try desk.begin { try await $0.read(count) }
      #expect(!reading.done() && !desk.reader.atEof())
      try desk.end()
      #expect(try reading.result() == [] && desk.reader.atEof())
    }
  }

  @Test func `STRM-02 what is in the buffer is read before the end`() throws {
    let desk = try Desk()
    try desk.feed("abcde")
    try desk.end()
    #expect(!desk.reader.atEof())
    #expect(try desk.now { try await $0.read(3) }.text == "abc")
    #expect(!desk.reader.atEof())
    #expect(try desk.now { try await $0.read(3) }.text == "de")
    #expect(desk.reader.atEof())
  }

  @Test func `STRM-02 at the end every read returns nothing, however often`() throws {
    let desk = try Desk()
    try desk.end()
    try desk.end()
    for _ in 1...3 {
      #expect(desk.reader.atEof())
      #expect(try desk.now { try await $0.read() } == [])
      #expect(try desk.now { try await $0.read(1) } == [])
      #expect(try desk.now { try await $0.readline() } == [])
      #expect(try desk.now { try await $0.readexactly(0) } == [])
    }
    // Nothing can come behind the end.
    #expect(throws: RuntimeError.self) { try desk.reader.feedData([1]) }
    #expect(desk.reader.atEof() && desk.left == 0)
  }

  @Test func `STRM-02 bad news before the end, and what was collected is gone`() throws
  {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.read() }
    try desk.feed("abc")
    try desk.reader.setException(Mishap())
    desk.replay.settle()
    #expect(throws: Mishap()) { try reading.result() }
    #expect(desk.left == 0)
  }
}
