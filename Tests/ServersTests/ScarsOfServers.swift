import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// The bugs that made `Server` what it is.
@Suite struct ScarsOfServers {
  private let client = ScriptedLoop.client

  @Test func `V1 the server is closed between accept and attach`() throws {
    let stage = try ScriptedLoop()
    let club = Club()
    let server = try stage.server(club.join)
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(6, client)), (.accept(fd: 5), .error(EAGAIN)))
    stage.turnWithClients()
    // The connection is a task in the queue, and nothing else.
    #expect(stage.ready.count == 1 && stage.loop.transports.isEmpty)
    server.close()
    let waiting = try stage.loop.createTask { try await server.waitClosed() }
    // The script says that nobody even asks the connection for its name.
    stage.settle()
    try waiting.result()
    #expect(stage.isClosed(6) && club.members.isEmpty)
    // An assertion that failed, in asyncio, and since 3.13 a second error.
    #expect(stage.reports.isEmpty && stage.loop.transports.isEmpty)
    try stage.loop.close()
  }

  @Test func `V1 the factory itself closes the server`() throws {
    let stage = try ScriptedLoop()
    let club = Club()
    let server = Box<Server>()
    server.value = try stage.server {
      server.value.close()
      return club.join()
    }
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(6, client)),
      (.accept(fd: 5), .descriptor(7, client)), (.accept(fd: 5), .error(EAGAIN)))
    stage.expectBirth(6)
    stage.turnWithClients()
    let waiting = try stage.loop.createTask { try await server.value.waitClosed() }
    stage.settle()
    try waiting.result()
    #expect(stage.isClosed(6) && stage.isClosed(7))
    #expect(club.members.map(\.entries) == [[]])
    #expect(stage.reports.isEmpty && stage.loop.transports.isEmpty)
    try stage.loop.close()
  }

  @Test(arguments: 0..<7)
  func `V1 the server is closed in any turn after the client came`(turns: Int) throws {
    try run { loop in
      let reports = loop.reports()
      let club = Club()
      let server = try await loop.createServer(club.join, host: "127.0.0.1", port: 0)
      let client = try plainClient(server)
      try await loop.turns(turns)
      server.close()
      server.closeClients()
      try await server.waitClosed()
      // The kernel may have shaken hands for a server that never knew: a reset.
      let rest = try? await loop.readAll(client)
      #expect(rest == nil || rest == [])
      #expect(reports.messages == [] && loop.transports.isEmpty)
      #expect(loop.allTasks().count == 1 && loop.selector.keys.count == 1)
      for member in club.members {
        #expect(["made", "lost"].starts(with: member.entries.prefix(1)))
        #expect(member.entries.isEmpty || member.entries.last == "lost")
      }
    }
  }

  @Test func `V2 closed is not over`() throws {
    let stage = try ScriptedLoop()
    let club = Club()
    let server = try stage.server(club.join)
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(6, client)), (.accept(fd: 5), .error(EAGAIN)))
    stage.expectBirth(6)
    stage.turnWithClients()
    stage.settle()
    server.close()
    let waiting = try stage.loop.createTask { try await server.waitClosed() }
    stage.settle()
    // Through 3.11 this was done.
    #expect(!waiting.done())
    club.members.first?.transport?.close()
    stage.settle()
    try waiting.result()
    #expect(stage.isClosed(6))
    try stage.loop.close()
  }

  @Test func `V2 empty is not over`() throws {
    // 3.12.0 took the other half of the fact for the whole.
    let stage = try ScriptedLoop()
    let server = try stage.server { Echo() }
    let waiting = try stage.loop.createTask { try await server.waitClosed() }
    stage.settle()
    #expect(!waiting.done())
    server.close()
    stage.settle()
    try waiting.result()
    try stage.loop.close()
  }

  @Test func `V2 a client that goes while the server is open ends no waiting`() throws {
    let stage = try ScriptedLoop()
    let club = Club()
    let server = try stage.server(club.join)
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(6, client)), (.accept(fd: 5), .error(EAGAIN)))
    stage.expectBirth(6)
    stage.turnWithClients()
    let waiting = try stage.loop.createTask { try await server.waitClosed() }
    stage.settle()
    club.members.first?.transport?.abort()
    stage.settle()
    #expect(!waiting.done())
    server.close()
    stage.settle()
    try waiting.result()
    try stage.loop.close()
  }

  @Test(arguments: ["cancel again", "closeClients", "abortClients", "hang up"])
  func `V3 serveForever waits for an idle client, and there are ways out`(
    way: String
  ) throws {
    try run { loop in
      let club = Club()
      let server = try await loop.createServer(club.join, host: "127.0.0.1", port: 0)
      let serving = try loop.createTask { try await server.serveForever() }
      let client = try plainClient(server)
      try await loop.until { club.members.first?.transport != nil }
      serving.cancel()
      try await loop.turns(10)
      #expect(!serving.done() && !server.isServing())
      switch way {
      case "cancel again": serving.cancel()
      case "closeClients": server.closeClients()
      case "abortClients": server.abortClients()
      default: client.close()
      }
      await #expect(throws: CancellationError.self) { try await serving.value() }
      // Whoever cancels twice leaves the client behind, alive.
      #expect(loop.transports.isEmpty == (way != "cancel again"))
      server.abortClients()
      try await server.waitClosed()
    }
  }

  @Test func `V4 the server knows its connections, and no other ones`() throws {
    let stage = try ScriptedLoop()
    let club = Club()
    let server = try stage.server(club.join)
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(6, client)),
      (.accept(fd: 5), .descriptor(7, client)), (.accept(fd: 5), .error(EAGAIN)))
    stage.expectBirth(6)
    stage.expectBirth(7)
    stage.turnWithClients()
    stage.settle()
    // Somebody else's connection on the same loop.
    let outsider = Diary()
    let loop = stage.loop
    stage.kernel.expect(
      (.setBlocking(fd: 8, false), .done), (.getsockname(fd: 8), .address(client)),
      (.getpeername(fd: 8), .address(client)),
      (.setsockopt(fd: 8, .noDelay, 1), .done))
    let socket = stage.socket(8)
    let making = try loop.createTask {
      _ = try await loop.createConnection({ outsider }, sock: socket)
    }
    stage.settle()
    try making.result()

    // One has gone before; it is not closed a second time.
    club.members.first?.transport?.abort()
    stage.settle()
    server.close()
    server.closeClients()
    stage.settle()
    #expect(club.members.map(\.entries) == [["made", "lost"], ["made", "lost"]])
    #expect(outsider.entries == ["made"] && !stage.isClosed(8))
    #expect(stage.kernel.calls.count { $0 == .close(fd: 6) } == 1)
    outsider.transport?.abort()
    stage.settle()
    try stage.loop.close()
  }

  @Test func `V4 closing them in the order in which they came`() throws {
    try run { loop in
      let club = Club()
      var gone: [Int] = []
      club.prepare = { [unowned club] diary in
        let number = club.members.count
        diary.onLost = { gone.append(number) }
      }
      let server = try await loop.createServer(club.join, host: "127.0.0.1", port: 0)
      let clients = try (0..<20).map { _ in try plainClient(server) }
      try await loop.until { club.members.count { $0.transport != nil } == 20 }
      // One of them closes all the others while it is being closed.
      club.members.first?.onLost = { [unowned server] in
        gone.append(0)
        server.abortClients()
      }
      server.close()
      server.closeClients()
      try await server.waitClosed()
      #expect(gone == Array(0..<20) && clients.count == 20)
    }
  }
}

/// Something that is known later.
final class Box<Value> { var value: Value! }
