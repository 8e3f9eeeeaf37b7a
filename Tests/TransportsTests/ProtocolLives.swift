import CLibrary
import EventLoops
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

@testable import Transports

/// What a protocol is told, in which order.
@Suite struct ProtocolLives {
  @Test(arguments: [true, false])
  func `PROTO-02 the life of both ends, whoever closes`(clientCloses: Bool) throws {
    try inTime { loop in
      let (client, other) = (Diary(), Diary())
      client.lost = loop.createFuture(of: Void.self)
      other.lost = loop.createFuture(of: Void.self)
      let server = try await loop.createServer({ other }, host: "127.0.0.1", port: 0)
      client.onMade = { try $0.write(pattern(3)) }
      other.onData = { [unowned other] in
        try other.transport.write($0 + [9])
        if !clientCloses { other.transport.close() }
      }
      client.onData = { [unowned client] _ in
        if clientCloses { client.transport.close() }
      }
      _ = try await loop.createConnection(
        { client }, host: "127.0.0.1", port: server.sockets[0].getsockname().port)
      try await client.lost!.value()
      try await other.lost!.value()
      let closing = ["lost"]
      let closed = ["eof", "lost"]
      #expect(client.entries == ["made", "data 4"] + (clientCloses ? closing : closed))
      #expect(other.entries == ["made", "data 3"] + (clientCloses ? closed : closing))
      #expect(client.bytes == pattern(3) + [9])
      server.close()
      try await server.waitClosed()
    }
  }

  @Test func `PROTO-02 at the end nothing more is told`() throws {
    let stage = try Stage((.recv(fd: 5, limit: 262_144), .bytes([])))
    // The end of the stream is kept open, then closed by us.
    stage.diary.onEnd = { true }
    stage.turn(.read)
    stage.transport.close()
    stage.replay.settle()
    let transport = stage.transport
    transport.setProtocol(stage.diary)
    transport.pauseReading()
    transport.resumeReading()
    transport.close()
    transport.abort()
    transport.writeEof()
    try transport.setWriteBufferLimits(high: 0)
    try transport.write([1])
    stage.replay.settle()
    #expect(stage.diary.entries == ["made", "eof", "lost"])
    #expect(stage.isGone)
    try stage.loop.close()
  }

  @Test func `PROTO-03 a buffered protocol is asked where, and told how much`() throws {
    let tray = Tray()
    let stage = try Stage(
      of: tray, (.recv(fd: 5, limit: 100), .bytes([1, 2, 3, 4, 5])),
      (.recv(fd: 5, limit: 2), .bytes([6, 7])))
    stage.turn(.read)
    #expect(tray.entries == ["made", "buffer -1", "updated 5"])
    // Each read asks anew.
    tray.onGetBuffer = { UnsafeMutableRawBufferPointer(rebasing: $0[..<2]) }
    stage.turn(.read)
    #expect(tray.entries.suffix(2) == ["buffer -1", "updated 2"])
    #expect(tray.bytes == [1, 2, 3, 4, 5, 6, 7])
    #expect(stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test(arguments: [true, false])
  func `PROTO-05 no buffer is fatal`(isEmpty: Bool) throws {
    // The script has no recv.
    let tray = Tray()
    tray.onGetBuffer = { buffer in
      if isEmpty { return UnsafeMutableRawBufferPointer(rebasing: buffer[..<0]) }
      throw Mishap()
    }
    let stage = try Stage(of: tray)
    stage.turn(.read)
    let report = try #require(stage.reports.first)
    #expect(isEmpty ? report.exception is RuntimeError : report.exception is Mishap)
    #expect(report.transport === stage.transport && report.protocol === tray)
    stage.replay.settle()
    #expect(tray.entries == ["made", "buffer -1", "lost: \(report.exception!)"])
    #expect(stage.reports.count == 1 && stage.isGone)
    try stage.loop.close()
  }

  @Test func `PROTO-05 an error of bufferUpdated is fatal as well`() throws {
    let tray = Tray()
    tray.onUpdate = { throw Mishap() }
    let stage = try Stage(of: tray, (.recv(fd: 5, limit: 100), .bytes([1])))
    stage.turn(.read)
    stage.replay.settle()
    #expect(tray.entries == ["made", "buffer -1", "updated 1", "lost: \(Mishap())"])
    #expect(stage.reports.count == 1 && stage.reports[0].exception is Mishap)
    #expect(stage.isGone)
    try stage.loop.close()
  }

  @Test func `PROTO-05 a transport that is closed in getBuffer receives nothing`()
    throws
  {
    let tray = Tray()
    let stage = try Stage(of: tray)
    tray.onGetBuffer = { [transport = stage.transport] buffer in
      transport.close()
      return buffer
    }
    stage.turn(.read)
    stage.replay.settle()
    tray.onGetBuffer = { $0 }
    #expect(tray.entries == ["made", "buffer -1", "lost"])
    #expect(stage.isGone && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `PROTO-07 the end of the stream, told to a buffered protocol`() throws {
    for keepsOpen in [true, false] {
      let tray = Tray()
      tray.onEnd = { keepsOpen }
      let stage = try Stage(of: tray, (.recv(fd: 5, limit: 100), .bytes([])))
      stage.turn(.read)
      stage.replay.settle()
      #expect(
        tray.entries == ["made", "buffer -1", "eof"] + (keepsOpen ? [] : ["lost"]))
      #expect(stage.transport.isClosing() == !keepsOpen && stage.reader == nil)
      #expect(stage.isGone == !keepsOpen && stage.reports.isEmpty)
      try stage.loop.close()
    }
  }

  @Test func `PROTO-07 an error of its eofReceived is fatal`() throws {
    let tray = Tray()
    tray.onEnd = { throw Mishap() }
    let stage = try Stage(of: tray, (.recv(fd: 5, limit: 100), .bytes([])))
    stage.turn(.read)
    stage.replay.settle()
    #expect(tray.entries == ["made", "buffer -1", "eof", "lost: \(Mishap())"])
    #expect(stage.reports.count == 1 && stage.reports[0].protocol === tray)
    #expect(stage.isGone)
    try stage.loop.close()
  }

  @Test func `PROTO-08 a false alarm only costs a question`() throws {
    let tray = Tray()
    let stage = try Stage(
      of: tray, (.recv(fd: 5, limit: 100), .error(EAGAIN)),
      (.recv(fd: 5, limit: 100), .error(EINTR)),
      (.recv(fd: 5, limit: 100), .error(ECONNRESET)))
    stage.turn(.read)
    stage.turn(.read)
    #expect(tray.entries == ["made", "buffer -1", "buffer -1"])
    #expect(stage.reader != nil && !stage.transport.isClosing())
    // A reset is quiet.
    stage.turn(.read)
    stage.replay.settle()
    let reason = SystemError(ECONNRESET, in: "recv")
    #expect(tray.entries.suffix(2) == ["buffer -1", "lost: \(reason)"])
    #expect(stage.reports.isEmpty && stage.isGone)
    try stage.loop.close()
  }
}
