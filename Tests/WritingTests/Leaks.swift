import EventLoops
import Selectors
import Sockets
import Streams
import TestSupport
import Testing
import Transports

/// When the connection is lost and the program lets go, nobody else holds anything.
@Suite struct Leaks {
  /// Weak references to everything that could survive.
  private final class Remains {
    weak var reader: StreamReader?
    weak var writer: StreamWriter?
    weak var transport: SocketTransport?
    weak var proto: (any BaseProtocol)?

    init(_ reader: StreamReader, _ writer: StreamWriter) {
      (self.reader, self.writer, transport) = (reader, writer, writer.transport)
      proto = writer.transport.getProtocol()
    }
    var isEverything: Bool {
      reader != nil && writer != nil && transport != nil && proto != nil
    }
    var isNothing: Bool {
      reader == nil && writer == nil && transport == nil && proto == nil
    }
  }

  private static let ends:
    [String:
      @Sendable (EventLoop, StreamReader, StreamWriter, Socket) async throws ->
      Void] = [
        "closed": { _, _, writer, _ in try await writer.finish() },
        "aborted": { loop, reader, writer, _ in
          // While somebody reads and somebody drains.
          try writer.write(pattern(3_000_000))
          let reading = try loop.createTask { try await reader.read() }
          let draining = try loop.createTask { try await writer.drain() }
          try await loop.sleep(0)
          writer.transport.abort()
          #expect(try await reading.value() == [])
          try await draining.value()
        },
        "the peer closes": { _, reader, writer, peer in
          try peer.send("a line\nand a half")
          peer.close()
          #expect(try await reader.readline().text == "a line\n")
          // The rest is never read.
          try await writer.finish()
        },
        "broken": { loop, reader, writer, peer in
          peer.close()
          try writer.write([1])
          await #expect(throws: SystemError.self) {
            for _ in 1...1000 { try await writer.drain() }
          }
          await #expect(throws: SystemError.self) { try await writer.waitClosed() }
        },
        "cancelled": { loop, reader, writer, _ in
          try writer.write(pattern(3_000_000))
          let tasks = [
            try loop.createTask { _ = try await reader.readline() },
            try loop.createTask { try await writer.drain() },
            try loop.createTask { try await writer.waitClosed() },
          ]
          try await loop.sleep(0)
          for task in tasks { task.cancel() }
          try await loop.turns(2)
          #expect(tasks.allSatisfy { $0.cancelled() })
          writer.transport.abort()
        },
        "paused": { loop, reader, writer, peer in
          try peer.setBlocking(false)
          while (try? peer.send(String(repeating: "x", count: 10_000))) != nil {}
          try await loop.until { !writer.transport.isReading() }
          try await writer.finish()
        },
      ]

  @Test(arguments: ends.keys.sorted())
  func `the client's side`(how: String) throws {
    let end = try #require(Self.ends[how])
    try inTime { loop in
      let visit = {
        let (reader, writer, peer) = try await connected(loop)
        let remains = Remains(reader, writer)
        #expect(remains.isEverything)
        try await end(loop, reader, writer, peer)
        return remains
      }
      let remains = try await visit()
      try await loop.turns(3)
      #expect(remains.isNothing && loop.transports.isEmpty)
    }
  }

  @Test(arguments: ["closes", "throws", "is cancelled", "leaves it", "is a callback"])
  func `the server's side, whose handler`(how: String) throws {
    try inTime { loop in
      let reports = loop.reports()
      var remains: [Remains] = []
      var server: Server
      if how == "is a callback" {
        server = try await loop.startServer(host: "127.0.0.1", port: 0) {
          reader, writer in
          remains.append(Remains(reader, writer))
          writer.close()
        }
      } else {
        server = try await loop.startServer(host: "127.0.0.1", port: 0) {
          reader, writer in
          remains.append(Remains(reader, writer))
          _ = try await reader.readline()
          if how == "closes" { try await writer.finish() }
          if how == "throws" { throw Mishap() }
          if how == "is cancelled" { loop.currentTask?.cancel() }
        }
      }
      let (reader, writer) = try await loop.visit(server)
      try await loop.until { !remains.isEmpty }
      #expect(remains[0].isEverything || how == "is a callback")
      try writer.write("\n".bytes)
      if how == "leaves it" {
        // Nobody has it any more but the loop, until it is closed.
        try await loop.until { loop.allTasks().count == 1 }
        try await loop.turns(3)
        #expect(remains[0].writer == nil && remains[0].transport != nil)
        server.closeClients()
      }
      _ = try? await reader.read()
      try? await writer.finish()
      try await server.finish()
      try await loop.until { loop.allTasks().count == 1 }
      try await loop.turns(3)
      // The report holds the transport, as it should.
      #expect(reports.contexts.count == (how == "throws" ? 1 : 0))
      reports.forget()
      try await loop.turns(3)
      #expect(remains[0].isNothing && loop.transports.isEmpty)
    }
  }

  @Test func `a writer that is forgotten closes nothing`() throws {
    try inTime { loop in
      let (socket, peer) = try socketPair(isBlocking: false)
      let open = { try await loop.openConnection(sock: socket) }
      let remains: Remains
      let reader: StreamReader
      do {
        let opened = try await open()
        (reader, remains) = (opened.reader, Remains(opened.reader, opened.writer))
      }
      // In Python the connection would be closed now.
      #expect(remains.writer == nil && remains.transport?.isClosing() == false)
      try peer.send("still here\n")
      #expect(try await reader.readline().text == "still here\n")
      remains.transport?.close()
    }
  }

  @Test(arguments: [true, false])
  func `a loop that closes under a connection`(isAwaited: Bool) throws {
    weak var gone: EventLoop?
    var remains: Remains?
    do {
      let loop = try EventLoop()
      gone = loop
      let (socket, peer) = try socketPair(isBlocking: false)
      let opening = try loop.createTask {
        try await loop.openConnection(sock: socket)
      }
      let (reader, writer) = try loop.runUntilComplete(opening)
      remains = Remains(reader, writer)
      try writer.write(pattern(3_000_000))
      if isAwaited {
        try loop.createTask { try await reader.readline() }
        try loop.createTask { try await writer.drain() }
        loop.runOnce()
      }
      #expect(remains?.isEverything == true)
      try loop.close()
      _ = peer
    }
    #expect(remains?.isNothing == true && gone == nil)
  }

  @Test func `a handler that keeps its writers does not keep itself`() throws {
    weak var gone: EventLoop?
    do {
      let loop = try EventLoop()
      gone = loop
      try loop.runUntilComplete(
        loop.createTask {
          var writers: [StreamWriter] = []
          let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
            _, writer in
            writers.append(writer)
          }
          let (_, writer) = try await loop.visit(server)
          try await loop.until { !writers.isEmpty }
          try await writer.finish()
          try await writers[0].finish()
          try await server.finish()
        })
      try loop.close()
    }
    #expect(gone == nil)
  }
}
