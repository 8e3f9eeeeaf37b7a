import Sockets
import EventLoops
import Streams
import TestSupport
import Testing

/// The connection broke: whoever reads hears of it.
@Suite struct BadNews {
  /// Every way to read, also those that ask for nothing.
  static let reads: [String: @Sendable (StreamReader) async throws -> [UInt8]] =
    Cancelling.reads.merging([
      "read(0)": { try await $0.read(0) },
      "read(-1)": { try await $0.read() },
      "readexactly(0)": { try await $0.readexactly(0) },
      "iteration": { reader in
        for try await line in reader { return line }
        return []
      },
    ]) { $1 }

  @Test(arguments: reads.keys.sorted(), [0, 1, 2])
  func `STRM-16 after the news every read throws them`(name: String, before: Int) throws
  {
    let read = try #require(Self.reads[name])
    let desk = try Desk()
    // With unread data, and also behind the end.
    if before > 0 { try desk.feed("a whole line--\n") }
    if before > 1 { try desk.end() }
    let left = desk.left
    #expect(desk.reader.exception() == nil)
    try desk.reader.setException(Mishap())
    #expect(desk.reader.exception() as? Mishap == Mishap())
    for _ in 1...2 { #expect(throws: Mishap()) { try desk.now(read) } }
    #expect(desk.left == left && !desk.isAwaited)
  }

  @Test(arguments: reads.keys.filter { !$0.hasSuffix("(0)") }.sorted())
  func `STRM-16 the news while it waits`(name: String) throws {
    let desk = try Desk()
    if name != "read" { try desk.feed("half-") }
    let reading = try desk.begin(try #require(Self.reads[name]))
    #expect(!reading.done() && desk.isAwaited)
    try desk.reader.setException(Mishap())
    #expect(!desk.isAwaited)
    desk.replay.settle()
    #expect(throws: Mishap()) { try reading.result() }
  }

  @Test func `STRM-16 newer news replace older ones`() throws {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.readline() }
    try desk.reader.setException(Mishap(number: 1))
    try desk.reader.setException(Mishap(number: 2))
    desk.replay.settle()
    // Who waited was woken by the first.
    #expect(throws: Mishap(number: 1)) { try reading.result() }
    #expect(throws: Mishap(number: 2)) { try desk.now { try await $0.readline() } }
  }

  @Test func `STRM-16 a call that makes no sense makes none now either`() throws {
    let desk = try Desk()
    try desk.reader.setException(Mishap())
    #expect(throws: ValueError.self) { try desk.now { try await $0.readexactly(-1) } }
    #expect(throws: ValueError.self) { try desk.now { try await $0.readuntil([]) } }
  }

  @Test(arguments: ["readexactly", "readuntil", "readline", "read(-1)", "iteration"])
  func `a piece and then bad news in one turn: nobody waits for ever`(name: String)
    throws
  {
    let desk = try Desk()
    let reading = try desk.begin(try #require(Self.reads[name]))
    // The piece settles the waiter. So there is none when the bad news comes, and the
    // task has not had its turn.
    try desk.reader.feedData("half".bytes)
    try desk.reader.setException(Mishap())
    desk.replay.settle()
    #expect(throws: Mishap()) { try reading.result() }
  }

  @Test func `a last piece that is enough comes before the bad news`() throws {
    let desk = try Desk()
    let reading = try desk.begin { try await $0.readline() }
    try desk.reader.feedData("whole\n".bytes)
    try desk.reader.setException(Mishap())
    desk.replay.settle()
    #expect(try reading.result().text == "whole\n")
    #expect(throws: Mishap()) { try desk.now { try await $0.readline() } }
  }

  @Test(arguments: [true, false])
  func `STRM-26 a connection that is lost with an error`(waits: Bool) throws {
    let desk = try Desk()
    let proto = StreamReaderProtocol(desk.reader)
    try proto.dataReceived("half".bytes)
    let reading = try waits ? desk.begin { try await $0.readline() } : nil
    try proto.connectionLost(Mishap())
    desk.replay.settle()
    if let reading { #expect(throws: Mishap()) { try reading.result() } }
    for name in Self.reads.keys.sorted() {
      #expect(throws: Mishap(), "\(name)") {
        try desk.now(try #require(Self.reads[name]))
      }
    }
    // It is not the end: more might have come.
    #expect(!desk.reader.atEof() && desk.left == 4)
  }

  @Test(arguments: [true, false])
  func `STRM-26 lost without an error is the end`(endsTwice: Bool) throws {
    let desk = try Desk()
    let proto = StreamReaderProtocol(desk.reader)
    try proto.dataReceived("half".bytes)
    let reading = try desk.begin { try await $0.readline() }
    if endsTwice { #expect(try proto.eofReceived()) }
    try proto.connectionLost(nil)
    desk.replay.settle()
    #expect(try reading.result().text == "half")
    #expect(desk.reader.atEof() && desk.reader.exception() == nil)
    #expect(try desk.now { try await $0.read() } == [])
  }

  @Test func `STRM-26 the end, and later an error`() throws {
    // The peer has finished, we have not, and then the cable is cut.
    let desk = try Desk()
    let proto = StreamReaderProtocol(desk.reader)
    #expect(try proto.eofReceived())
    #expect(try desk.now { try await $0.read() } == [])
    try proto.connectionLost(Mishap())
    #expect(throws: Mishap()) { try desk.now { try await $0.read() } }
  }
}
