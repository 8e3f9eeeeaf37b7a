import EventLoops
import Streams
import TestSupport
import Testing

/// Who is cancelled while it waits leaves everything as if it had never asked.
@Suite struct Cancelling {
  static let reads: [String: @Sendable (StreamReader) async throws -> [UInt8]] = [
    "read": { try await $0.read(100) },
    "readexactly": { try await $0.readexactly(6) },
    "readuntil": { try await $0.readuntil("--".bytes) },
    "readline": { try await $0.readline() },
  ]

  @Test(arguments: reads.keys.sorted())
  func `cancelled while it waits, and read again`(name: String) throws {
    let read = try #require(Self.reads[name])
    let desk = try Desk()
    // All but `read` have too little with this.
    if name != "read" { try desk.feed("half-") }
    let left = desk.left
    let reading = try desk.begin(read)
    #expect(!reading.done() && desk.isAwaited)
    reading.cancel()
    desk.replay.settle()
    #expect(reading.cancelled() && !desk.isAwaited && desk.left == left)
    // The place is free, and nothing is lost.
    let again = try desk.begin(read)
    #expect(!again.done() && desk.isAwaited)
    try desk.feed("-\n")
    let expected = [
      "read": "-\n", "readexactly": "half--", "readuntil": "half--",
      "readline": "half--\n",
    ]
    #expect(try again.result().text == expected[name])
  }

  @Test(arguments: [true, false])
  func `a piece and a cancellation in one turn`(pieceFirst: Bool) throws {
    for name in Self.reads.keys.sorted() {
      let read = try #require(Self.reads[name])
      let desk = try Desk()
      let reading = try desk.begin(read)
      if pieceFirst { try desk.reader.feedData("whole--\n".bytes) }
      reading.cancel()
      if !pieceFirst { try desk.reader.feedData("whole--\n".bytes) }
      #expect(!desk.isAwaited)
      desk.replay.settle()
      // Whoever was first: the bytes stay.
      #expect(reading.cancelled() && desk.left == 8, "\(name)")
      #expect(try desk.now { try await $0.read(100) }.text == "whole--\n")
      #expect(desk.replay.reports.isEmpty)
    }
  }

  @Test(arguments: [true, false])
  func `the end and a cancellation in one turn`(endFirst: Bool) throws {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.readline() }
    if endFirst { try desk.reader.feedEof() }
    reading.cancel()
    if !endFirst { try desk.reader.feedEof() }
    desk.replay.settle()
    #expect(reading.cancelled() && desk.reader.atEof())
    #expect(try desk.now { try await $0.readline() } == [])
  }

  @Test(arguments: [true, false])
  func `bad news and a cancellation in one turn`(newsFirst: Bool) throws {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.readline() }
    if newsFirst { try desk.reader.setException(Mishap()) }
    reading.cancel()
    if !newsFirst { try desk.reader.setException(Mishap()) }
    desk.replay.settle()
    #expect(reading.cancelled() && !desk.isAwaited)
    #expect(throws: Mishap()) { try desk.now { try await $0.readline() } }
    // The bad news was told: nobody has to hear of it once more.
    #expect(desk.replay.reports.isEmpty)
  }

  @Test func `a task that refuses its cancellation waits on`() throws {
    let desk = try Desk()
    var refusals = 0
    let reading = try desk.begin { reader in
      while refusals < 5 {
        do { return try await reader.readline() } catch is CancellationError {
          refusals += 1
        }
      }
      throw Mishap()
    }
    try desk.feed("one ")
    for _ in 1...2 {
      reading.cancel()
      desk.replay.settle()
    }
    try desk.feed("line\n")
    #expect(try reading.result().text == "one line\n" && refusals == 2)
  }

  @Test func `read(-1) has taken pieces, and they go with it`() throws {
    // As in asyncio. Who reads to the end has nowhere to put them back.
    let desk = try Desk(limit: 4)
    let reading = try desk.begin { try await $0.read() }
    try desk.feed("abc", "def")
    reading.cancel()
    desk.replay.settle()
    #expect(reading.cancelled() && desk.left == 0)
    try desk.feed("ghi")
    try desk.end()
    #expect(try desk.now { try await $0.read() }.text == "ghi")
  }

  @Test func `a deadline around a read is a cancellation`() throws {
    let desk = try Desk()
    try desk.feed("half ")
    let reading = try desk.begin { reader in
      let loop = desk.replay.loop
      await #expect(throws: TimeoutError.self) {
        try await loop.waitFor(0) { try await reader.readline() }
      }
      return try await reader.readline()
    }
    #expect(!reading.done() && desk.isAwaited)
    try desk.feed("a line\n")
    #expect(try reading.result().text == "half a line\n")
  }
}
