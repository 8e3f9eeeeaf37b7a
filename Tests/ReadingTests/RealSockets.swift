import CLibrary
import Transports
import EventLoops
import SocketOperations
import Sockets
import Streams
import TestSupport
import Testing

/// The same with a kernel in between, which cuts the bytes as it likes.
@Suite struct RealSockets {
  @Test func `a peer that is too fast has to wait`() throws {
    try inTime { loop in
      let (reader, writer, peer) = try await connected(loop, limit: 1000)
      let flood = pattern(3_000_000)
      let sending = try loop.createTask { try await loop.sockSendall(peer, flood) }
      // Nobody reads here. The reader's buffer fills, then the kernel's, and then the
      // peer is stuck.
      try await loop.until { !writer.transport.isReading() }
      let (full, held) = (reader.state.bufferSize, reader.state.hasPaused)
      #expect(held && full > 2000 && full <= 2000 + 262_144)
      try await loop.turns(20)
      #expect(!sending.done() && reader.state.bufferSize == full)
      #expect(loop.handlers(of: peer.descriptor)?.writer != nil)
      // The rest is a matter of reading.
      let isAll = try await reader.readexactly(flood.count) == flood
      #expect(isAll)
      try await sending.value()
      #expect(writer.transport.isReading())
      writer.close()
      try await writer.waitClosed()
    }
  }

  @Test func `a peer that is too fast, and one who reads little by little`() throws {
    try inTime { loop in
      let (reader, writer, peer) = try await connected(loop, limit: 5000)
      let flood = pattern(1_000_000)
      let sending = try loop.createTask {
        try await loop.sockSendall(peer, flood)
        try peer.shutdown(.write)
      }
      var (all, pauses): ([UInt8], Int) = ([], 0)
      while true {
        let piece = try await reader.read(3000)
        if piece.isEmpty { break }
        all += piece
        if !writer.transport.isReading() { pauses += 1 }
      }
      let isAll = all == flood
      #expect(isAll && pauses > 0)
      try await sending.value()
      writer.close()
      try await writer.waitClosed()
    }
  }

  @Test func `a line of five megabytes within a large limit`() throws {
    try inTime { loop in
      let (reader, writer, peer) = try await connected(loop, limit: 6_000_000)
      // 251 is prime and 10 is in the pattern, so the newlines have to go.
      let line = pattern(5_000_000).map { $0 == 10 ? 0 : $0 } + [10]
      let sending = try loop.createTask {
        try await loop.sockSendall(peer, line + "next\n".bytes)
      }
      let isLine = try await reader.readline() == line
      #expect(isLine)
      #expect(try await reader.readline().text == "next\n")
      try await sending.value()
      writer.close()
      try await writer.waitClosed()
    }
  }

  @Test func `a line of five megabytes is too long by default`() throws {
    try inTime { loop in
      let (reader, writer, peer) = try await connected(loop)
      let sending = try loop.createTask {
        try await loop.sockSendall(
          peer, [UInt8](repeating: 120, count: 5_000_000) + "\nnext\n".bytes)
        try peer.shutdown(.write)
      }
      // Each time everything that has come is thrown away, until the tail is short
      // enough to pass for a line (M8).
      var (errors, lines): (Int, [[UInt8]]) = (0, [])
      for _ in 1...10_000 where !reader.atEof() {
        do {
          lines.append(try await reader.readline())
        } catch is ValueError {
          errors += 1
        }
      }
      try await sending.value()
      #expect(errors >= 5_000_000 / (262_144 + 65_536))
      #expect(lines.last { !$0.isEmpty }?.text == "next\n")
      let longest = lines.map(\.count).max()!
      #expect(longest <= 65_537)
      writer.close()
      try await writer.waitClosed()
    }
  }

  @Test(arguments: [true, false])
  func `a separator in pieces`(byReadexactly: Bool) throws {
    try inTime { loop in
      let (reader, writer, peer) = try await connected(loop)
      let head = "GET / HTTP/1.1\r\nHost: here\r\n\r\n"
      let reading = try loop.createTask {
        let head = try await reader.readuntil("\r\n\r\n".bytes)
        return (head, byReadexactly ? try await reader.readexactly(4) : [])
      }
      // Each byte is a message of its own, and is received before the next one leaves.
      for (sent, byte) in head.bytes.enumerated() {
        try peer.send(String(UnicodeScalar(byte)))
        if sent + 1 < head.utf8.count {
          try await loop.until { reader.state.bufferSize == sent + 1 }
          #expect(!reading.done())
        }
      }
      if byReadexactly { try peer.send("body") }
      let (read, body) = try await reading.value()
      #expect(read.text == head && body.text == (byReadexactly ? "body" : ""))
      writer.close()
      try await writer.waitClosed()
    }
  }

  @Test(arguments: [true, false])
  func `a reset in the middle of a line`(waits: Bool) throws {
    try inTime { loop in
      let reports = loop.reports()
      let (client, accepted) = try tcpPair()
      let (reader, writer) = try await loop.openConnection(sock: accepted)
      let reading = try waits ? loop.createTask { try await reader.readline() } : nil
      try client.send("half a li")
      try await loop.until { reader.state.bufferSize == 9 }
      try client.setsockopt(.linger, 0)
      client.close()
      try await loop.until { reader.exception() != nil }
      func isReset(_ error: (any Error)?) -> Bool {
        (error as? SystemError)?.errno == ECONNRESET
      }
      if let reading {
        let error = await #expect(throws: SystemError.self) {
          try await reading.value()
        }
        #expect(isReset(error))
      }
      for name in BadNews.reads.keys.sorted() {
        let read = try #require(BadNews.reads[name])
        let error = await #expect(throws: SystemError.self) { try await read(reader) }
        #expect(isReset(error), "\(name)")
      }
      #expect(!reader.atEof() && writer.isClosing())
      #expect(reports.messages == [])
    }
  }

  @Test func `every line of a conversation, and the end of it`() throws {
    try inTime { loop in
      let (reader, writer, peer) = try await connected(loop, limit: 100)
      let lines = (0..<2000).map { number in
        String(repeating: "x", count: number % 100) + "\n"
      }
      let sending = try loop.createTask {
        try await loop.sockSendall(peer, (lines.joined() + "no newline").bytes)
        peer.close()
      }
      let read = try await reader.lines(atMost: 3000)
      let isAll = read == lines + ["no newline"]
      #expect(isAll)
      try await sending.value()
      writer.close()
      try await writer.waitClosed()
    }
  }
}
