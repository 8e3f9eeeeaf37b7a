import CLibrary
import EventLoops
import Selectors
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// How a server ends: closed, and then over.
@Suite struct Ending {
  /// A server with one client, both ends in hand.
  private func visited(
    _ loop: EventLoop, _ club: Club
  ) async throws -> (server: Server, client: Socket) {
    let server = try await loop.createServer(club.join, host: "127.0.0.1", port: 0)
    let client = try plainClient(server)
    try await loop.until { club.members.first?.transport != nil }
    return (server, client)
  }

  @Test func `SRV-07 waitClosed waits for the last connection`() throws {
    try run { loop in
      let club = Club()
      let (server, client) = try await visited(loop, club)
      let second = try plainClient(server)
      try await loop.until {
        club.members.last?.transport != nil && loop.transports.count == 2
      }
      let early = try loop.createTask { try await server.waitClosed() }
      server.close()
      let late = try loop.createTask { try await server.waitClosed() }
      try await loop.turns(5)
      #expect(!early.done() && !late.done())
      client.close()
      try await loop.until { club.members[0].entries.last == "lost" }
      try await loop.turns(3)
      #expect(!early.done() && !late.done())
      second.close()
      try await early.value()
      try await late.value()
      #expect(club.members[1].entries.last == "lost")
      // Afterwards, at once: nobody else has a turn.
      var hasRun = false
      try loop.callSoon { hasRun = true }
      try await server.waitClosed()
      #expect(!hasRun)
    }
  }

  @Test func `SRV-07 waitClosed waits for the close, if the clients go first`() throws {
    try run { loop in
      let club = Club()
      let (server, client) = try await visited(loop, club)
      let waiting = try loop.createTask { try await server.waitClosed() }
      client.close()
      try await loop.until { loop.transports.isEmpty }
      try await loop.turns(3)
      #expect(!waiting.done() && server.isServing())
      server.close()
      try await waiting.value()
    }
  }

  @Test func `SRV-07 who loses patience does not take the others along`() throws {
    try run { loop in
      let club = Club()
      let (server, client) = try await visited(loop, club)
      let waiting = try (0..<3).map { _ in
        try loop.createTask { try await server.waitClosed() }
      }
      try await loop.sleep(0)
      waiting[1].cancel()
      await #expect(throws: CancellationError.self) { try await waiting[1].value() }
      server.close()
      client.close()
      try await waiting[0].value()
      try await waiting[2].value()
    }
  }

  @Test(arguments: [true, false])
  func `SRV-08 the server and its only client, in one turn`(serverFirst: Bool) throws {
    try run { loop in
      let club = Club()
      let (server, client) = try await visited(loop, club)
      let before = try loop.createTask { try await server.waitClosed() }
      try await loop.sleep(0)
      if serverFirst { server.close() }
      club.members[0].transport.abort()
      if !serverFirst { server.close() }
      let after = try loop.createTask { try await server.waitClosed() }
      try await before.value()
      try await after.value()
      #expect(club.members[0].entries == ["made", "lost"])
      _ = client
    }
  }

  @Test func `SRV-09 closeClients says goodbye to everybody, politely`() throws {
    try run { loop in
      let club = Club()
      let (server, client) = try await visited(loop, club)
      let other = try plainClient(server)
      try await loop.until {
        loop.transports.count == 2 && club.members[1].transport != nil
      }
      // More than the kernel takes: closing has to flush it.
      let big = [UInt8](repeating: 7, count: 10_000_000)
      try club.members[0].transport.write(big)
      #expect(club.members[0].transport.getWriteBufferSize() > 0)
      server.close()
      server.closeClients()
      server.closeClients()
      let waiting = try loop.createTask { try await server.waitClosed() }
      #expect(try await loop.readAll(other).isEmpty)
      #expect(!waiting.done())
      #expect(try await loop.readAll(client) == big)
      try await waiting.value()
      #expect(club.members.map { $0.entries.last } == ["lost", "lost"])
      #expect(loop.transports.isEmpty)
    }
  }

  @Test func `SRV-10 abortClients does not wait for a peer that does not read`() throws
  {
    try run { loop in
      let club = Club()
      let (server, client) = try await visited(loop, club)
      let transport = club.members[0].transport!
      try transport.write([UInt8](repeating: 7, count: 10_000_000))
      server.close()
      server.closeClients()
      try await loop.turns(10)
      // Politeness leads nowhere.
      #expect(club.members[0].entries == ["made", "pause"])
      let waiting = try loop.createTask { try await server.waitClosed() }
      try await loop.sleep(0)
      server.abortClients()
      try await loop.turns(2)
      #expect(waiting.done())
      #expect(club.members[0].entries == ["made", "pause", "lost"])
      #expect(transport.getWriteBufferSize() == 0)
      _ = client
    }
  }

  @Test func `a server keeps no connection that is lost`() throws {
    try run { loop in
      let server = try await loop.createServer({ Echo() }, host: "127.0.0.1", port: 0)
      let client = try plainClient(server)
      try await loop.until { !loop.transports.isEmpty }
      weak let transport = loop.transports.values.first as? SocketTransport
      #expect(transport != nil)
      client.close()
      try await loop.until { loop.transports.isEmpty }
      try await loop.turns(3)
      #expect(transport == nil)
      server.close()
      try await server.waitClosed()
    }
  }

  @Test func `nobody keeps a server that is over`() throws {
    let loop = try EventLoop()
    weak var gone: Server?
    var keys = 0
    do {
      let club = Club()
      let making = try loop.createTask { [self] in try await visited(loop, club) }
      let (server, client) = try loop.runUntilComplete(making)
      gone = server
      keys = loop.selector.keys.count
      let ending = try loop.createTask {
        server.close()
        server.closeClients()
        try await server.waitClosed()
      }
      try loop.runUntilComplete(ending)
      client.close()
    }
    while !loop.ready.isEmpty { loop.runOnce() }
    #expect(keys == 3 && loop.selector.keys.count == 1)
    #expect(gone == nil)
    try loop.close()
  }

  @Test func `a loop that closes under its server gives everything back`() throws {
    let loop = try EventLoop()
    let club = Club()
    let making = try loop.createTask { [self] in try await visited(loop, club) }
    let (server, client) = try loop.runUntilComplete(making)
    let place = try server.sockets[0].getsockname()
    let member = club.members[0].transport!
    // Another one is accepted, and its task has not begun.
    let second = try plainClient(server)
    while loop.allTasks().isEmpty { loop.runOnce() }
    try loop.close()
    #expect(member.isClosing())
    for peer in [client, second] {
      try peer.waitUntilReadable()
      #expect(try peer.recv(1).isEmpty)
    }
    // Who still has the transport may still call it.
    member.close()
    member.abort()
    try member.write([1])
    #expect(club.members.count == 1)
    server.close()
    #expect(try refusal(place) == ECONNREFUSED)
  }
}
