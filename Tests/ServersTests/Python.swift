import EventLoops
import SocketOperations
import Sockets
import TestSupport
import Testing
import Transports

/// The same floor in another language: asyncio's own servers and clients.
@Suite(.enabled(if: hasPython, "python3 is not installed")) struct Python {
  static let server = """
    import asyncio

    class Echo(asyncio.Protocol):
        def connection_made(self, transport):
            self.transport = transport
        def data_received(self, data):
            self.transport.write(data)
        def connection_lost(self, error):
            server.close()

    async def main():
        global server
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Echo, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        try:
            await server.serve_forever()
        except asyncio.CancelledError:
            print("closed")

    asyncio.run(main())
    """

  static let client = """
    import asyncio, sys

    class Client(asyncio.Protocol):
        def __init__(self, message):
            self.message, self.echo = message, b""
            self.over = asyncio.get_running_loop().create_future()
        def connection_made(self, transport):
            transport.write(self.message)
            transport.write_eof()
        def data_received(self, data):
            self.echo += data
        def connection_lost(self, error):
            self.over.set_result(error is None and self.echo == self.message)

    async def one(number):
        loop = asyncio.get_running_loop()
        message = bytes((number + (i * 31 >> 8)) & 255 for i in range(200_000))
        _, client = await loop.create_connection(
            lambda: Client(message), "127.0.0.1", int(sys.argv[1]))
        return await client.over

    async def main():
        answers = await asyncio.gather(*map(one, range(20)))
        print("right" if all(answers) else "wrong")

    asyncio.run(main())
    """

  @Test func `a client in Swift, its server in Python`() async throws {
    try await inThread {
      let python = try Script(Self.server)
      let port = try #require(python.line().flatMap { UInt16($0) })
      try run { loop in
        let message = String(repeating: "Es war einmal. ", count: 200_000)
        let visitor = Visitor(loop, message)
        let (transport, _) = try await loop.createConnection(
          { visitor }, host: "127.0.0.1", port: port)
        try await visitor.allHere.value()
        #expect(visitor.isRight)
        transport.close()
      }
      #expect(python.line() == "closed")
      #expect(python.status() == 0)
    }
  }

  @Test func `twenty clients in Python, their server in Swift`() async throws {
    try await inThread {
      try run { loop in
        let reports = loop.reports()
        let server = try await loop.createServer(
          { PatientEcho() }, host: "127.0.0.1", port: 0)
        let port = try server.sockets[0].getsockname().port!
        let python = try Script(Self.client, "\(port)")
        let line = try loop.runInExecutor { python.line() }
        #expect(try await line.value() == "right")
        #expect(python.status() == 0)
        server.close()
        try await server.waitClosed()
        #expect(reports.messages == [])
      }
    }
  }
}

/// Sends back what comes, and what is left after the peer has finished.
final class PatientEcho: StreamProtocol {
  private var transport: SocketTransport!
  func connectionMade(_ transport: SocketTransport) throws {
    self.transport = transport
  }
  func dataReceived(_ bytes: [UInt8]) throws { try transport.write(bytes) }
  func pauseWriting() throws { transport.pauseReading() }
  func resumeWriting() throws { transport.resumeReading() }
  func connectionLost(_ error: (any Error)?) throws { transport = nil }
}
