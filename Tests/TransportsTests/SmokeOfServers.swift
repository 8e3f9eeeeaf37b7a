import EventLoops
import Glibc
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing
import Transports

extension Smoke {
  @Test func `the factory throws (C7, A7)`() throws {
    try run { loop in
      struct No: Error {}
      var reports: [String] = []
      loop.setExceptionHandler { _, context in reports.append(context.message) }
      let (socket, _) = try socketPair(isBlocking: false)
      await #expect(throws: No.self) {
        _ = try await loop.createConnection(
          { () throws -> Diary in throw No() }, sock: socket)
      }
      #expect(socket.descriptor == -1)

      let server = try await loop.createServer(
        { throw No() }, host: "127.0.0.1", port: 0)
      let client = Diary()
      client.lost = loop.createFuture(of: Void.self)
      _ = try await loop.createConnection(
        { client }, host: "127.0.0.1", port: server.sockets[0].getsockname().port!)
      try await client.lost!.value()
      #expect(client.entries == ["made", "eof", "lost"])
      #expect(reports == ["Error on transport creation for incoming connection"])
      server.close()
      try await server.waitClosed()
    }
  }

  @Test func `what createConnection refuses`() throws {
    try run { loop in
      let datagram = try Socket(.ipv4, .datagram)
      let (socket, _) = try socketPair()
      await #expect(throws: ValueError.self) {
        _ = try await loop.createConnection({ Diary() })
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.createConnection(
          { Diary() }, host: "127.0.0.1", sock: socket)
      }
      await #expect(throws: ValueError.self) {
        _ = try await loop.createConnection({ Diary() }, sock: datagram)
      }
      await #expect(throws: SystemError.self) {
        _ = try await loop.createConnection({ Diary() }, host: "127.0.0.1", port: 1)
      }
    }
  }

  @Test func `a server on every interface, closed between accept and attach (V1)`()
    throws
  {
    try run { loop in
      var reports: [String] = []
      loop.setExceptionHandler { _, context in reports.append(context.message) }
      var count = 0
      let server = try await loop.createServer(
        {
          count += 1
          return Diary()
        }, hosts: ["127.0.0.1", "127.0.0.1"], port: 0)
      #expect(server.sockets.count == 1)
      let client = try Socket(.ipv4)
      try client.connect(server.sockets[0].getsockname())
      // In the turn after the accept, before the task's first step.
      try loop.callSoon { try loop.callSoon { server.close() } }
      let waiting = try loop.createTask { try await server.waitClosed() }
      for _ in 1...4 { try await loop.sleep(0) }
      try await waiting.value()
      try await server.waitClosed()
      #expect(reports.isEmpty && count <= 1)
      let everywhere = try await loop.createServer({ Diary() }, host: "", port: 0)
      #expect(everywhere.sockets.count >= 1 && everywhere.isServing())
      everywhere.close()
      everywhere.close()
      #expect(!everywhere.isServing() && everywhere.sockets.isEmpty)
      await #expect(throws: RuntimeError.self) { try await everywhere.serveForever() }
    }
  }

  @Test func `clients are sent home, and serveForever ends`() throws {
    try run { loop in
      let folder = try TemporaryFolder()
      let server = try await loop.createUnixServer(
        { Diary() }, path: folder.file("s"), startServing: false)
      #expect(!server.isServing())
      let serving = try loop.createTask { try await server.serveForever() }
      try await loop.sleep(0)
      let (a, b) = (Diary(), Diary())
      a.lost = loop.createFuture(of: Void.self)
      b.lost = loop.createFuture(of: Void.self)
      _ = try await loop.createUnixConnection({ a }, path: folder.file("s"))
      _ = try await loop.createUnixConnection({ b }, path: folder.file("s"))
      for _ in 1...3 { try await loop.sleep(0) }
      serving.cancel()
      try await loop.sleep(0)
      #expect(!serving.done())
      server.closeClients()
      await #expect(throws: CancellationError.self) { try await serving.value() }
      try await a.lost!.value()
      try await b.lost!.value()
      #expect(a.entries == ["made", "eof", "lost"])
    }
  }

  @Test func `no descriptors left (A6), and one client that gave up (A5)`() throws {
    let replay = try ScriptedLoop()
    let loop = replay.loop
    let address = try SocketAddress("127.0.0.1", port: 5)
    let listener = replay.socket(5)
    replay.kernel.expect(
      (.setBlocking(fd: 5, false), .done), (.listen(fd: 5, backlog: 100), .done),
      (.accept(fd: 5), .error(ECONNABORTED)), (.accept(fd: 5), .error(EMFILE)),
      (.accept(fd: 5), .descriptor(6, address)), (.accept(fd: 5), .error(EAGAIN)),
      (.getsockname(fd: 6), .address(address)),
      (.setsockopt(fd: 6, .noDelay, 1), .done),
      (.recv(fd: 6, limit: 262_144), .bytes([1, 2, 3])))
    let diary = Diary()
    let making = try loop.createTask {
      try await loop.createServer({ diary }, sock: listener)
    }
    loop.runOnce()
    loop.runOnce()
    replay.settle()
    let server = try making.result()
    replay.selector.report([5: .read], [:])
    loop.runOnce()
    #expect(replay.reports.count == 1 && replay.reports[0].socket === listener)
    #expect(replay.selector.keys[5] == nil && loop.scheduled.count == 1)
    loop.runOnce()
    loop.runOnce()
    #expect(replay.selector.keys[5] != nil)
    replay.selector.report([5: .read], [:], [:], [:], [6: .read])
    for _ in 1...5 { loop.runOnce() }
    #expect(diary.entries == ["made", "data 3"])
    server.close()
    diary.transport.abort()
    replay.settle()
    #expect(diary.entries == ["made", "data 3", "lost"])
    try loop.close()
  }

  @Test func `a hundred clients, most of them greedy, and abortClients`() throws {
    try run { loop in
      let server = try await loop.createServer(
        {
          let diary = Diary()
          diary.onData = { _ in
            try diary.transport.write([UInt8](repeating: 1, count: 3_000_000))
          }
          return diary
        }, host: "127.0.0.1", port: 0)
      let port = try server.sockets[0].getsockname().port!
      var clients: [Diary] = []
      for _ in 1...100 {
        let client = Diary()
        client.lost = loop.createFuture(of: Void.self)
        client.onMade = {
          try $0.write([1])
          $0.pauseReading()
        }
        _ = try await loop.createConnection({ client }, host: "127.0.0.1", port: port)
        clients.append(client)
      }
      while loop.transports.count < 200 { try await loop.sleep(0.01) }
      try await loop.sleep(0.1)
      server.close()
      server.abortClients()
      try await server.waitClosed()
      #expect(loop.transports.count == 100)
      for client in clients { client.transport.resumeReading() }
      for client in clients { try await client.lost!.value() }
      try await loop.sleep(0)
      #expect(loop.transports.isEmpty && loop.selector.keys.count == 1)
    }
  }

  @Test func `several addresses are tried in order`() throws {
    let replay = try ScriptedLoop()
    let loop = replay.loop
    let places = try ["192.0.2.1", "192.0.2.2"].map { try SocketAddress($0, port: 9) }
    replay.kernel.hosts["two"] = places.map { AddressInfo(.stream, $0) }
    replay.kernel.hosts["none"] = []
    replay.kernel.hosts[""] = []
    replay.kernel.expect(
      (.socket(.ipv4), .descriptor(5)), (.setBlocking(fd: 5, false), .done),
      (.connect(fd: 5, places[0]), .error(ECONNREFUSED)), (.close(fd: 5), .done),
      (.socket(.ipv4), .descriptor(6)), (.setBlocking(fd: 6, false), .done),
      (.connect(fd: 6, places[1]), .done), (.setBlocking(fd: 6, false), .done),
      (.getsockname(fd: 6), .address(places[0])),
      (.getpeername(fd: 6), .address(places[1])),
      (.setsockopt(fd: 6, .noDelay, 1), .done))
    func finish<Value>(_ task: LoopTask<Value>) throws -> Value {
      let deadline = LinuxKernel().now() + patience
      while !task.done() && LinuxKernel().now() < deadline {
        replay.selector.report([:])  // the resolver's thread is a real one
        loop.runOnce()
      }
      return try task.result()
    }
    let connecting = try loop.createTask {
      try await loop.createConnection({ Diary() }, host: "two", port: 9)
    }
    let (transport, diary) = try finish(connecting)
    #expect(diary.entries == ["made"] && transport.peername == places[1])
    let empty = try loop.createTask {
      _ = try await loop.createConnection({ Diary() }, host: "none", port: 9)
    }
    #expect(throws: ResolutionError.self) { try finish(empty) }
    let nowhere = try loop.createTask {
      _ = try await loop.createServer({ Diary() }, host: "", port: 9)
    }
    #expect(throws: ResolutionError.self) { try finish(nowhere) }
    try loop.close()
  }

  @Test func `createConnection is cancelled while it connects`() throws {
    try run { loop in
      let full = try Socket(.ipv4)
      try full.bind(SocketAddress("127.0.0.1", port: 0))
      try full.listen(0)
      let place = try full.getsockname()
      let first = try Socket(.ipv4)
      try first.connect(place)
      let before = loop.selector.keys.count
      let connecting = try loop.createTask {
        _ = try await loop.createConnection(
          { Diary() }, host: "127.0.0.1", port: place.port,
          localAddress: ("127.0.0.1", 0))
      }
      for _ in 1...2 { try await loop.sleep(0) }
      #expect(loop.selector.keys.count == before + 1)
      connecting.cancel()
      await #expect(throws: CancellationError.self) { try await connecting.value() }
      #expect(loop.selector.keys.count == before && loop.transports.isEmpty)
    }
  }
}
