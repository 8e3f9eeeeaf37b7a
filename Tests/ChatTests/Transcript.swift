import Glibc
import SocketOperations
import Sockets
import TestSupport
import Testing

/// The document's conversation, line for line, in all four pairings.
@Suite struct Transcript {
  /// The document's server. Two lines are mended: the kernel chooses the port, and
  /// `print` tells it.
  static let pythonServer = """
    import socket
    import asyncio

    async def handle_client(client, addr):
        loop = asyncio.get_event_loop()
        result = None
        while result != "quit":
            result = await loop.sock_recv(client, 1024)
            result = result.decode()
            print("got from {0}: {1}".format(addr, result))
            response = "got message"
            await loop.sock_sendall(client, response.encode())
        client.close()

    async def run_server():
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        server.bind(("127.0.0.1", 0))
        server.listen(5)
        server.setblocking(False)
        print(server.getsockname()[1])

        loop = asyncio.get_event_loop()

        while True:
            client, addr = await loop.sock_accept(server)
            print("connected to client: ", addr)
            loop.create_task(handle_client(client, addr))

    asyncio.run(run_server())
    """

  /// The document's client; the port comes from the command line.
  static let pythonClient = """
    import socket
    import asyncio
    import sys

    async def request():
        loop = asyncio.get_event_loop()
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        await loop.sock_connect(client, ("127.0.0.1", int(sys.argv[1])))
        await loop.sock_sendall(client, "ack from client connect success".encode())
        result = await loop.sock_recv(client, 1024)
        print(result.decode())
        while True:
            send_message = input()
            await loop.sock_sendall(client, send_message.encode())
            if send_message == "quit":
                break
            receive_message = await loop.sock_recv(client, 1024)
            print("got message from server: ", receive_message.decode())
        client.close()

    asyncio.run(request())
    """

  /// Types the document's lines, and expects the document's lines.
  private static func converse(_ server: Program, _ client: Program) throws {
    let connected = try #require(try server.line())
    let pair = try #require(
      connected.wholeMatch(of: /connected to client:  (\('127\.0\.0\.1', \d+\))/)
    ).1
    #expect(try server.line() == "got from \(pair): ack from client connect success")
    #expect(try client.line() == "got message")
    try client.type("hello world")
    #expect(try server.line() == "got from \(pair): hello world")
    #expect(try client.line() == "got message from server:  got message")
    try client.type("quit")
    #expect(try server.line() == "got from \(pair): quit")
    #expect(try client.line() == nil)
    #expect(try client.wait() == 0)
    #expect(try client.rest(.error) == "")
  }

  @Test func `server and client, both in Swift, twice`() async throws {
    try await inThread {
      let (server, port) = try startServer()
      for _ in 1...2 {
        try Self.converse(server, try Program("chat-client", ["--port", port]))
      }
      server.send(SIGINT)
      #expect(try server.wait() == 130)
      #expect(try server.rest(.error) == "")
    }
  }

  @Test(.enabled(if: hasPython, "python3 is not installed"))
  func `the document's client in Python, the server in Swift`() async throws {
    try await inThread {
      let (server, port) = try startServer()
      try Self.converse(server, try Program(python: Self.pythonClient, port))
    }
  }

  @Test(.enabled(if: hasPython, "python3 is not installed"))
  func `the document's server in Python, the client in Swift`() async throws {
    try await inThread {
      let server = try Program(python: Self.pythonServer)
      let port = try #require(try server.line())
      try Self.converse(server, try Program("chat-client", ["--port", port]))
    }
  }

  @Test(.enabled(if: hasPython, "python3 is not installed"))
  func `the document's server and client, both in Python`() async throws {
    // That the expectations above are the document's, and not only ours.
    try await inThread {
      let server = try Program(python: Self.pythonServer)
      let port = try #require(try server.line())
      try Self.converse(server, try Program(python: Self.pythonClient, port))
    }
  }
}
