import CLibrary
import EventLoops
import Selectors
import SocketOperations
import Sockets
import TestSupport
import Testing

/// Large messages and many clients, against Python and against ourselves.
@Suite struct Peers {
  static let sizes = [1, 65_536, 5_000_000]

  /// Sends a message, reads it back meanwhile, and says whether it is the same.
  static let pythonEchoClient = """
    import asyncio, socket, sys

    async def main(port, size):
        loop = asyncio.get_running_loop()
        sock = socket.socket()
        sock.setblocking(False)
        await loop.sock_connect(sock, ("127.0.0.1", port))
        message = bytes(i * 31 >> 8 & 255 for i in range(size))
        sending = asyncio.create_task(loop.sock_sendall(sock, message))
        echo = bytearray()
        while len(echo) < size:
            data = await loop.sock_recv(sock, 100_000)
            if not data:
                break
            echo += data
        await sending
        sock.close()
        print("same" if echo == message else "different")

    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
    """

  /// Sends back what comes, to one client.
  static let pythonEchoServer = """
    import asyncio, socket

    async def main():
        loop = asyncio.get_running_loop()
        server = socket.socket()
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        print(server.getsockname()[1])
        sock, _ = await loop.sock_accept(server)
        while data := await loop.sock_recv(sock, 100_000):
            await loop.sock_sendall(sock, data)
        sock.close()

    asyncio.run(main())
    """

  /// Fifty of the document's clients at once, in one process.
  static let pythonCrowd = """
    import asyncio, socket, sys

    async def one(number):
        loop = asyncio.get_running_loop()
        sock = socket.socket()
        sock.setblocking(False)
        await loop.sock_connect(sock, ("127.0.0.1", int(sys.argv[1])))
        for text in [f"client {number}", "hello", "quit"]:
            await loop.sock_sendall(sock, text.encode())
            assert await loop.sock_recv(sock, 1024) == b"got message"
        assert await loop.sock_recv(sock, 1024) == b""
        sock.close()

    async def main():
        await asyncio.gather(*map(one, range(50)))
        print("all answered")

    asyncio.run(main())
    """

  private static func message(_ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 8) }
  }

  /// What comes goes back.
  private static func echo(_ loop: EventLoop, _ socket: Socket) async throws {
    while true {
      let bytes = try await loop.sockRecv(socket, 100_000)
      if bytes.isEmpty { return }
      try await loop.sockSendall(socket, bytes)
    }
  }

  /// Sends `size` bytes and reads them back at the same time.
  private static func exchange(
    _ loop: EventLoop, _ socket: Socket, _ size: Int
  ) async throws -> Bool {
    let message = message(size)
    let sending = try loop.createTask { try await loop.sockSendall(socket, message) }
    var echo: [UInt8] = []
    while echo.count < size {
      let bytes = try await loop.sockRecv(socket, 100_000)
      if bytes.isEmpty { break }
      echo += bytes
    }
    try await sending.value()
    return echo == message
  }

  @Test(.enabled(if: hasPython, "python3 is not installed"), arguments: sizes)
  func `an echo server in Swift, its client in Python`(size: Int) async throws {
    try await inThread {
      try run { loop in
        let (listener, place) = try tcpListener()
        let client = try Program(
          python: Self.pythonEchoClient, "\(place.port!)", "\(size)")
        let (connection, _) = try await loop.sockAccept(listener)
        try await Self.echo(loop, connection)
        #expect(try client.line() == "same")
        #expect(try client.wait() == 0)
        #expect(loop.selector.keys.count == 1)
      }
    }
  }

  @Test(.enabled(if: hasPython, "python3 is not installed"), arguments: sizes)
  func `an echo server in Python, its client in Swift`(size: Int) async throws {
    try await inThread {
      let server = try Program(python: Self.pythonEchoServer)
      let port = try #require(UInt16(try server.line() ?? ""))
      try run { loop in
        let socket = try tcpSocket()
        try await loop.sockConnect(socket, host: "127.0.0.1", port: port)
        #expect(try await Self.exchange(loop, socket, size))
        #expect(loop.selector.keys.count == 1)
      }
      #expect(try server.wait() == 0)
      #expect(try server.rest(.error) == "")
    }
  }

  @Test(arguments: sizes)
  func `an echo server and its client, both in Swift, in one loop`(size: Int) throws {
    try run { loop in
      let (listener, place) = try tcpListener()
      let server = try loop.createTask {
        let (connection, _) = try await loop.sockAccept(listener)
        try await Self.echo(loop, connection)
      }
      let socket = try tcpSocket()
      try await loop.sockConnect(socket, place)
      #expect(try await Self.exchange(loop, socket, size))
      socket.close()
      try await server.value()
      #expect(loop.selector.keys.count == 1)
    }
  }

  @Test(.enabled(if: hasPython, "python3 is not installed"))
  func `a Python client that vanishes in the middle of five megabytes`() async throws {
    let vanish = """
      import socket, struct, sys
      sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
      sock.sendall(b"x" * 100_000)
      sock.recv(1)
      sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
      sock.close()
      """
    try await inThread {
      try run { loop in
        let (listener, place) = try tcpListener()
        let client = try Program(python: vanish, "\(place.port!)")
        let (connection, _) = try await loop.sockAccept(listener)
        let error = await #expect(throws: SystemError.self) {
          try await loop.sockSendall(connection, Self.message(5_000_000))
        }
        #expect(error?.errno == ECONNRESET || error?.errno == EPIPE)
        #expect(loop.selector.keys.count == 1)
        #expect(try client.wait() == 0)
      }
    }
  }

  /// What the server has to have said when fifty clients have come and gone.
  private static func checkCrowd(_ server: Program) throws {
    server.send(SIGINT)
    let lines = try server.rest(.standard).split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("connected to client:  ") } == 50)
    #expect(lines.count { $0.hasSuffix(": hello") } == 50)
    #expect(lines.count { $0.hasSuffix(": quit") } == 50)
    #expect(lines.count == 200)
    #expect(try server.wait() == 130)
    #expect(try server.rest(.error) == "")
  }

  @Test func `fifty clients at once, in Swift`() async throws {
    try await inThread {
      let (server, port) = try startServer()
      try run { loop in
        let clients = try (0..<50).map { number in
          try loop.createTask {
            let socket = try tcpSocket()
            try await loop.sockConnect(socket, host: "127.0.0.1", port: UInt16(port)!)
            for text in ["client \(number)", "hello", "quit"] {
              try await loop.sockSendall(socket, Array(text.utf8))
              #expect(
                try await loop.sockRecv(socket, 1024) == Array("got message".utf8))
            }
            #expect(try await loop.sockRecv(socket, 1024) == [])
          }
        }
        for client in clients { try await client.value() }
        #expect(loop.selector.keys.count == 1)
      }
      try Self.checkCrowd(server)
    }
  }

  @Test(.enabled(if: hasPython, "python3 is not installed"))
  func `fifty clients at once, in Python`() async throws {
    try await inThread {
      let (server, port) = try startServer()
      let crowd = try Program(python: Self.pythonCrowd, port)
      #expect(try crowd.line() == "all answered")
      #expect(try crowd.wait() == 0)
      try Self.checkCrowd(server)
    }
  }
}
