import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// From addresses to listeners: all of them, or an error and none.
@Suite struct Listening {
  private let one = try! SocketAddress("192.0.2.1", port: 9)
  private let two = try! SocketAddress("192.0.2.2", port: 9)

  /// What `createServer` makes of two addresses.
  private func make(_ stage: ScriptedLoop) throws -> LoopTask<Server> {
    let loop = stage.loop
    let making = try loop.createTask {
      try await loop.createServer(
        { Echo() }, hosts: ["192.0.2.1", "192.0.2.2"], port: 9)
    }
    stage.settle()
    return making
  }

  private func expectBound(
    _ stage: ScriptedLoop, _ fd: Int32, _ place: SocketAddress, _ answer: SystemAnswer
  ) {
    stage.kernel.expect(
      (.socket(.ipv4), .descriptor(fd)), (.setsockopt(fd: fd, .reuseAddress, 1), .done),
      (.bind(fd: fd, place), answer))
  }

  @Test func `an address that this machine has not is left out`() throws {
    let stage = try ScriptedLoop()
    expectBound(stage, 5, one, .error(EADDRNOTAVAIL))
    stage.kernel.expect((.close(fd: 5), .done))
    expectBound(stage, 6, two, .done)
    stage.kernel.expect(
      (.setBlocking(fd: 6, false), .done), (.listen(fd: 6, backlog: 100), .done))
    let server = try make(stage).result()
    #expect(server.sockets.map(\.descriptor) == [6] && server.isServing())
    server.close()
    try stage.loop.close()
  }

  @Test func `a family that this machine has not is left out`() throws {
    let stage = try ScriptedLoop((.socket(.ipv4), .error(EAFNOSUPPORT)))
    expectBound(stage, 6, two, .done)
    stage.kernel.expect(
      (.setBlocking(fd: 6, false), .done), (.listen(fd: 6, backlog: 100), .done))
    let server = try make(stage).result()
    #expect(server.sockets.map(\.descriptor) == [6])
    server.close()
    try stage.loop.close()
  }

  @Test func `no address at all is an error`() throws {
    let stage = try ScriptedLoop()
    expectBound(stage, 5, one, .error(EADDRNOTAVAIL))
    stage.kernel.expect((.close(fd: 5), .done))
    expectBound(stage, 6, two, .error(EADDRNOTAVAIL))
    stage.kernel.expect((.close(fd: 6), .done))
    let making = try make(stage)
    let error = #expect(throws: SystemError.self) { try making.result() }
    #expect(error?.errno == EADDRNOTAVAIL)
    try stage.loop.close()
  }

  @Test func `an address that is taken ends it for all`() throws {
    let stage = try ScriptedLoop()
    expectBound(stage, 5, one, .done)
    expectBound(stage, 6, two, .error(EADDRINUSE))
    let making = try make(stage)
    let error = #expect(throws: SystemError.self) { try making.result() }
    #expect(error?.errno == EADDRINUSE)
    #expect(stage.isClosed(5) && stage.isClosed(6) && stage.selector.keys.count == 1)
    try stage.loop.close()
  }

  @Test func `without descriptors there is no half a server`() throws {
    // asyncio's would listen at the first address, and say nothing.
    let stage = try ScriptedLoop()
    expectBound(stage, 5, one, .done)
    stage.kernel.expect((.socket(.ipv4), .error(EMFILE)))
    let making = try make(stage)
    let error = #expect(throws: SystemError.self) { try making.result() }
    #expect(error?.errno == EMFILE)
    #expect(stage.isClosed(5))
    try stage.loop.close()
  }

  @Test func `SRV-02 to start twice asks the kernel once`() throws {
    let stage = try ScriptedLoop()
    let server = try stage.server { Echo() }
    let loop = stage.loop
    // Another listen would not be in the script.
    let again = try loop.createTask { try await server.startServing() }
    stage.settle()
    try again.result()
    server.close()
    try loop.close()
  }

  @Test func `a server that may not listen yet may try again`() throws {
    try run { loop in
      let first = try await loop.createServer(
        { Echo() }, host: "127.0.0.1", port: 0, startServing: false)
      // Both may bind, as long as nobody listens.
      let second = try await loop.createServer(
        { Echo() }, host: "127.0.0.1", port: first.sockets[0].getsockname().port,
        startServing: false)
      try await first.startServing()
      for _ in 1...2 {
        let error = await #expect(throws: SystemError.self) {
          try await second.startServing()
        }
        #expect(error?.errno == EADDRINUSE)
        #expect(!second.isServing())
      }
      first.close()
      try await second.startServing()
      let client = try plainClient(second)
      try client.send("hello")
      #expect(try await loop.sockRecv(client, 10) == Array("hello".utf8))
      client.close()
      second.close()
      try await second.waitClosed()
    }
  }
}
