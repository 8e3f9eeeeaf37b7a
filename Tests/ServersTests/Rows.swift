import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// A server's life, as seen by its clients.
@Suite struct Rows {
  @Test func `SRV-01 a server on a free port gives each client a protocol`() throws {
    try run { loop in
      let club = Club()
      let server = try await loop.createServer(club.join, host: "127.0.0.1", port: 0)
      #expect(server.sockets.count == 1 && server.isServing())
      let place = try server.sockets[0].getsockname()
      #expect(place.host == "127.0.0.1" && place.port! > 0)

      let clients = [try plainClient(server), try plainClient(server)]
      try await loop.until { club.members.count { $0.transport != nil } == 2 }
      #expect(club.members[0] !== club.members[1])
      for (client, member) in zip(clients, club.members) {
        let transport = member.transport!
        #expect(try transport.peername == client.getsockname())
        #expect(
          try transport.getExtraInfo("peername") as? SocketAddress
            == client.getsockname())
        #expect(transport.getExtraInfo("sockname") as? SocketAddress == place)
        #expect(transport.getExtraInfo("weather") == nil)
      }
      try clients[0].send("one")
      try clients[1].send("three")
      try await loop.until { club.members.allSatisfy { !$0.bytes.isEmpty } }
      #expect(club.members[0].bytes == Array("one".utf8))
      #expect(club.members[1].bytes == Array("three".utf8))
      for client in clients { client.close() }
      server.close()
      try await server.waitClosed()
      #expect(club.members.allSatisfy { $0.entries.suffix(2) == ["eof", "lost"] })
      #expect(loop.transports.isEmpty && loop.selector.keys.count == 1)
    }
  }

  @Test func `UNIX-01 a path instead of a host and a port`() throws {
    try run { loop in
      let folder = try TemporaryFolder()
      let path = folder.file("s")
      let club = Club()
      club.prepare = { diary in
        diary.onData = { [unowned diary] in try diary.transport.write($0) }
      }
      let server = try await loop.createUnixServer(
        club.join, path: path, startServing: false)
      // It has its address, and is deaf.
      let error = await #expect(throws: SystemError.self) {
        _ = try await loop.createUnixConnection({ Diary() }, path: path)
      }
      #expect(error?.errno == ECONNREFUSED && !server.isServing())
      try await server.startServing()
      let client = Diary()
      client.lost = loop.createFuture(of: Void.self)
      let (transport, proto) = try await loop.createUnixConnection(
        { client }, path: path)
      #expect(proto === client)
      #expect(try transport.peername == SocketAddress(path: path))
      try transport.write("hello".bytes)
      try await loop.until { client.bytes == "hello".bytes }
      server.closeClients()
      try await client.lost!.value()
      #expect(client.entries == ["made", "data 5", "eof", "lost"])
      #expect(club.members.map(\.entries) == [["made", "data 5", "lost"]])
      server.close()
      try await server.waitClosed()
    }
  }

  @Test func `TRANS-44 a connection that somebody else has accepted`() throws {
    try run { loop in
      let (client, accepted) = try tcpPair()
      let diary = Diary()
      diary.lost = loop.createFuture(of: Void.self)
      diary.onData = { [unowned diary] in
        try diary.transport.write($0)
        diary.transport.close()
      }
      let (transport, proto) = try await loop.connectAcceptedSocket(
        { diary }, sock: accepted)
      #expect(proto === diary)
      #expect(try transport.peername == client.getsockname())
      try client.setBlocking(false)
      try client.send("hello")
      #expect(try await loop.readAll(client) == "hello".bytes)
      try await diary.lost!.value()
      #expect(diary.entries == ["made", "data 5", "lost"])
    }
  }

  @Test(arguments: [false, true])
  func `SRV-02 bound but deaf, until it is told to listen`(forever: Bool) throws {
    try run { loop in
      let club = Club()
      let server = try await loop.createServer(
        club.join, host: "127.0.0.1", port: 0, startServing: false)
      let place = try server.sockets[0].getsockname()
      #expect(!server.isServing())
      #expect(try refusal(place) == ECONNREFUSED)

      var serving: LoopTask<Void>?
      if forever {
        serving = try loop.createTask { try await server.serveForever() }
        try await loop.sleep(0)
      } else {
        try await server.startServing()
        try await server.startServing()
      }
      #expect(server.isServing())
      let client = try plainClient(server)
      try await loop.until { club.members.count == 1 }
      client.close()
      server.close()
      try await server.waitClosed()
      if let serving {
        await #expect(throws: CancellationError.self) { try await serving.value() }
      }
      await #expect(throws: RuntimeError.self) { try await server.startServing() }
    }
  }

  @Test func `SRV-03 after close newcomers are refused and the others go on`() throws {
    try run { loop in
      let server = try await loop.createServer({ Echo() }, host: "127.0.0.1", port: 0)
      let place = try server.sockets[0].getsockname()
      let client = try plainClient(server)
      try await loop.until { !loop.transports.isEmpty }
      server.close()
      #expect(!server.isServing() && server.sockets.isEmpty)
      server.close()
      #expect(try refusal(place) == ECONNREFUSED)
      try client.send("still there?")
      #expect(try await loop.sockRecv(client, 100) == Array("still there?".utf8))
      client.close()
      try await server.waitClosed()
    }
  }

  @Test func `SRV-04 cancelling serveForever closes the server and waits`() throws {
    try run { loop in
      let club = Club()
      let server = try await loop.createServer(
        club.join, host: "127.0.0.1", port: 0, startServing: false)
      let place = try server.sockets[0].getsockname()
      let serving = try loop.createTask { try await server.serveForever() }
      try await loop.sleep(0)
      // One is enough.
      await #expect(throws: RuntimeError.self) { try await server.serveForever() }
      let client = try plainClient(server)
      try await loop.until { club.members.first?.transport != nil }

      serving.cancel()
      try await loop.turns(5)
      #expect(!server.isServing() && !serving.done())
      #expect(try refusal(place) == ECONNREFUSED)
      client.close()
      await #expect(throws: CancellationError.self) { try await serving.value() }
      #expect(serving.cancelled() && club.members[0].entries.last == "lost")
      await #expect(throws: RuntimeError.self) { try await server.serveForever() }
    }
  }

  @Test func `SRV-04 closing the server ends serveForever`() throws {
    try run { loop in
      let server = try await loop.createServer({ Echo() }, host: "127.0.0.1", port: 0)
      let serving = try loop.createTask { try await server.serveForever() }
      try await loop.sleep(0)
      server.close()
      await #expect(throws: CancellationError.self) { try await serving.value() }
    }
  }

  // (A Mac answers on 127.0.0.1 alone.)
  @Test(.enabled(if: isLinux)) func `SRV-14 each distinct address is bound once`()
    throws
  {
    try run { loop in
      let hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2"]
      let server = try await loop.createServer({ Echo() }, hosts: hosts, port: 0)
      #expect(
        try server.sockets.map { try $0.getsockname().host } == [
          "127.0.0.1", "127.0.0.2",
        ])
      for number in 0..<2 {
        let client = try plainClient(server, number)
        try client.send("hello")
        #expect(try await loop.sockRecv(client, 10) == Array("hello".utf8))
      }
      server.close()
      server.closeClients()
      try await server.waitClosed()
    }
  }

  @Test(.enabled(if: hasIPv6, "no IPv6 on this machine"))
  func `SRV-14 one port for both families`() throws {
    try run { loop in
      // A number that is free, as the kernel has just said. By default an IPv6
      // listener would want the IPv4 clients too.
      let free = try listener(on: "::")
      let port = try free.getsockname().port!
      free.close()
      let server = try await loop.createServer(
        { Echo() }, hosts: ["0.0.0.0", "::"], port: port)
      #expect(try server.sockets.map { try $0.getsockname().port } == [port, port])
      for number in 0..<2 {
        let client = try plainClient(server, number)
        try client.send("hello")
        #expect(try await loop.sockRecv(client, 10) == Array("hello".utf8))
      }
      server.abortClients()
      server.close()
      try await server.waitClosed()
    }
  }

  @Test func `SRV-14 names that mean the same place`() async throws {
    try await inThread {
      try run { loop in
        let server = try await loop.createServer(
          { Echo() }, hosts: ["localhost", "127.0.0.1", "localhost"], port: 0)
        let hosts = try server.sockets.map { try $0.getsockname().host! }
        #expect(hosts.contains("127.0.0.1") && Set(hosts).count == hosts.count)
        server.close()
        try await server.waitClosed()
      }
    }
  }

  @Test(arguments: [nil, ""] as [String?])
  func `SRV-15 no host means every interface`(host: String?) async throws {
    try await inThread {
      try run { loop in
        let server = try await loop.createServer({ Echo() }, host: host, port: 0)
        let places = try server.sockets.map { try $0.getsockname() }
        let all = places.first { $0.host == "0.0.0.0" }
        let client = try Socket()
        try client.connect(SocketAddress("127.0.0.1", port: try #require(all).port!))
        if hasIPv6 { #expect(places.contains { $0.host == "::" }) }
        try client.setBlocking(false)
        try client.send("hello")
        #expect(try await loop.sockRecv(client, 10) == Array("hello".utf8))
        server.close()
        client.close()
        try await server.waitClosed()
      }
    }
  }

  @Test func `SRV-15 a resolver without an answer is an error`() async throws {
    try await inThread {
      let stage = try ScriptedLoop()
      stage.kernel.hosts = ["": [], "nowhere": []]
      for host in ["", "nowhere"] {
        let loop = stage.loop
        let making = try loop.createTask {
          _ = try await loop.createServer({ Echo() }, host: host, port: 9)
        }
        #expect(throws: ResolutionError.self) { try stage.finish(making) }
      }
      try stage.loop.close()
    }
  }

  @Test(arguments: [false, true])
  func `SRV-17 reusePort, and whose loop it is`(reusePort: Bool) throws {
    try run { loop in
      let server = try await loop.createServer(
        { Echo() }, host: "127.0.0.1", port: 0, reusePort: reusePort)
      #expect(try server.sockets[0].getsockopt(.reusePort) == (reusePort ? 1 : 0))
      #expect(server.getLoop() === loop)
      server.close()
    }
  }
}
