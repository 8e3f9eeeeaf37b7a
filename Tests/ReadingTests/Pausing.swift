import CLibrary
import Transports
import EventLoops
import SocketOperations
import Sockets
import Streams
import TestSupport
import Testing

/// When the tap is turned off, and on again.
@Suite struct Pausing {
  static let takes: [String: @Sendable (StreamReader, Int) async throws -> [UInt8]] = [
    "read": { try await $0.read($1) },
    "readexactly": { try await $0.readexactly($1) },
    "readuntil": { reader, _ in try await reader.readuntil(".\n".bytes) },
    "readline": { reader, _ in try await reader.readline() },
  ]

  @Test(arguments: takes.keys.sorted())
  func `STRM-20 off above twice the limit, on at the limit`(name: String) throws {
    let take = try #require(Self.takes[name])
    // Nine bytes. The first line leaves five of them, the other one four.
    for line in ["ab.\n", "abc.\n"] {
      let tap = try Tap(limit: 4)
      let count = line.utf8.count
      tap.bring(line + String(repeating: "-", count: 8 - count))
      #expect(tap.reader.state.bufferSize == 8 && tap.isOpen)
      tap.bring("-")
      #expect(tap.reader.state.bufferSize == 9 && !tap.isOpen)
      // More may come. Nobody asks for it: the script has no recv.
      tap.turn()
      #expect(try tap.begin { try await take($0, count) }.result().text == line)
      #expect(tap.reader.state.bufferSize == 9 - count && tap.isOpen == (count == 5))
      if count == 4 { _ = try tap.begin { try await $0.read(1) }.result() }
      #expect(tap.reader.state.bufferSize == 4 && tap.isOpen)
      // And the whole thing again.
      tap.bring("12345")
      #expect(!tap.isOpen)
      #expect(try tap.begin { try await $0.read(100) }.result().count == 9)
      #expect(tap.isOpen)
    }
  }

  @Test func `STRM-20 a line that is thrown away counts as well`() throws {
    for hasEnd in [true, false] {
      let tap = try Tap(limit: 4)
      tap.bring(hasEnd ? "too long a line\n" : "too long a line")
      #expect(!tap.isOpen)
      // `readuntil` keeps the bytes, and so the tap is off.
      let keeping = try tap.begin { try await $0.readuntil() }
      #expect(throws: LimitOverrunError.self) { try keeping.result() }
      #expect(!tap.isOpen)
      let dropping = try tap.begin { try await $0.readline() }
      #expect(throws: ValueError.self) { try dropping.result() }
      #expect(tap.isOpen && tap.reader.state.bufferSize == 0)
    }
  }

  @Test func `STRM-20 once is enough`() throws {
    let tap = try Tap(limit: 4)
    tap.bring("123456789")
    #expect(!tap.isOpen)
    // A second one would make no difference now. It would later.
    try tap.reader.feedData([1])
    tap.writer.transport.resumeReading()
    try tap.reader.feedData([2])
    #expect(tap.writer.transport.isReading())
  }

  @Test func `STRM-20 a closed transport is neither paused nor resumed`() throws {
    let tap = try Tap(limit: 4)
    tap.bring("123456789")
    tap.writer.close()
    tap.replay.settle()
    // What has come is still there to be read, and then the end.
    #expect(try tap.begin { try await $0.read(100) }.result().count == 9)
    #expect(try tap.begin { try await $0.read(100) }.result() == [])
    #expect(!tap.writer.transport.isReading() && tap.reader.atEof())
    #expect(tap.replay.reports.isEmpty)
  }

  @Test func `no limit at all is a limit too`() throws {
    let tap = try Tap(limit: .max)
    tap.bring("a line\n")
    #expect(tap.isOpen)
    #expect(try tap.begin { try await $0.readline() }.result().text == "a line\n")
  }

  @Test func `M1 more than the buffer may hold: whoever waits turns it on`() throws {
    let tap = try Tap(limit: 4)
    let reading = try tap.begin { try await $0.readexactly(20) }
    tap.bring("0123456789")
    // It is too much, and it is not enough. The reader has not had its turn.
    #expect(!tap.isOpen && !reading.done())
    tap.replay.settle()
    #expect(tap.isOpen && !reading.done())
    tap.bring("abcdefghij")
    tap.replay.settle()
    #expect(try reading.result().text == "0123456789abcdefghij")
    #expect(tap.isOpen)
  }

  @Test func `M1 as often as it takes`() throws {
    let tap = try Tap(limit: 1)
    let reading = try tap.begin { try await $0.readexactly(30) }
    for piece in 1...10 {
      tap.bring("abc")
      #expect(tap.isOpen == (piece == 10 && reading.done()))
      tap.replay.settle()
      #expect(tap.isOpen)
    }
    #expect(try reading.result().count == 30)
  }

  @Test func `M1 readuntil skips what is too long, and goes on`() throws {
    let tap = try Tap(limit: 4)
    tap.bring("0123456789")
    let reading = try tap.begin { reader in
      do {
        return try await reader.readuntil()
      } catch let overrun as LimitOverrunError {
        let skipped = try await reader.readexactly(overrun.consumed)
        return try await skipped + reader.readuntil()
      }
    }
    #expect(tap.isOpen && !reading.done())
    tap.bring("ab\n")
    tap.replay.settle()
    #expect(try reading.result().text == "0123456789ab\n")
  }

  @Test func `M2 to the end, although the buffer is full long before`() throws {
    let tap = try Tap(limit: 4)
    tap.bring("0123456789")
    #expect(!tap.isOpen)
    let reading = try tap.begin { try await $0.read() }
    #expect(tap.isOpen)
    for _ in 1...10 {
      tap.bring("0123456789")
      tap.replay.settle()
      // It is taken out as it comes, and not kept where it would pause.
      #expect(tap.isOpen && tap.reader.state.bufferSize == 0)
    }
    // The end is behind all that. With the tap turned off it would stay there.
    tap.bring("")
    tap.replay.settle()
    #expect(try reading.result().count == 110)
  }
}
