import CLibrary
import EventLoops
import Sockets
import TestSupport
import Testing
import Transports

@testable import Streams

/// What becomes of a client whose handler has ended, well or not.
@Suite struct Handlers {
  @Test(arguments: [true, false])
  func `STRM-23 an error of a handler is reported once, and the client hung up on`(
    hasWaited: Bool
  ) throws {
    try inTime { loop in
      let reports = loop.reports()
      var writers: [StreamWriter] = []
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        reader, writer in
        writers.append(writer)
        if hasWaited { _ = try await reader.readline() }
        throw Mishap(number: writers.count)
      }
      // And the next client is served like the first.
      for number in 1...3 {
        let (reader, writer) = try await loop.visit(server)
        try writer.write("hello\n".bytes)
        // The server may be faster, and what we wrote unread: then it is a reset.
        _ = try? await reader.read()
        try await loop.until { reports.contexts.count == number }
        try? await writer.finish()
        let report = reports.contexts[number - 1]
        #expect(report.exception as? Mishap == Mishap(number: number))
        #expect(report.transport === writers[number - 1].transport)
        #expect(report.protocol is StreamReaderProtocol)
        #expect(report.message.contains("client's handler"))
        #expect(writers[number - 1].isClosing())
      }
      try await server.finish()
      #expect(reports.contexts.count == 3 && loop.transports.isEmpty)
    }
  }

  @Test func `STRM-23 what was written before the error still arrives`() throws {
    try inTime { loop in
      let reports = loop.reports()
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        reader, writer in
        try writer.write(pattern(1_000_000))
        _ = try await reader.readline()
        throw Mishap()
      }
      let (reader, writer) = try await loop.visit(server)
      try writer.write("\n".bytes)
      let isAll = try await reader.read() == pattern(1_000_000)
      #expect(isAll)
      try await writer.finish()
      try await server.finish()
      #expect(reports.contexts.map { $0.exception as? Mishap } == [Mishap()])
    }
  }

  @Test func `STRM-23 a reset that reaches the handler is an error of the handler`()
    throws
  {
    try inTime { loop in
      let reports = loop.reports()
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        reader, writer in
        for try await line in reader { try writer.write(line) }
      }
      let (reader, writer) = try await loop.visit(server)
      try writer.write("hello\n".bytes)
      _ = try await reader.readline()
      let socket = try #require(writer.getExtraInfo("socket") as? Socket)
      try socket.setsockopt(.linger, 0)
      writer.transport.abort()
      try await server.finish()
      try await loop.until { !reports.contexts.isEmpty }
      try await loop.turns(3)
      #expect(reports.contexts.count == 1)
      #expect(errno(of: reports.contexts[0].exception) == ECONNRESET)
    }
  }

  @Test func `STRM-23 a plain callback that throws`() throws {
    try inTime { loop in
      let reports = loop.reports()
      var writers: [StreamWriter] = []
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        _, writer in
        writers.append(writer)
        throw Mishap()
      }
      let (reader, writer) = try await loop.visit(server)
      #expect(try await reader.read() == [])
      // asyncio would leave it open. Nobody would have it.
      #expect(writers[0].isClosing())
      #expect(reports.contexts.map { $0.exception as? Mishap } == [Mishap()])
      try await writer.finish()
      try await server.finish()
    }
  }

  @Test func `STRM-24 a handler that ends cancelled is nobody's trouble`() throws {
    try inTime { loop in
      let reports = loop.reports()
      var handlers: [any AnyTask] = []
      var writers: [StreamWriter] = []
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        reader, writer in
        handlers.append(try #require(loop.currentTask))
        writers.append(writer)
        _ = try await reader.readline()
      }
      let (reader, writer) = try await loop.visit(server)
      try await loop.until { !handlers.isEmpty }
      handlers[0].cancel()
      #expect(try await reader.read() == [])
      #expect(handlers[0].cancelled() && writers[0].isClosing())
      try await writer.finish()
      try await server.finish()
      #expect(reports.messages == [])
    }
  }

  @Test func `STRM-24 cancelled before its first line`() throws {
    let wire = try Wire()
    var hasBegun = false
    let proto = StreamReaderProtocol(wire.reader, .body { _, _ in hasBegun = true })
    try proto.connectionMade(wire.transport)
    try #require(wire.replay.loop.allTasks().first).cancel()
    wire.replay.settle()
    #expect(!hasBegun && wire.isGone && wire.replay.reports.isEmpty)
  }

  @Test func `STRM-24 a handler that refuses goes on`() throws {
    try inTime { loop in
      let reports = loop.reports()
      var handler: (any AnyTask)?
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        reader, writer in
        handler = loop.currentTask
        do {
          _ = try await reader.readline()
        } catch is CancellationError {
          try writer.write("no\n".bytes)
        }
        try writer.write(try await reader.readline())
        try await writer.finish()
      }
      let (reader, writer) = try await loop.visit(server)
      try await loop.until { handler != nil }
      handler?.cancel()
      #expect(try await reader.readline().text == "no\n")
      try writer.write("go on\n".bytes)
      #expect(try await reader.read().text == "go on\n")
      try await writer.finish()
      try await server.finish()
      #expect(reports.messages == [])
    }
  }

  @Test func `a handler that ends well closes nothing`() throws {
    try inTime { loop in
      let reports = loop.reports()
      var handed: [StreamWriter] = []
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        reader, writer in
        _ = try await reader.readline()
        // Somebody else goes on with it.
        handed.append(writer)
      }
      let (reader, writer) = try await loop.visit(server)
      try writer.write("hello\n".bytes)
      try await loop.until { handed.count == 1 && loop.allTasks().count == 1 }
      try await loop.turns(3)
      #expect(!handed[0].isClosing())
      try handed[0].write("from somebody else\n".bytes)
      #expect(try await reader.readline().text == "from somebody else\n")
      try await handed[0].finish()
      #expect(try await reader.read() == [])
      try await writer.finish()
      try await server.finish()
      #expect(reports.messages == [])
    }
  }
}
