import CLibrary
import EventLoops
import Recording
package import Sockets
import Transports

// The scenarios of the chapters on transports and on flow control.

/// Sends back what it gets.
final class Echo: StreamProtocol {
  private var transport: SocketTransport!
  private let over: Future<Void>?
  init(_ over: Future<Void>? = nil) { self.over = over }

  func connectionMade(_ transport: SocketTransport) { self.transport = transport }
  func dataReceived(_ bytes: [UInt8]) throws { try transport.write(bytes) }
  func connectionLost(_ error: (any Error)?) throws { try over?.setResult(()) }
}

/// Answers when the whole question is there, and that is when it has ended.
private final class Answer: StreamProtocol {
  private var transport: SocketTransport!
  private let over: Future<Void>
  init(_ over: Future<Void>) { self.over = over }

  func connectionMade(_ transport: SocketTransport) { self.transport = transport }
  func eofReceived() throws -> Bool {
    // Not at once. It has to think, and meanwhile the connection must stay open.
    try over.loop.callSoon("answer") { [self] in
      try transport.write(Array("42".utf8))
      transport.close()
    }
    return true
  }
  func connectionLost(_ error: (any Error)?) throws { try over.setResult(()) }
}

/// Has much to say, and stops to say it when it is asked to.
private final class Talker: StreamProtocol {
  private var transport: SocketTransport!
  private let over: Future<Void>
  private var left = 6
  private var mayWrite = true
  init(_ over: Future<Void>) { self.over = over }

  func connectionMade(_ transport: SocketTransport) throws {
    self.transport = transport
    try talk()
  }
  private func talk() throws {
    while mayWrite && left > 0 {
      left -= 1
      try transport.write([UInt8](repeating: 120, count: 100_000))
    }
    if left == 0 { transport.close() }
  }
  func pauseWriting() { mayWrite = false }
  func resumeWriting() throws {
    mayWrite = true
    try talk()
  }
  func connectionLost(_ error: (any Error)?) throws { try over.setResult(()) }
}

/// Says one thing and hangs up.
final class Goodbye: StreamProtocol {
  private let over: Future<Void>
  private let size: Int
  init(_ over: Future<Void>, size: Int) {
    self.over = over
    self.size = size
  }

  func connectionMade(_ transport: SocketTransport) throws {
    try transport.write([UInt8](repeating: 120, count: size))
    transport.close()
  }
  func connectionLost(_ error: (any Error)?) throws { try over.setResult(()) }
}

// What these scenarios need of the world: a peer that is slow, and a connection whose
// buffers are the same size every time.

extension Stage {
  /// The peer reads whenever the loop has to wait, until the end of the stream.
  package func thePeerReads() {
    var received = 0
    func read() throws {
      let count = try world.peers.last!.recv(1_000_000).count
      received += count
      recorder.note(
        count == 0
          ? "the peer reads the end of the stream"
          : "the peer has read \(received) bytes in all")
      if count > 0 { recorder.whenIdle(read) }
    }
    recorder.whenIdle(read)
  }

  /// A connection between two Unix sockets. How much of a message TCP has room for
  /// depends on the moment; here it is the same every time.
  package func narrowConnection() throws -> Socket {
    let pair = try PosixKernel().socketPair(isBlocking: true)
    world.peers.append(Socket(owning: pair.1, .unix, isBlocking: true))
    return adopted(pair.0, .unix, "socket")
  }
}

extension Scenario {
  static let transportEcho = Scenario(
    "transport-echo", "a server, a client, five bytes there and back: who calls whom?"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    recorder.whenIdle { try stage.aClientConnects() }
    recorder.whenIdle {
      try stage.world.send("hello")
      recorder.note("the client sends hello")
    }
    recorder.whenIdle {
      let bytes = try stage.world.peer().recv(100)
      recorder.note("the client reads \(String(decoding: bytes, as: UTF8.self))")
      try stage.world.peer().close()
      recorder.note("the client hangs up")
    }
    try stage.run(
      loop.createTask("main") {
        let over = loop.createFuture(of: Void.self)
        recorder.nameNext("listener")
        let server = try await loop.createServer(
          { Echo(over) }, host: "127.0.0.1", port: 0)
        stage.place = try server.sockets[0].getsockname()
        try await over.value()
        server.close()
        try await server.waitClosed()
      })
  }

  static let transportHalfClose = Scenario(
    "transport-half-close", "the peer has finished sending, and still wants an answer"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let socket = try stage.connection("socket")
    recorder.whenIdle {
      try stage.world.send("what is it?")
      try stage.world.peer().shutdown(.write)
      recorder.note("the peer asks, and ends its half of the conversation")
    }
    try stage.run(
      loop.createTask("main") {
        let over = loop.createFuture(of: Void.self)
        _ = try await loop.createConnection({ Answer(over) }, sock: socket)
        try await over.value()
      })
  }

  static let transportBackpressure = Scenario(
    "transport-backpressure", "a peer that does not read: pause, drain, resume"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let socket = try stage.narrowConnection()
    stage.thePeerReads()
    try stage.run(
      loop.createTask("main") {
        let over = loop.createFuture(of: Void.self)
        _ = try await loop.createConnection({ Talker(over) }, sock: socket)
        try await over.value()
      })
  }

  static let transportCloseWhileBuffered = Scenario(
    "transport-close-while-buffered",
    "close() with something in the buffer: that leaves first, and then connectionLost"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let socket = try stage.narrowConnection()
    stage.thePeerReads()
    try stage.run(
      loop.createTask("main") {
        let over = loop.createFuture(of: Void.self)
        _ = try await loop.createConnection(
          { Goodbye(over, size: 1_000_000) }, sock: socket)
        try await over.value()
      })
  }
}
