import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// The bugs that made accepting and connecting what they are, each on its script.
@Suite struct Scars {
  private let client = ScriptedLoop.client

  @Test func `A4 SRV-18 one event takes everybody, but no more than the backlog`()
    throws
  {
    let stage = try ScriptedLoop()
    let club = Club()
    let server = try stage.server(backlog: 3, club.join)
    for fd in [6, 7, 8] as [Int32] {
      stage.kernel.expect((.accept(fd: 5), .descriptor(fd, client)))
    }
    // A fourth accept in this turn would not be in the script.
    stage.turnWithClients()
    #expect(stage.accepts() == 3)
    for fd in [6, 7, 8] as [Int32] { stage.expectBirth(fd) }
    stage.settle()
    #expect(club.members.map(\.entries) == [["made"], ["made"], ["made"]])

    // The fourth has its turn when the selector says so again.
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(9, client)), (.accept(fd: 5), .error(EAGAIN)))
    stage.expectBirth(9)
    stage.turnWithClients()
    stage.settle()
    #expect(club.members.count == 4)
    server.close()
    server.abortClients()
    stage.settle()
    #expect(stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `A4 even a backlog of nothing has room for one`() throws {
    let stage = try ScriptedLoop()
    let club = Club()
    let server = try stage.server(backlog: 0, club.join)
    stage.kernel.expect((.accept(fd: 5), .descriptor(6, client)))
    stage.expectBirth(6)
    stage.turnWithClients()
    stage.settle()
    #expect(club.members.map(\.entries) == [["made"]])
    server.close()
    server.abortClients()
    stage.settle()
    try stage.loop.close()
  }

  @Test func `SRV-18 of twenty clients all have a protocol after two turns`() throws {
    let loop = try EventLoop()
    let club = Club()
    let making = try loop.createTask {
      try await loop.createServer(club.join, host: "127.0.0.1", port: 0)
    }
    let server = try loop.runUntilComplete(making)
    let clients = try (0..<20).map { _ in try plainClient(server) }
    loop.runOnce()  // accepts
    loop.runOnce()  // the tasks' first steps
    #expect(club.members.count == 20)
    loop.runOnce()  // connectionMade
    #expect(club.members.allSatisfy { $0.entries == ["made"] })
    #expect(clients.count == 20)
    try loop.close()
  }

  @Test func `A5 SRV-19 one dead client does not end the batch`() throws {
    let stage = try ScriptedLoop()
    let club = Club()
    let server = try stage.server(club.join)
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(6, client)),
      (.accept(fd: 5), .error(ECONNABORTED)),
      (.accept(fd: 5), .descriptor(7, client)),
      (.accept(fd: 5), .error(EAGAIN)))
    stage.expectBirth(6)
    stage.expectBirth(7)
    stage.turnWithClients()
    #expect(stage.accepts() == 4)
    stage.settle()
    #expect(club.members.count == 2 && stage.reports.isEmpty)
    server.close()
    server.abortClients()
    stage.settle()
    try stage.loop.close()
  }

  @Test(arguments: [EAGAIN, EINTR, ECONNABORTED])
  func `SRV-19 a false alarm is no news`(number: Int32) throws {
    let stage = try ScriptedLoop()
    let server = try stage.server(backlog: 1) { Echo() }
    for _ in 1...3 {
      stage.kernel.expect((.accept(fd: 5), .error(number)))
      stage.turnWithClients()
    }
    #expect(stage.accepts() == 3)
    #expect(stage.reports.isEmpty && stage.ready.isEmpty)
    #expect(stage.loop.scheduled.isEmpty)
    #expect(stage.selector.keys[5]?.events == .read && server.isServing())
    server.close()
    try stage.loop.close()
  }

  @Test(arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM])
  func `A6 out of descriptors is one report, one timer, and a second chance`(
    number: Int32
  ) throws {
    let stage = try ScriptedLoop()
    let club = Club()
    let server = try stage.server(backlog: 10, club.join)
    stage.kernel.expect((.accept(fd: 5), .error(number)))
    stage.turnWithClients()
    // Ten of each, in asyncio 3.5 to 3.14.
    #expect(stage.accepts() == 1 && stage.reports.count == 1)
    #expect(stage.loop.scheduled.count == 1)
    #expect((stage.reports[0].exception as? SystemError)?.errno == number)
    #expect(stage.reports[0].socket === server.sockets.first)
    // Not watched, and not closed.
    #expect(stage.selector.keys[5] == nil && !stage.isClosed(5))
    #expect(server.isServing())

    // The loop sleeps for a second instead of spinning.
    stage.loop.runOnce()
    #expect(stage.selector.timeouts.last == 1.0)
    #expect(stage.selector.keys[5]?.events == .read)
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(6, client)), (.accept(fd: 5), .error(EAGAIN)))
    stage.expectBirth(6)
    stage.turnWithClients()
    stage.settle()
    #expect(club.members.map(\.entries) == [["made"]])
    #expect(stage.reports.count == 1)
    server.close()
    server.abortClients()
    stage.settle()
    try stage.loop.close()
  }

  @Test func `A6 a server that is closed meanwhile gets no second chance`() throws {
    let stage = try ScriptedLoop()
    let server = try stage.server { Echo() }
    stage.kernel.expect((.accept(fd: 5), .error(EMFILE)))
    stage.turnWithClients()
    server.close()
    #expect(stage.isClosed(5))
    // The number is somebody else's by now.
    let heir = stage.socket(5)
    stage.loop.runOnce()
    stage.settle()
    #expect(stage.loop.scheduled.isEmpty)
    #expect(Array(stage.selector.keys.keys) == [ScriptedKernel.selfPipe])
    #expect(stage.reports.count == 1)
    heir.close()
    try stage.loop.close()
  }

  @Test(arguments: [false, true])
  func `A7 a factory that throws does not keep the client waiting`(debug: Bool) throws {
    let stage = try ScriptedLoop(debug: debug)
    let server = try stage.server { throw NoProtocol() }
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(6, client)), (.accept(fd: 5), .error(EAGAIN)))
    stage.turnWithClients()
    stage.settle()
    #expect(stage.isClosed(6))
    // In debug mode it is told, as in asyncio.
    #expect(stage.reports.count == (debug ? 1 : 0))
    #expect(stage.reports.allSatisfy { $0.exception is NoProtocol })
    #expect(stage.selector.keys[5] != nil && stage.selector.keys[6] == nil)
    server.close()
    #expect(stage.ready.isEmpty)
    try stage.loop.close()
  }

  @Test func `A7 a socket that can be no transport's is closed as well`() throws {
    let stage = try ScriptedLoop(debug: true)
    let club = Club()
    let server = try stage.server(club.join)
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(6, client)), (.accept(fd: 5), .error(EAGAIN)),
      (.getsockname(fd: 6), .address(client)),
      (.setsockopt(fd: 6, .noDelay, 1), .error(EINVAL)))
    stage.turnWithClients()
    stage.settle()
    #expect(stage.isClosed(6) && club.members.map(\.entries) == [[]])
    #expect(stage.reports.count == 1)
    #expect(stage.loop.transports.isEmpty)
    server.close()
    let waiting = try stage.loop.createTask { try await server.waitClosed() }
    stage.settle()
    try waiting.result()
    try stage.loop.close()
  }

  @Test func `A7 what a client's protocol throws does not hurt the server`() throws {
    let stage = try ScriptedLoop()
    let club = Club()
    club.prepare = { $0.onMade = { _ in throw NoProtocol() } }
    let server = try stage.server(club.join)
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(6, client)), (.accept(fd: 5), .error(EAGAIN)))
    stage.expectBirth(6)
    stage.turnWithClients()
    stage.settle()
    #expect(stage.reports.count == 1 && stage.reports[0].exception is NoProtocol)
    // It has its transport, and is as alive as any other.
    #expect(stage.selector.keys[6] != nil && !stage.isClosed(6))
    server.close()
    server.abortClients()
    stage.settle()
    #expect(club.members.map(\.entries) == [["made", "lost"]])
    try stage.loop.close()
  }
}
