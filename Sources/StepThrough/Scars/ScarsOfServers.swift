import CLibrary
import EventLoops
import Recording
import Scenarios
import Selectors
import Simulation
import Sockets
import Transports

// A connection is accepted in one turn and becomes the server's in the next. And a
// server that is closed need not be over.

extension Scar {
  /// The server is closed between the two turns.
  static let v1 = Replay(before: "asyncio 3.13, in debug mode") { recorder, shape in
    let place = try SocketAddress("127.0.0.1", port: 9006)
    let client = try SocketAddress("127.0.0.1", port: 50_001)
    let stage = try Stage(
      recorder,
      [
        (.setBlocking(fd: 5, false), .done), (.listen(fd: 5, backlog: 100), .done),
        (.accept(fd: 5), .descriptor(6, client)), (.accept(fd: 5), .error(EAGAIN)),
        // As far as this comes only who has not asked whether the server is closed.
        (.getsockname(fd: 6), .address(place)),
      ], selector: [])
    let loop = stage.loop
    loop.debug = true
    var error = "no error"
    loop.setExceptionHandler { _, context in
      error = "\(context.exception!)"
      recorder.note("the exception handler hears of \(error)")
    }
    let listener = stage.scripted(5, "listener")
    var whoHungUp = "nobody"
    try stage.runUntilStuck(
      loop.createTask("main") {
        let server: any AnyServer =
          switch shape {
          case .old: try ServerV1(loop, listener)
          case .today: try await loop.createServer({ Program(loop) }, sock: listener)
          }
        recorder.note("a client connects")
        stage.script?.report([5: .read])
        // The next turn begins with this and with the accept. In the one after that,
        // the close is in front of the task that the accept has made.
        try loop.callSoon("a turn later") {
          try loop.callSoon("close the server") { try server.close() }
        }
        try await server.waitClosed()
        let client = recorder.number(of: 6)
        func isHungUp() -> Bool {
          recorder.calls.contains { $0.call == .close(fd: client) }
        }
        if isHungUp() { whoHungUp = "the accept" }
        (server as? ServerV1)?.collectGarbage(recorder)
        if whoHungUp == "nobody" && isHungUp() {
          whoHungUp = "only the garbage collector"
        }
      })
    return "\(error), and \(whoHungUp) hung up"
  }

  /// The server is closed while a client is there, who is hung up on a turn later.
  static let v2 = Replay(before: "asyncio to 3.11") { recorder, shape in
    let place = try SocketAddress("127.0.0.1", port: 9006)
    let stage = try Stage(
      recorder,
      [
        (.setBlocking(fd: 5, false), .done), (.listen(fd: 5, backlog: 100), .done),
        (.getsockname(fd: 6), .address(place)),
        (.setsockopt(fd: 6, .noDelay, 1), .done),
      ], selector: [])
    let loop = stage.loop
    let listener = stage.scripted(5, "listener")
    let connection = stage.scripted(6, "connection")
    let program = Program(loop)
    var wasOver = false
    try stage.runUntilStuck(
      loop.createTask("main") {
        let server = try await loop.createServer({ program }, sock: listener)
        // A client, as `acceptConnection2` makes it.
        let transport = try SocketTransport.make(
          loop, connection, program, peername: place, server: server)
        server.close()
        try loop.callSoon("hang up") { transport?.close() }
        switch shape {
        case .old: try await server.waitClosedV2(recorder)
        case .today: try await server.waitClosed()
        }
        wasOver = program.over.done()
      })
    return "waitClosed returned "
      + (wasOver ? "when the client had gone" : "while the client was still there")
  }
}

/// What the program of V1 asks of a server.
private protocol AnyServer {
  func close() throws
  func waitClosed() async throws
}
extension Server: AnyServer {}

// [scar.v1]
/// asyncio's `Server` of 3.13, as much of it as V1 needs.
private final class ServerV1: AnyServer {
  let loop: EventLoop
  var listeners: [Socket]?
  var clients = 0
  var waiters: [Future<Void>]? = []
  /// A transport that nobody else knows of.
  weak var halfMade: TransportV1?

  init(_ loop: EventLoop, _ listener: Socket) throws {
    self.loop = loop
    listeners = [listener]
    try listener.setBlocking(false)
    try listener.listen()
    _ = try loop.addReader(
      watching: listener.descriptor,
      Handle("acceptConnection", loop, CallSite()) { [self] in
        try acceptConnection(listener)
      })
  }

  func acceptConnection(_ listener: Socket) throws {
    do {
      while true {
        let connection = try listener.accept().connection
        // Until its first step the connection is nowhere but in this task.
        try loop.createTask { [self] in acceptConnection2(connection) }
      }
    } catch let error as SystemError where error.wouldBlock {}
  }

  /// asyncio: BaseSelectorEventLoop._accept_connection2
  func acceptConnection2(_ connection: Socket) {
    // Here is missing, to this day (reported in 2023): if the server is closed, close
    // the connection.
    do {
      _ = try TransportV1(connection, self)
    } catch {
      // To close it would be the transport's business, and there is none. Without
      // debug mode this is all.
      if !loop.debug { return }
      loop.callExceptionHandler(
        ExceptionContext("Error on transport creation for incoming connection", error))
    }
  }

  /// asyncio: Server._attach
  func attach(_ transport: TransportV1) throws {
    halfMade = transport
    if listeners == nil {
      throw PythonError(name: "AssertionError", reason: "assert sockets is not None")
    }
    clients += 1
  }

  func detach(_ transport: TransportV1) throws {
    // This one never was one of them, and nobody asks.
    clients = max(0, clients - 1)
    if clients == 0 && listeners == nil { try wakeup() }
  }

  func wakeup() throws {
    guard let waiters else {
      throw PythonError(name: "TypeError", reason: "None is not iterable")
    }
    self.waiters = nil
    for waiter in waiters { try waiter.setResult(()) }
  }

  func close() throws {
    for listener in listeners ?? [] {
      _ = try loop.remove(.read, watching: listener.descriptor, CallSite())
      listener.close()
    }
    listeners = nil
    if clients == 0 { try wakeup() }
  }

  func waitClosed() async throws {
    if waiters == nil { return }
    let waiter = loop.createFuture(of: Void.self)
    waiters?.append(waiter)
    try await waiter.value()
  }

  func collectGarbage(_ recorder: Recorder) {
    recorder.note("some time later the garbage collector comes by")
    do {
      try halfMade?.finalise()
    } catch {
      recorder.note("Python prints \(error), and goes on")
    }
  }
}

/// The beginning of a transport, in which the constructor fails.
private final class TransportV1 {
  let socket: Socket
  let server: ServerV1
  /// A method holds its object. So this one holds itself, and only a garbage collector
  /// can end that.
  var readReadyMethod: (() -> Void)?

  init(_ socket: Socket, _ server: ServerV1) throws {
    (self.socket, self.server) = (socket, server)
    _ = try socket.getsockname()
    readReadyMethod = { [self] in readReady() }
    try server.attach(self)
    // Never reached: it would call the protocol, and read.
  }

  func readReady() {}

  /// Python calls this for an object that is about to go.
  ///
  /// asyncio: _SelectorTransport.__del__
  func finalise() throws {
    readReadyMethod = nil
    socket.close()
    try server.detach(self)
  }
}

// [scar.v2]
extension Server {
  /// One variable stood for two facts, closed and over.
  ///
  /// asyncio: Server.wait_closed
  fileprivate func waitClosedV2(_ recorder: Recorder) async throws {
    // It is `close` that takes the sockets away. Who waited after it, as one should, did
    // not wait at all.
    if sockets.isEmpty {
      return recorder.note("this waitClosed returns without waiting")
    }
    try await waitClosed()
  }
}
