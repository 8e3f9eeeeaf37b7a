import EventLoops
import Selectors
import Simulation
import Sockets
import Streams
import TestSupport
import Testing
import Transports

/// Who has finished sending may still be listening.
@Suite struct HalfClose {
  @Test func `STRM-25 after the peer's end we may still write`() throws {
    let wire = try Wire((.recv(fd: 5, limit: 262_144), .bytes([])))
    wire.turn(.read)
    #expect(wire.reader.atEof() && !wire.writer.isClosing())
    for _ in 1...2 {
      #expect(try wire.begin { reader, _ in try await reader.read() }.result() == [])
    }
    // The end is told once: nobody watches for it any more.
    #expect(wire.replay.selector.keys[5] == nil)
    wire.replay.kernel.expect((.send(fd: 5, count: 3), .number(3)))
    let answering = try wire.begin { _, writer in
      try writer.write([1, 2, 3])
      try await writer.drain()
    }
    try answering.result()
    #expect(!wire.writer.isClosing())
    try wire.begin { _, writer in try await writer.finish() }.result()
    #expect(wire.isGone && wire.replay.reports.isEmpty)
  }

  @Test func `STRM-25 also much more than the kernel takes at once`() throws {
    try inTime { loop in
      let (reader, writer, peer) = try await connected(loop)
      try peer.shutdown(.write)
      #expect(try await reader.read() == [] && reader.atEof())
      let answer = pattern(1_000_000)
      let receiving = try loop.createTask { try await loop.readAll(peer) }
      for start in stride(from: 0, to: answer.count, by: 100_000) {
        try writer.write(Array(answer[start..<start + 100_000]))
        try await writer.drain()
      }
      try await writer.finish()
      let isAll = try await receiving.value() == answer
      #expect(isAll)
    }
  }

  @Test(arguments: [true, false])
  func `M7 the client sends, ends its half, and gets its answer`(isLarge: Bool) throws {
    try inTime { loop in
      let reports = loop.reports()
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        reader, writer in
        let question = try await reader.read()
        try writer.writelines(["you said ".bytes, question])
        try await writer.finish()
      }
      let (reader, writer) = try await loop.visit(server)
      let question = isLarge ? pattern(3_000_000) : "hello".bytes
      try writer.write(question)
      writer.writeEof()
      let isRight = try await reader.read() == "you said ".bytes + question
      #expect(isRight)
      try await writer.finish()
      try await server.finish()
      #expect(reports.messages == [])
    }
  }

  @Test func `the other way round: the server ends its half first`() throws {
    try inTime { loop in
      let heard = loop.createFuture(of: [UInt8].self)
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        reader, writer in
        try writer.write("tell me\n".bytes)
        writer.writeEof()
        try heard.setResult(try await reader.read())
        try await writer.finish()
      }
      let (reader, writer) = try await loop.visit(server)
      #expect(try await reader.read().text == "tell me\n")
      #expect(reader.atEof() && !writer.isClosing())
      try writer.write("a long ".bytes)
      try await writer.drain()
      try writer.write("story".bytes)
      writer.writeEof()
      #expect(try await heard.value().text == "a long story")
      try await writer.finish()
      try await server.finish()
    }
  }

  @Test func `both halves ended is not closed`() throws {
    try inTime { loop in
      let (one, other) = try socketPair(isBlocking: false)
      let (reader, writer) = try await loop.openConnection(sock: one)
      let (otherReader, otherWriter) = try await loop.openConnection(sock: other)
      try writer.write("to the other".bytes)
      try otherWriter.write("to the one".bytes)
      writer.writeEof()
      otherWriter.writeEof()
      #expect(try await reader.read().text == "to the one")
      #expect(try await otherReader.read().text == "to the other")
      // Nothing can come any more, in no direction. Somebody has to say so.
      try await loop.turns(5)
      #expect(!writer.isClosing() && !otherWriter.isClosing())
      #expect(loop.transports.count == 2)
      try await writer.finish()
      try await otherWriter.finish()
      #expect(loop.transports.isEmpty)
    }
  }
}
