import Sockets
import EventLoops
import Streams
import TestSupport
import Testing

/// `readexactly`: so many, and not one less.
@Suite struct ReadExactly {
  @Test func `STRM-12 it waits until there are enough, and leaves the rest`() throws {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.readexactly(6) }
    try desk.feed("ab", "cde")
    #expect(!reading.done() && desk.isAwaited && desk.left == 5)
    try desk.feed("fgh")
    #expect(try reading.result().text == "abcdef")
    #expect(desk.left == 2 && !desk.isAwaited)
  }

  @Test(arguments: [5, 6, 7])
  func `STRM-12 one less, as many, one more`(there: Int) throws {
    let desk = try Desk()
    try desk.feed(pattern(there))
    let reading = try desk.begin { try await $0.readexactly(6) }
    #expect(reading.done() == (there >= 6))
    if there < 6 { try desk.feed([5]) }
    #expect(try reading.result() == pattern(6))
    #expect(desk.left == max(0, there - 6))
  }

  @Test func `STRM-12 the limit is none for a count`() throws {
    let desk = try Desk(limit: 3)
    let reading = try desk.begin { try await $0.readexactly(1000) }
    for start in stride(from: 0, to: 1000, by: 10) {
      #expect(!reading.done())
      try desk.feed(Array(pattern(1000)[start..<start + 10]))
    }
    #expect(try reading.result() == pattern(1000))
  }

  @Test func `STRM-12 none at all, and less than none`() throws {
    let desk = try Desk()
    #expect(try desk.now { try await $0.readexactly(0) } == [])
    try desk.feed("abc")
    #expect(try desk.now { try await $0.readexactly(0) } == [])
    for count in [-1, .min] {
      #expect(throws: ValueError.self) {
        try desk.now { try await $0.readexactly(count) }
      }
    }
    #expect(desk.left == 3)
  }

  @Test(arguments: [true, false])
  func `STRM-12 the end comes too early`(isThere: Bool) throws {
    let desk = try Desk()
    if isThere { try desk.feed("abc") }
    let reading = try desk.begin { try await $0.readexactly(4) }
    #expect(!reading.done())
    try desk.end()
    let partial = isThere ? "abc".bytes : []
    #expect(throws: IncompleteReadError(partial: partial, expected: 4)) {
      try reading.result()
    }
    // What there was is in the error, and nowhere else.
    #expect(desk.left == 0 && desk.reader.atEof())
    #expect(throws: IncompleteReadError(partial: [], expected: 1)) {
      try desk.now { try await $0.readexactly(1) }
    }
  }

  @Test func `STRM-12 the end behind the last byte is in time`() throws {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.readexactly(4) }
    try desk.feed("ab")
    try desk.reader.feedData("cd".bytes)
    try desk.end()
    #expect(try reading.result().text == "abcd")
    #expect(desk.reader.atEof())
  }
}
