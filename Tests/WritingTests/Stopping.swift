import CLibrary
import EventLoops
import Sockets
import Streams
import TestSupport
import Testing
import Transports

/// A server that is stopped while its clients are in the middle.
@Suite struct Stopping {
  /// An echo server with so many clients, each of whom has said half a line.
  private func halfway(
    _ loop: EventLoop, _ count: Int
  ) async throws -> (server: Server, clients: [(StreamReader, StreamWriter)]) {
    var readers: [StreamReader] = []
    let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
      reader, writer in
      readers.append(reader)
      for try await line in reader {
        try writer.write(line)
        try await writer.drain()
      }
      try await writer.finish()
    }
    var clients: [(StreamReader, StreamWriter)] = []
    for number in 0..<count {
      let (reader, writer) = try await loop.visit(server)
      try writer.write("client \(number)".bytes)
      clients.append((reader, writer))
    }
    try await loop.until {
      readers.count == count && readers.allSatisfy { $0.state.bufferSize > 0 }
    }
    return (server, clients)
  }

  @Test func `closed: those who are inside finish what they say`() throws {
    try inTime { loop in
      let (server, clients) = try await halfway(loop, 10)
      server.close()
      let waiting = try loop.createTask { try await server.waitClosed() }
      for (number, (reader, writer)) in clients.enumerated() {
        try writer.write(", the end\n".bytes)
        #expect(try await reader.readline().text == "client \(number), the end\n")
        #expect(!waiting.done())
        try await writer.finish()
      }
      try await waiting.value()
      #expect(loop.transports.isEmpty)
    }
  }

  @Test(arguments: [true, false])
  func `closeClients and abortClients end the handlers as well`(isAbort: Bool) throws {
    try inTime { loop in
      let reports = loop.reports()
      let (server, clients) = try await halfway(loop, 10)
      server.close()
      isAbort ? server.abortClients() : server.closeClients()
      try await server.waitClosed()
      for (reader, writer) in clients {
        // The half line was in our hands: nothing comes back but the end.
        #expect(try await reader.read() == [])
        try await writer.finish()
      }
      // A handler sees the end of the stream, with half a line before it. It tries to
      // send that back, and drain tells it.
      try await loop.until { reports.contexts.count == 10 }
      try await loop.turns(3)
      #expect(
        reports.contexts.map { errno(of: $0.exception) }
          == Array(repeating: ECONNRESET, count: 10))
      #expect(loop.transports.isEmpty)
    }
  }

  @Test func `aborted while a handler waits in drain`() throws {
    try inTime { loop in
      let reports = loop.reports()
      var stuck: StreamWriter?
      var rounds = 0
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        _, writer in
        stuck = writer
        while rounds < 10_000 {
          rounds += 1
          try writer.write(pattern(100_000))
          try await writer.drain()
        }
      }
      let (reader, writer) = try await loop.visit(server)
      // Nobody reads here: both buffers fill.
      try await loop.until { !writer.transport.isReading() }
      var before = 0
      try await loop.until {
        defer { before = rounds }
        return rounds == before && (stuck?.transport.getWriteBufferSize() ?? 0) > 65_536
      }
      server.close()
      // Politeness leads nowhere with one who does not read.
      server.closeClients()
      await #expect(throws: TimeoutError.self) {
        try await loop.waitFor(0) { try await server.waitClosed() }
      }
      server.abortClients()
      try await server.waitClosed()
      try await loop.until { !reports.contexts.isEmpty }
      try await loop.turns(3)
      #expect(reports.contexts.map { errno(of: $0.exception) } == [ECONNRESET])
      _ = reader
      writer.transport.abort()
      _ = try? await writer.waitClosed()
    }
  }

  @Test func `serveForever is cancelled`() throws {
    try inTime { loop in
      let (server, clients) = try await halfway(loop, 3)
      let serving = try loop.createTask { try await server.serveForever() }
      try await loop.sleep(0)
      serving.cancel()
      try await loop.turns(3)
      #expect(!server.isServing() && !serving.done())
      for (reader, writer) in clients {
        writer.writeEof()
        #expect(try await reader.read().text.hasPrefix("client "))
        try await writer.finish()
      }
      await #expect(throws: CancellationError.self) { try await serving.value() }
    }
  }

  @Test func `the loop ends under them`() throws {
    let peers = try inTime { [self] loop in
      let reports = loop.reports()
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        reader, writer in
        // Its clean-up still runs.
        defer { try? writer.write("bye\n".bytes) }
        _ = try await reader.readline()
      }
      let place = try server.sockets[0].getsockname()
      let peers = try (0..<5).map { _ in
        let peer = try Socket()
        try peer.connect(place)
        return peer
      }
      try await loop.until { loop.transports.count == 5 && loop.allTasks().count == 6 }
      try await loop.turns(3)
      #expect(reports.messages == [])
      _ = try await halfway(loop, 5)
      return peers
    }
    for peer in peers {
      #expect(try peer.recv(10).text == "bye\n")
      #expect(try peer.recv(10) == [])
    }
  }
}
