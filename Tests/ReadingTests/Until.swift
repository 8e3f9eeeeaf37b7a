import Sockets
import EventLoops
import Streams
import TestSupport
import Testing

/// `readuntil`: a separator, however it comes.
@Suite struct ReadUntil {
  @Test func `STRM-07 a separator in two pieces`() throws {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.readuntil("\r\n".bytes) }
    try desk.feed("line\r")
    #expect(!reading.done() && desk.left == 5)
    try desk.feed("\nrest")
    #expect(try reading.result().text == "line\r\n")
    #expect(desk.left == 4)
  }

  /// `ABABAC` is what a careless search misses: after `ABAB` comes not `AC` but another
  /// `AB`, and the separator has begun already.
  private static let text = "xABAyABABABACzzABABAC"
  private static let messages = ["xABAyABABABAC", "zzABABAC"]

  /// Feeds the text with these cuts, while a task reads both messages.
  private func read(cuts: [Int], inOneTurn: Bool) throws -> [String] {
    let desk = try Desk()
    let reading = try desk.begin { reader in
      [
        try await reader.readuntil("ABABAC".bytes),
        try await reader.readuntil("ABABAC".bytes),
      ]
    }
    let all = Self.text.bytes
    for (start, end) in zip([0] + cuts, cuts + [all.count]) {
      try desk.reader.feedData(Array(all[start..<end]))
      if !inOneTurn { desk.replay.settle() }
    }
    desk.replay.settle()
    #expect(desk.left == 0)
    return try reading.result().map(\.text)
  }

  @Test(arguments: [true, false])
  func `STRM-07 cut up at every two places`(inOneTurn: Bool) throws {
    let count = Self.text.utf8.count
    for first in 0...count {
      for second in first...count {
        let read = try read(cuts: [first, second], inOneTurn: inOneTurn)
        #expect(read == Self.messages, "cut at \(first) and \(second)")
      }
    }
  }

  @Test func `STRM-07 byte for byte`() throws {
    let cuts = Array(1..<Self.text.utf8.count)
    #expect(try read(cuts: cuts, inOneTurn: false) == Self.messages)
  }

  @Test func `STRM-07 separators that overlap, and empty messages`() throws {
    let desk = try Desk()
    try desk.feed("aaaaa--")
    for expected in ["aa", "aa"] {
      #expect(try desk.now { try await $0.readuntil("aa".bytes) }.text == expected)
    }
    #expect(try desk.now { try await $0.readuntil("--".bytes) }.text == "a--")
    #expect(desk.left == 0)
  }

  @Test func `STRM-07 any byte can be a separator`() throws {
    let desk = try Desk()
    try desk.feed([1, 0, 255, 0, 0, 255])
    #expect(try desk.now { try await $0.readuntil([0]) } == [1, 0])
    #expect(try desk.now { try await $0.readuntil([0, 255]) } == [255, 0, 0, 255])
  }

  @Test func `STRM-07 an empty separator is refused, and takes nothing`() throws {
    let desk = try Desk()
    try desk.feed("abc")
    #expect(throws: ValueError.self) { try desk.now { try await $0.readuntil([]) } }
    #expect(desk.left == 3)
  }

  @Test func `STRM-08 the end before a separator`() throws {
    let desk = try Desk()
    try desk.feed("some dataAA")
    try desk.end()
    let error = #expect(throws: IncompleteReadError.self) {
      try desk.now { try await $0.readuntil("AAA".bytes) }
    }
    #expect(error == IncompleteReadError(partial: "some dataAA".bytes, expected: nil))
    // They were handed over with the error, and only once.
    #expect(desk.left == 0 && desk.reader.atEof())
    #expect(throws: IncompleteReadError(partial: [], expected: nil)) {
      try desk.now { try await $0.readuntil("AAA".bytes) }
    }
  }

  @Test func `STRM-08 the end while it waits`() throws {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.readuntil() }
    try desk.feed("half")
    #expect(!reading.done())
    try desk.end()
    #expect(throws: IncompleteReadError(partial: "half".bytes, expected: nil)) {
      try reading.result()
    }
    #expect(desk.left == 0)
  }

  @Test func `STRM-08 a separator that came with the end is found`() throws {
    let desk = try Desk()
    let reading = try desk.begin { reader in
      [
        try await reader.readuntil("--".bytes), try await reader.readuntil("--".bytes),
      ]
    }
    try desk.feed("one-")
    // All of it before the reader's turn.
    try desk.reader.feedData("-two--".bytes)
    try desk.end()
    #expect(try reading.result().map(\.text) == ["one--", "two--"])
  }

  @Test func `STRM-08 what the error says`() {
    #expect(
      IncompleteReadError(partial: [1, 2, 3], expected: 8).description
        == "the stream ended after 3 bytes of 8")
    #expect(
      IncompleteReadError(partial: [], expected: nil).description
        == "the stream ended after 0 bytes without a separator")
  }
}
