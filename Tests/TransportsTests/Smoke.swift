import EventLoops
import Glibc
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// A protocol that writes down what it is told.
final class Diary: StreamProtocol {
  var entries: [String] = []
  var bytes: [UInt8] = []
  var transport: SocketTransport!
  var onMade: (SocketTransport) throws -> Void = { _ in }
  var onData: ([UInt8]) throws -> Void = { _ in }
  var onPause: () throws -> Void = {}
  var onResume: () throws -> Void = {}
  var onEnd: () throws -> Bool = { false }
  var onLost: () throws -> Void = {}
  var lost: Future<Void>?

  func connectionMade(_ transport: SocketTransport) throws {
    self.transport = transport
    entries.append("made")
    try onMade(transport)
  }
  func dataReceived(_ bytes: [UInt8]) throws {
    self.bytes += bytes
    entries.append("data \(bytes.count)")
    try onData(bytes)
  }
  func eofReceived() throws -> Bool {
    entries.append("eof")
    return try onEnd()
  }
  func pauseWriting() throws {
    entries.append("pause")
    try onPause()
  }
  func resumeWriting() throws {
    entries.append("resume")
    try onResume()
  }
  func connectionLost(_ error: (any Error)?) throws {
    entries.append(error.map { "lost: \($0)" } ?? "lost")
    try onLost()
    if lost?.done() == false { try lost?.setResult(()) }
    // Some of these hold the diary.
    (onMade, onData, onPause, onResume) = ({ _ in }, { _ in }, {}, {})
    onLost = {}
    onEnd = { false }
  }
}

/// A transport on one end of a pair, and the other end.
func made(
  _ loop: EventLoop, _ diary: Diary
) async throws -> (transport: SocketTransport, peer: Socket) {
  let (socket, peer) = try socketPair(isBlocking: false)
  diary.lost = loop.createFuture(of: Void.self)
  let transport = try await loop.createConnection({ diary }, sock: socket).transport
  return (transport, peer)
}

func received(_ loop: EventLoop, _ peer: Socket) async throws -> [UInt8] {
  var all: [UInt8] = []
  while true {
    let bytes = try await loop.sockRecv(peer, 100_000)
    if bytes.isEmpty { return all }
    all += bytes
  }
}

@Suite struct Smoke {
  @Test func `an echo server and its client`() throws {
    try run { loop in
      var servers: [Diary] = []
      let server = try await loop.createServer(
        {
          let diary = Diary()
          diary.onData = { try diary.transport.write($0) }
          servers.append(diary)
          return diary
        }, host: "127.0.0.1", port: 0)
      let port = try server.sockets[0].getsockname().port!
      let client = Diary()
      client.lost = loop.createFuture(of: Void.self)
      client.onMade = { try $0.write(Array("hello".utf8)) }
      client.onData = { _ in client.transport.close() }
      let (transport, proto) = try await loop.createConnection(
        { client }, host: "127.0.0.1", port: port)
      #expect(proto === client)
      #expect(
        transport.getExtraInfo("peername") as? SocketAddress == transport.peername)
      #expect(transport.peername?.port == port)
      #expect(transport.getExtraInfo("nonsense", default: 5) as? Int == 5)
      try await client.lost!.value()
      #expect(client.entries == ["made", "data 5", "lost"])
      server.close()
      try await server.waitClosed()
      #expect(servers.map(\.entries) == [["made", "data 5", "eof", "lost"]])
      #expect(loop.transports.isEmpty)
    }
  }

  @Test func `a big write is paused, drained and resumed`() throws {
    try run { loop in
      let diary = Diary()
      let (transport, peer) = try await made(loop, diary)
      let big = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
      try transport.write(big)
      try transport.writelines([[], Array("end".utf8), []])
      #expect(diary.entries == ["made", "pause"])
      #expect(throws: RuntimeError.self) { try loop.addReader(transport.fd) {} }
      transport.close()
      #expect(transport.isClosing() && transport.getWriteBufferSize() > 0)
      #expect(try await received(loop, peer) == big + Array("end".utf8))
      try await diary.lost!.value()
      #expect(diary.entries == ["made", "pause", "resume", "lost"])
    }
  }

  @Test func `writelines sends what it can and keeps the rest`() throws {
    try run { loop in
      let diary = Diary()
      let (transport, peer) = try await made(loop, diary)
      let chunks = (0..<3000).map {
        [UInt8](repeating: UInt8($0 % 251), count: $0 % 700)
      }
      try transport.writelines(chunks)
      transport.writeEof()
      transport.writeEof()
      #expect(throws: RuntimeError.self) { try transport.write([1]) }
      #expect(try await received(loop, peer) == chunks.flatMap { $0 })
      peer.close()
      try await diary.lost!.value()
      try transport.setWriteBufferLimits(high: 0)
      #expect(diary.entries == ["made", "pause", "resume", "eof", "lost"])
    }
  }

  @Test func `closed while resuming, and buried once (T10)`() throws {
    try run { loop in
      var reports: [String] = []
      loop.setExceptionHandler { _, context in reports.append(context.message) }
      let diary = Diary()
      let (transport, peer) = try await made(loop, diary)
      diary.onResume = { transport.close() }
      try transport.setWriteBufferLimits(high: 0)
      try transport.write([UInt8](repeating: 1, count: 1_000_000))
      #expect(try await received(loop, peer).count == 1_000_000)
      try await diary.lost!.value()
      try await loop.sleep(0)
      #expect(diary.entries == ["made", "pause", "resume", "lost"])
      #expect(reports.isEmpty)
    }
  }

  @Test func `the end of the stream is told once (T3)`() throws {
    try run { loop in
      let diary = Diary()
      diary.onEnd = { true }
      let (transport, peer) = try await made(loop, diary)
      try peer.shutdown(.write)
      for _ in 1...3 { try await loop.sleep(0) }
      #expect(!transport.isReading())
      transport.pauseReading()
      transport.resumeReading()
      for _ in 1...3 { try await loop.sleep(0) }
      #expect(diary.entries == ["made", "eof"])
      try transport.write([1, 2])
      transport.abort()
      transport.abort()
      try await diary.lost!.value()
      #expect(diary.entries == ["made", "eof", "lost"])
    }
  }

  @Test func `paused or closed in connectionMade (T1, T2)`() throws {
    try run { loop in
      for action in [{ $0.pauseReading() }, { $0.close() }]
        as [(SocketTransport) -> Void]
      {
        let (socket, peer) = try socketPair(isBlocking: false)
        try peer.send("early")
        let diary = Diary()
        diary.onMade = action
        let (transport, _) = try await loop.createConnection({ diary }, sock: socket)
        for _ in 1...3 { try await loop.sleep(0) }
        #expect(!diary.entries.contains("data 5"))
        transport.abort()
        try await loop.sleep(0)
        #expect(diary.entries == ["made", "lost"])
      }
    }
  }

  @Test func `a loop that closes gives the descriptors back`() throws {
    let loop = try EventLoop()
    let making = try loop.createTask { try await made(loop, Diary()) }
    let (transport, peer) = try loop.runUntilComplete(making)
    try loop.close()
    #expect(try peer.recv(1).isEmpty)
    #expect(transport.isClosing())
    transport.close()
    transport.abort()
    try transport.write([1])
  }

  @Test func `a peer that resets`() throws {
    try run { loop in
      var reports: [String] = []
      loop.setExceptionHandler { _, context in reports.append(context.message) }
      let (client, accepted) = try tcpPair()
      let diary = Diary()
      diary.lost = loop.createFuture(of: Void.self)
      let (transport, _) = try await loop.connectAcceptedSocket(
        { diary }, sock: accepted)
      try transport.write([UInt8](repeating: 1, count: 20_000_000))
      #expect(diary.entries == ["made", "pause"])
      try client.setsockopt(.linger, 0)
      client.close()
      try await diary.lost!.value()
      #expect(diary.entries.count == 3)
      #expect(diary.entries[2].contains("ECONNRESET"))
      #expect(reports.isEmpty && transport.getWriteBufferSize() == 0)
      for _ in 1...4 { try transport.write([1]) }
      try transport.writelines([[1]])
      transport.writeEof()
    }
  }

  @Test func `a protocol that throws`() throws {
    try run { loop in
      struct No: Error {}
      var reports: [ExceptionContext] = []
      loop.setExceptionHandler { _, context in reports.append(context) }
      let diary = Diary()
      diary.onData = { _ in throw No() }
      let (transport, peer) = try await made(loop, diary)
      try peer.send("hello")
      try await diary.lost!.value()
      #expect(diary.entries == ["made", "data 5", "lost: No()"])
      #expect(reports.count == 1 && reports[0].transport === transport)
      #expect(reports[0].protocol === diary && reports[0].exception is No)
    }
  }

  @Test func `a buffered protocol`() throws {
    try run { loop in
      let buffered = Buffered()
      let (socket, peer) = try socketPair(isBlocking: false)
      let (transport, _) = try await loop.createConnection({ buffered }, sock: socket)
      try peer.send("hello")
      for _ in 1...3 { try await loop.sleep(0) }
      #expect(buffered.text == "hello")
      let diary = Diary()
      transport.setProtocol(diary)
      try peer.send("you")
      for _ in 1...3 { try await loop.sleep(0) }
      #expect(diary.entries == ["data 3"])
      transport.close()
    }
  }
}

final class Buffered: BufferedStreamProtocol {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 1)
  var text = ""
  deinit { memory.deallocate() }
  func getBuffer(_ hint: Int) throws -> UnsafeMutableRawBufferPointer { memory }
  func bufferUpdated(_ count: Int) throws {
    text += String(decoding: memory[..<count], as: UTF8.self)
  }
}
