import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// `createConnection`, and who owns the socket when.
@Suite struct Connecting {
  private let place = try! SocketAddress("192.0.2.1", port: 9)

  @Test func `TRANS-37 a socket, or a host and a port, but one of them`() throws {
    try run { loop in
      let (socket, peer) = try socketPair()
      let datagram = try Socket(.ipv4, .datagram)
      await #expect(throws: ValueError.self) {
        _ = try await loop.createConnection({ Echo() })
      }
      for (host, port) in [("127.0.0.1", 1), (nil, 1), ("127.0.0.1", nil)]
        as [(String?, UInt16?)]
      {
        await #expect(throws: ValueError.self) {
          _ = try await loop.createConnection(
            { Echo() }, host: host, port: port, sock: socket)
        }
        await #expect(throws: ValueError.self) {
          _ = try await loop.createServer(
            { Echo() }, host: host, port: port, sock: socket)
        }
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.createConnection({ Echo() }, sock: datagram)
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.connectAcceptedSocket({ Echo() }, sock: datagram)
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.createServer({ Echo() }, sock: datagram)
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.createServer { Echo() }
      }
      // What was refused is still its owner's.
      #expect(socket.descriptor >= 0 && datagram.descriptor >= 0)
      let (transport, _) = try await loop.createConnection({ Echo() }, sock: socket)
      try peer.send("hello")
      try peer.setBlocking(false)
      #expect(try await loop.sockRecv(peer, 10) == Array("hello".utf8))
      transport.abort()
    }
  }

  @Test func `TRANS-38 the addresses in order, and the first that answers`()
    async throws
  {
    try await inThread {
      let stage = try ScriptedLoop()
      let loop = stage.loop
      let places = try (1...3).map { try SocketAddress("192.0.2.\($0)", port: 9) }
      stage.kernel.hosts["three"] = places.map { AddressInfo(.stream, $0) }
      stage.kernel.expect(
        (.socket(.ipv4), .descriptor(5)), (.setBlocking(fd: 5, false), .done),
        (.connect(fd: 5, places[0]), .error(ECONNREFUSED)), (.close(fd: 5), .done),
        (.socket(.ipv4), .descriptor(6)), (.setBlocking(fd: 6, false), .done),
        (.connect(fd: 6, places[1]), .done), (.setBlocking(fd: 6, false), .done),
        (.getsockname(fd: 6), .address(places[0])),
        (.getpeername(fd: 6), .address(places[1])),
        (.setsockopt(fd: 6, .noDelay, 1), .done))
      let connecting = try loop.createTask {
        try await loop.createConnection({ Diary() }, host: "three", port: 9)
      }
      let (transport, diary) = try stage.finish(connecting)
      #expect(diary.entries == ["made"] && transport.peername == places[1])
      transport.abort()
      stage.settle()
      try loop.close()
    }
  }

  @Test func `TRANS-38 nobody answers, or there is nobody`() async throws {
    try await inThread {
      let stage = try ScriptedLoop()
      let loop = stage.loop
      let places = try (1...2).map { try SocketAddress("192.0.2.\($0)", port: 9) }
      stage.kernel.hosts["two"] = places.map { AddressInfo(.stream, $0) }
      stage.kernel.hosts["none"] = []
      stage.kernel.expect(
        (.socket(.ipv4), .descriptor(5)), (.setBlocking(fd: 5, false), .done),
        (.connect(fd: 5, places[0]), .error(ECONNREFUSED)), (.close(fd: 5), .done),
        (.socket(.ipv4), .descriptor(6)), (.setBlocking(fd: 6, false), .done),
        (.connect(fd: 6, places[1]), .error(ENETUNREACH)), (.close(fd: 6), .done))
      let connecting = try loop.createTask {
        _ = try await loop.createConnection({ Diary() }, host: "two", port: 9)
      }
      // Each for itself, and both are named.
      let error = #expect(throws: ConnectionErrors.self) {
        try stage.finish(connecting)
      }
      #expect(error?.errors.map(\.errno) == [ECONNREFUSED, ENETUNREACH])
      #expect(error?.description.contains("ECONNREFUSED") == true)
      #expect(error?.description.contains("ENETUNREACH") == true)
      for host in ["none", "unknown"] {
        let lost = try loop.createTask {
          _ = try await loop.createConnection({ Diary() }, host: host, port: 9)
        }
        #expect(throws: ResolutionError.self) { try stage.finish(lost) }
      }
      try loop.close()
    }
  }

  @Test(arguments: [false, true])
  func `TRANS-38 addresses that say the same say it once`(allErrors: Bool) async throws
  {
    try await inThread {
      let stage = try ScriptedLoop()
      let (loop, place) = (stage.loop, try SocketAddress("192.0.2.1", port: 9))
      stage.kernel.hosts["twice"] = [place, place].map { AddressInfo(.stream, $0) }
      for fd: Int32 in [5, 6] {
        stage.kernel.expect(
          (.socket(.ipv4), .descriptor(fd)), (.setBlocking(fd: fd, false), .done),
          (.connect(fd: fd, place), .error(ECONNREFUSED)), (.close(fd: fd), .done))
      }
      let connecting = try loop.createTask {
        _ = try await loop.createConnection(
          { Diary() }, host: "twice", port: 9, allErrors: allErrors)
      }
      if allErrors {
        let error = #expect(throws: ConnectionErrors.self) {
          try stage.finish(connecting)
        }
        #expect(error?.errors.map(\.errno) == [ECONNREFUSED, ECONNREFUSED])
      } else {
        let error = #expect(throws: SystemError.self) { try stage.finish(connecting) }
        #expect(error?.errno == ECONNREFUSED)
      }
      try loop.close()
    }
  }

  @Test func `TRANS-38 what the factory throws is no reason to try the next one`()
    async throws
  {
    try await inThread {
      let stage = try ScriptedLoop()
      let loop = stage.loop
      let places = try (1...2).map { try SocketAddress("192.0.2.\($0)", port: 9) }
      stage.kernel.hosts["two"] = places.map { AddressInfo(.stream, $0) }
      stage.kernel.expect(
        (.socket(.ipv4), .descriptor(5)), (.setBlocking(fd: 5, false), .done),
        (.connect(fd: 5, places[0]), .done), (.setBlocking(fd: 5, false), .done),
        (.close(fd: 5), .done))
      let connecting = try loop.createTask {
        _ = try await loop.createConnection(
          { () throws -> Diary in throw SystemError(EIO, in: "read") }, host: "two",
          port: 9)
      }
      let error = #expect(throws: SystemError.self) { try stage.finish(connecting) }
      #expect(error?.errno == EIO)
      try loop.close()
    }
  }

  @Test(arguments: [false, true])
  func `TRANS-40 cancelled or too slow, it closes its socket`(tooSlow: Bool) throws {
    let stage = try ScriptedLoop(
      (.socket(.ipv4), .descriptor(5)), (.setBlocking(fd: 5, false), .done),
      (.connect(fd: 5, place), .error(EINPROGRESS)))
    let loop = stage.loop
    let diary = Diary()
    let connecting = try loop.createTask {
      try await loop.waitFor(tooSlow ? 5 : nil) {
        _ = try await loop.createConnection({ diary }, host: "192.0.2.1", port: 9)
      }
    }
    loop.runOnce()
    #expect(stage.selector.keys[5]?.events == .write && !stage.isClosed(5))
    if tooSlow {
      while !connecting.done() { loop.runOnce() }
      #expect(throws: TimeoutError.self) { try connecting.result() }
      #expect(stage.kernel.time >= 5)
    } else {
      connecting.cancel()
      stage.settle()
      #expect(connecting.cancelled())
    }
    #expect(stage.isClosed(5) && stage.selector.keys[5] == nil)
    #expect(diary.entries == [] && loop.transports.isEmpty && stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `TRANS-40 cancelled when there is a transport already, it closes that`()
    throws
  {
    let stage = try ScriptedLoop(
      (.setBlocking(fd: 5, false), .done), (.getsockname(fd: 5), .address(place)),
      (.getpeername(fd: 5), .address(place)), (.setsockopt(fd: 5, .noDelay, 1), .done))
    let loop = stage.loop
    let diary = Diary()
    let socket = stage.socket(5)
    let connecting = try loop.createTask {
      _ = try await loop.createConnection({ diary }, sock: socket)
    }
    loop.runOnce()
    connecting.cancel()
    stage.settle()
    #expect(connecting.cancelled())
    #expect(diary.entries == ["made", "lost"])
    #expect(stage.kernel.calls.count { $0 == .close(fd: 5) } == 1)
    #expect(loop.transports.isEmpty && stage.selector.keys[5] == nil)
    try loop.close()
  }

  @Test func `C7 a factory that throws does not keep the socket`() throws {
    let stage = try ScriptedLoop((.setBlocking(fd: 5, false), .done))
    let loop = stage.loop
    let socket = stage.socket(5)  // still held here when it has failed
    let connecting = try loop.createTask {
      _ = try await loop.createConnection(
        { () throws -> Diary in throw NoProtocol() }, sock: socket)
    }
    stage.settle()
    #expect(throws: NoProtocol.self) { try connecting.result() }
    #expect(stage.isClosed(5) && socket.descriptor == -1)
    try loop.close()
  }

  @Test(arguments: ["setBlocking", "transport"])
  func `C7 nor does a kernel that refuses`(who: String) throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    if who == "setBlocking" {
      stage.kernel.expect((.setBlocking(fd: 5, false), .error(EBADF)))
    } else {
      stage.kernel.expect(
        (.setBlocking(fd: 5, false), .done), (.getsockname(fd: 5), .address(place)),
        (.getpeername(fd: 5), .address(place)),
        (.setsockopt(fd: 5, .noDelay, 1), .error(EINVAL)))
    }
    let socket = stage.socket(5)
    let connecting = try loop.createTask {
      _ = try await loop.createConnection({ Diary() }, sock: socket)
    }
    stage.settle()
    #expect(throws: SystemError.self) { try connecting.result() }
    #expect(stage.isClosed(5) && socket.descriptor == -1 && loop.transports.isEmpty)
    try loop.close()
  }

  @Test func `C7 a socket that is a transport's is not ours to close`() throws {
    try run { loop in
      let (socket, peer) = try socketPair(isBlocking: false)
      let (transport, _) = try await loop.createConnection({ Echo() }, sock: socket)
      await #expect(throws: RuntimeError.self) {
        _ = try await loop.createConnection({ Diary() }, sock: socket)
      }
      try peer.send("hello")
      #expect(try await loop.sockRecv(peer, 10) == Array("hello".utf8))
      transport.abort()
    }
  }
}
