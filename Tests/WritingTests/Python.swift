import CLibrary
import EventLoops
import Sockets
import Streams
import TestSupport
import Testing
import Transports

/// The same floor in another language: asyncio's own streams at the other end, and
/// protocols of asyncio's, which know nothing of streams.
///
/// What one side asks the other answers, and each finds out for itself whether all is
/// well. So a side in one language can talk as a client or as a server.
@Suite(.enabled(if: hasPython, "python3 is not installed")) struct Python {
  /// What our side does, and what Python's does.
  static let talks = [
    ("ask", "answer"), ("answer", "ask"), ("ask", "Answer"), ("answer", "Ask"),
    ("flood", "flood"), ("suffer", "reset"),
  ]

  @Test(arguments: talks)
  func `a client in Swift, its server in Python`(ours: String, theirs: String)
    async throws
  {
    try await inThread {
      let script = try Script(Self.program, theirs)
      let port = try #require(script.line().flatMap { UInt16($0) })
      try run { loop in
        let (reader, writer) = try await loop.openConnection(
          host: "127.0.0.1", port: port)
        try await Self.talk(ours, reader, writer)
      }
      #expect(script.line() == "well")
      #expect(script.status() == 0)
    }
  }

  @Test(arguments: talks)
  func `a server in Swift, its client in Python`(ours: String, theirs: String)
    async throws
  {
    try await inThread {
      try run { loop in
        loop.setExceptionHandler { _, context in
          Issue.record("\(context.message): \(context.exception as Any)")
        }
        let over = loop.createFuture(of: Void.self)
        let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
          reader, writer in
          defer { _ = try? over.setResult(()) }
          try await Self.talk(ours, reader, writer)
        }
        let port = try server.sockets[0].getsockname().port!
        let script = try Script(Self.program, theirs, "\(port)")
        try await loop.waitFor(patience) { try await over.value() }
        let line = try loop.runInExecutor { script.line() }
        #expect(try await line.value() == "well")
        #expect(script.status() == 0)
        server.close()
        try await server.waitClosed()
      }
    }
  }

  // MARK: The sides in Swift

  static func talk(
    _ side: String, _ reader: StreamReader, _ writer: StreamWriter
  ) async throws {
    try await EventLoop.running!.waitFor(patience) {
      switch side {
      case "ask": try await ask(reader, writer)
      case "answer": try await answer(reader, writer)
      case "flood": try await flood(reader, writer)
      default: return try await suffer(reader, writer)
      }
      writer.close()
      try await writer.waitClosed()
    }
  }

  static func ask(_ reader: StreamReader, _ writer: StreamWriter) async throws {
    let long = [UInt8](repeating: 120, count: 60_000)
    for line in [Array("one\n".utf8), [10], long + [10]] {
      try writer.write(line)
      try await writer.drain()
      #expect(try await reader.readline() == line)
    }
    // Only half of the connection ends, and through the other comes an answer.
    writer.writeEof()
    #expect(try await reader.read() == Array("goodbye".utf8))
  }

  static func answer(_ reader: StreamReader, _ writer: StreamWriter) async throws {
    for try await line in reader {
      try writer.write(line)
      try await writer.drain()
    }
    try writer.write(Array("goodbye".utf8))
  }

  /// More than the kernel takes, in both directions at once. Whoever sends it all before
  /// reading any of it waits for a peer that does the same.
  static func flood(_ reader: StreamReader, _ writer: StreamWriter) async throws {
    let blocks = (0..<16_000).map { [UInt8](repeating: UInt8($0 % 251), count: 1000) }
    let mine: [UInt8] = blocks.reduce(into: []) { $0 += $1 }
    let theirs: [UInt8] = blocks.reversed().reduce(into: []) { $0 += $1 }
    let sending = try EventLoop.running!.createTask {
      for start in stride(from: 0, to: mine.count, by: 100_000) {
        try writer.write(Array(mine[start..<start + 100_000]))
        try await writer.drain()
      }
    }
    #expect(try await reader.readexactly(mine.count) == theirs)
    try await sending.value()
  }

  /// The peer resets the connection while we read, and everybody hears of that.
  static func suffer(_ reader: StreamReader, _ writer: StreamWriter) async throws {
    try writer.write(Array("go ahead\n".utf8))
    let reset = SystemError(ECONNRESET, in: "recv")
    await #expect(throws: reset) { try await reader.readline() }
    await #expect(throws: reset) { try await reader.read() }
    await #expect(throws: reset) { try await writer.drain() }
    await #expect(throws: reset) { try await writer.waitClosed() }
  }

  // MARK: The sides in Python

  /// `program side` is a server for one client and prints its port; `program side port`
  /// is a client.
  static let program = """
    import asyncio, socket, struct, sys

    LINES = [b"one\\n", b"\\n", 60_000 * b"x" + b"\\n"]

    async def ask(reader, writer):
        for line in LINES:
            writer.write(line)
            await writer.drain()
            assert await reader.readline() == line
        writer.write_eof()
        assert await reader.read() == b"goodbye"

    async def answer(reader, writer):
        async for line in reader:
            writer.write(line)
            await writer.drain()
        writer.write(b"goodbye")

    async def flood(reader, writer):
        mine = b"".join(bytes([i % 251]) * 1000 for i in reversed(range(16_000)))
        async def send():
            for start in range(0, len(mine), 100_000):
                writer.write(mine[start:start + 100_000])
                await writer.drain()
        _, other = await asyncio.gather(send(), reader.readexactly(len(mine)))
        assert other == mine[::-1]

    async def reset(reader, writer):
        await reader.readline()
        # To linger for no time means: no goodbye, and what is on its way is lost.
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    class Ask(asyncio.Protocol):
        def connection_made(self, transport):
            self.answers = b""
            transport.write(b"".join(LINES))
            transport.write_eof()
        def data_received(self, data):
            self.answers += data
        def connection_lost(self, error):
            over.set_result(self.answers == b"".join(LINES) + b"goodbye")

    class Answer(asyncio.Protocol):
        def connection_made(self, transport):
            self.transport = transport
        def data_received(self, data):
            self.transport.write(data)
        def eof_received(self):
            self.transport.write(b"goodbye")
        def connection_lost(self, error):
            over.set_result(error is None)

    async def talk(reader, writer):
        try:
            await side(reader, writer)
            writer.close()
            await writer.wait_closed()
            over.set_result(True)
        except BaseException as error:
            over.set_exception(error)

    async def main(*port):
        global over
        loop = asyncio.get_running_loop()
        over = loop.create_future()
        is_protocol = isinstance(side, type)
        if not port and is_protocol:
            server = await loop.create_server(side, "127.0.0.1", 0)
        elif not port:
            server = await asyncio.start_server(talk, "127.0.0.1", 0)
        elif is_protocol:
            await loop.create_connection(side, "127.0.0.1", *port)
        else:
            await talk(*await asyncio.open_connection("127.0.0.1", *port))
        if not port:
            print(server.sockets[0].getsockname()[1], flush=True)
        print("well" if await over else "wrong")

    side = globals()[sys.argv[1]]
    asyncio.run(main(*map(int, sys.argv[2:])))
    """
}
