import CLibrary
import EventLoops
import Sockets
import Streams
import TestSupport
import Testing
import Transports

/// `openConnection` and `startServer`.
@Suite struct Opening {
  @Test func `STRM-22 a body is a task of its own for each client`() throws {
    try inTime { loop in
      var tasks: [String] = []
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        reader, writer in
        tasks.append(try #require(loop.currentTask).name.label)
        for try await line in reader {
          try writer.write("echo ".bytes + line)
          try await writer.drain()
        }
        writer.close()
      }
      let (one, two) = (try await loop.visit(server), try await loop.visit(server))
      // Neither waits for the other, whoever is first.
      for (number, client) in [two, one, one, two].enumerated() {
        try client.writer.write("line \(number)\n".bytes)
        #expect(try await client.reader.readline().text == "echo line \(number)\n")
      }
      #expect(Set(tasks).count == 2)
      for client in [one, two] {
        try await client.writer.finish()
      }
      try await server.finish()
      #expect(loop.transports.isEmpty)
    }
  }

  @Test func `STRM-22 a plain callback is just called`() throws {
    try inTime { loop in
      var streams: [(reader: StreamReader, writer: StreamWriter)] = []
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        reader, writer in
        // There is no task in which one could wait.
        #expect(loop.currentTask == nil)
        streams.append((reader, writer))
      }
      let (reader, writer) = try await loop.visit(server)
      try writer.write("hello\n".bytes)
      try await loop.until { streams.first?.reader.state.bufferSize == 6 }
      #expect(loop.allTasks().count == 1)
      let (theirs, toUs) = streams[0]
      try toUs.write(try await theirs.readline())
      #expect(try await reader.readline().text == "hello\n")
      try await writer.finish()
      try await toUs.finish()
      try await server.finish()
    }
  }

  @Test func `STRM-22 the same over a Unix socket`() throws {
    try inTime { loop in
      let folder = try TemporaryFolder()
      let path = folder.file("socket")
      await #expect(throws: SystemError.self) {
        _ = try await loop.openUnixConnection(path: path)
      }
      let server = try await loop.startUnixServer(path: path, limit: 8) {
        reader, writer in
        for try await line in reader { try writer.write(line) }
        try await writer.finish()
      }
      let (reader, writer) = try await loop.openUnixConnection(path: path, limit: 4)
      try writer.write("1234\n".bytes)
      #expect(try await reader.readline().text == "1234\n")
      // Each side has its own limit.
      try writer.write("12345\n".bytes)
      await #expect(throws: ValueError.self) { try await reader.readline() }
      writer.writeEof()
      #expect(try await reader.read() == [])
      try await writer.finish()
      try await server.finish()
    }
  }

  @Test(arguments: [true, false])
  func `UNIX a server on a socket of one's own, its file kept or not`(isKept: Bool)
    throws
  {
    try inTime { loop in
      let folder = try TemporaryFolder()
      let path = folder.file("socket")
      let bound = try Socket(.unix)
      try bound.bind(SocketAddress(path: path))
      let server = try await loop.startUnixServer(sock: bound, cleanupSocket: !isKept) {
        _, writer in
        try writer.write("hello".bytes)
        try await writer.finish()
      }
      let (reader, writer) = try await loop.openUnixConnection(path: path)
      #expect(try await reader.read().text == "hello")
      try await writer.finish()
      try await server.finish()
      #expect((access(path, F_OK) == 0) == isKept)
    }
  }

  @Test func `TRANS openConnection can tell all that was refused`() throws {
    try inTime { loop in
      let (holder, place) = try deserted()
      defer { holder.close() }
      await #expect(throws: ConnectionErrors.self) {
        _ = try await loop.openConnection(
          host: "127.0.0.1", port: place.port, allErrors: true)
      }
      await #expect(throws: SystemError.self) {
        _ = try await loop.openConnection(host: "127.0.0.1", port: place.port)
      }
    }
  }

  @Test func `STRM-22 who is who`() throws {
    let home = isLinux ? "127.0.0.2" : "127.0.0.1"
    try inTime { loop in
      let asked = loop.createFuture(of: [SocketAddress?].self)
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        _, writer in
        try asked.setResult([
          writer.getExtraInfo("peername") as? SocketAddress,
          writer.getExtraInfo("sockname") as? SocketAddress,
        ])
        try await writer.finish()
      }
      let place = try server.sockets[0].getsockname()
      let (reader, writer) = try await loop.openConnection(
        host: "127.0.0.1", port: place.port, localAddress: (home, 0))
      let mine = try #require(writer.getExtraInfo("sockname") as? SocketAddress)
      #expect(mine.host == home)
      #expect(try await asked.value() == [mine, place])
      #expect(writer.getExtraInfo("weather") == nil)
      #expect(writer.getExtraInfo("weather", default: "fine") as? String == "fine")
      let socket = try #require(writer.getExtraInfo("socket") as? Socket)
      #expect(try socket.getpeername() == place)
      #expect(try await reader.read() == [])
      try await writer.finish()
      try await server.finish()
    }
  }

  @Test(arguments: [0, -1])
  func `a limit that cannot be is told before anything is done`(limit: Int) throws {
    try inTime { loop in
      let folder = try TemporaryFolder()
      let path = folder.file("socket")
      // Nobody listens in either place, and that is not what we hear of.
      let (_, place) = try deserted()
      await #expect(throws: ValueError.self) {
        _ = try await loop.openConnection(
          host: "127.0.0.1", port: place.port, limit: limit)
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.openUnixConnection(path: path, limit: limit)
      }
      let sock = try Socket()
      try sock.bind(SocketAddress("127.0.0.1", port: 0))
      await #expect(throws: ValueError.self) {
        _ = try await loop.startServer(sock: sock, limit: limit) { _, writer in
          try await writer.drain()
        }
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.startServer(sock: sock, limit: limit) { _, _ in }
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.startUnixServer(path: path, limit: limit) { _, writer in
          try await writer.drain()
        }
      }
      // The socket is still ours, and nothing was bound at the path.
      #expect(try sock.getsockname().port != 0)
      #expect(access(path, F_OK) == -1)
    }
  }

  @Test func `ports that nobody has, and ports that somebody has`() throws {
    try inTime { loop in
      let (_, place) = try deserted()
      let refused = await #expect(throws: SystemError.self) {
        _ = try await loop.openConnection(host: "127.0.0.1", port: place.port)
      }
      #expect(refused?.errno == ECONNREFUSED)
      let server = try await loop.startServer(
        host: "127.0.0.1", port: 0, startServing: false
      ) { _, writer in try await writer.finish() }
      let port = try server.sockets[0].getsockname().port
      // Bound, but deaf.
      #expect(!server.isServing())
      await #expect(throws: SystemError.self) { _ = try await loop.visit(server) }
      try await server.startServing()
      let taken = await #expect(throws: SystemError.self) {
        _ = try await loop.startServer(host: "127.0.0.1", port: port) { _, writer in
          try await writer.finish()
        }
      }
      #expect(taken?.errno == EADDRINUSE)
      let (reader, writer) = try await loop.visit(server)
      #expect(try await reader.read() == [])
      try await writer.finish()
      try await server.finish()
      #expect(loop.transports.isEmpty)
    }
  }

  @Test func `nowhere, and two places at once`() throws {
    try inTime { loop in
      let (sock, peer) = try socketPair(isBlocking: false)
      await #expect(throws: ValueError.self) { _ = try await loop.openConnection() }
      await #expect(throws: ValueError.self) {
        _ = try await loop.openConnection(port: 1, sock: sock)
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.startServer { _, _ in }
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.startServer(port: 1, sock: sock) { _, _ in }
      }
      // It was not taken from us.
      try sock.send("hello")
      #expect(try peer.recv(10).text == "hello")
    }
  }

  @Test func `a socket that is bound already, and its limit and backlog`() throws {
    try inTime { loop in
      let sock = try Socket()
      try sock.bind(SocketAddress("127.0.0.1", port: 0))
      let server = try await loop.startServer(sock: sock, limit: 4, backlog: 1) {
        reader, writer in
        do {
          _ = try await reader.readline()
        } catch let error as ValueError {
          try writer.write("\(error)".bytes)
        }
        try await writer.finish()
      }
      #expect(server.sockets[0] === sock)
      let (reader, writer) = try await loop.visit(server)
      try writer.write("12345\n".bytes)
      #expect(try await reader.read().text.contains("the limit is 4"))
      try await writer.finish()
      try await server.finish()
    }
  }

  @Test(arguments: ["localhost\0.evil.example", "127.0.0.1\0", "\0"])
  func `a host with a zero byte is nowhere, to connect to and to listen at`(
    host: String
  ) throws {
    try inTime { loop in
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) { _, writer in
        Issue.record("somebody came")
        writer.close()
      }
      let port = try #require(try server.sockets[0].getsockname().port)
      await #expect(throws: ValueError.self) {
        _ = try await loop.openConnection(host: host, port: port)
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.openConnection(
          host: "127.0.0.1", port: port, localAddress: (host, 0))
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.startServer(host: host, port: 0) { _, _ in }
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.openUnixConnection(path: "/tmp/" + host)
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.startUnixServer(path: "/tmp/" + host) { _, _ in }
      }
      try await loop.turns(3)
      try await server.finish()
    }
  }
}
