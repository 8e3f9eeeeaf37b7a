import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// How bytes come in.
@Suite struct Reading {
  @Test func `TRANS-07 bytes arrive in order, and false alarms are ignored`() throws {
    let stage = try Stage(
      (.recv(fd: 5, limit: 262_144), .bytes([1, 2, 3])),
      (.recv(fd: 5, limit: 262_144), .error(EAGAIN)),
      (.recv(fd: 5, limit: 262_144), .error(EINTR)),
      (.recv(fd: 5, limit: 262_144), .bytes([4, 5])))
    for _ in 1...4 { stage.turn(.read) }
    #expect(stage.diary.entries == ["made", "data 3", "data 2"])
    #expect(stage.diary.bytes == [1, 2, 3, 4, 5])
    #expect(stage.reader != nil && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `TRANS-07 a flood is delivered in pieces of 256 KiB at most`() throws {
    try inTime { loop in
      let diary = Diary()
      let (_, peer) = try await made(loop, diary)
      let flood = pattern(2_000_000)
      try await loop.sockSendall(peer, flood)
      peer.close()
      try await diary.lost!.value()
      #expect(diary.bytes == flood)
      let sizes = diary.entries.compactMap { entry in
        entry.hasPrefix("data ") ? Int(entry.dropFirst(5)) : nil
      }
      #expect(sizes.allSatisfy { 1...262_144 ~= $0 })
      #expect(diary.entries.suffix(2) == ["eof", "lost"])
    }
  }

  @Test func `TRANS-08 reading is paused and resumed, as often as you like`() throws {
    let stage = try Stage((.recv(fd: 5, limit: 262_144), .bytes([1])))
    let transport = stage.transport
    #expect(transport.isReading())
    transport.resumeReading()
    #expect(transport.isReading())
    transport.pauseReading()
    transport.pauseReading()
    #expect(!transport.isReading() && stage.reader == nil)
    stage.turn(.read)
    #expect(stage.diary.entries == ["made"])
    // One is enough to end two.
    transport.resumeReading()
    let reader = try #require(stage.reader)
    transport.resumeReading()
    #expect(transport.isReading() && stage.reader === reader)
    stage.turn(.read)
    #expect(stage.diary.entries == ["made", "data 1"])

    transport.pauseReading()
    transport.close()
    #expect(!transport.isReading())
    transport.resumeReading()
    #expect(!transport.isReading() && stage.reader == nil)
    transport.pauseReading()
    stage.replay.settle()
    transport.resumeReading()
    #expect(!transport.isReading() && stage.isGone)
    #expect(stage.diary.entries == ["made", "data 1", "lost"])
    try stage.loop.close()
  }

  @Test func `TRANS-08 a pause holds in the turn in which the data has come already`()
    throws
  {
    let stage = try Stage()
    // Both are in the queue, and the pause stands before the reader.
    try stage.loop.callSoon { [transport = stage.transport] in
      transport.pauseReading()
    }
    stage.turn(.read)
    #expect(stage.diary.entries == ["made"] && stage.reader == nil)
    try stage.loop.close()
  }

  @Test func `TRANS-09 at the end of the stream the transport closes itself`() throws {
    let stage = try Stage((.recv(fd: 5, limit: 262_144), .bytes([])))
    stage.turn(.read)
    #expect(stage.diary.entries == ["made", "eof"])
    #expect(stage.transport.isClosing() && stage.reader == nil)
    stage.replay.settle()
    #expect(stage.diary.entries == ["made", "eof", "lost"])
    #expect(stage.isGone && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `TRANS-09 a protocol without an eofReceived closes as well`() throws {
    final class Plain: StreamProtocol {
      var ends = 0
      func connectionLost(_ error: (any Error)?) { if error == nil { ends += 1 } }
    }
    let plain = Plain()
    let stage = try Stage(of: plain, (.recv(fd: 5, limit: 262_144), .bytes([])))
    stage.turn(.read)
    stage.replay.settle()
    #expect(plain.ends == 1 && stage.isGone)
    try stage.loop.close()
  }

  @Test(arguments: [ECONNRESET, ETIMEDOUT, EHOSTUNREACH])
  func `TRANS-11 a reset ends the connection, and that is no news`(error: Int32) throws
  {
    let stage = try Stage((.recv(fd: 5, limit: 262_144), .error(error)))
    stage.turn(.read)
    // Not before its turn.
    #expect(stage.diary.entries == ["made"] && stage.transport.isClosing())
    stage.replay.settle()
    let reason = SystemError(error, in: "recv")
    #expect(stage.diary.entries == ["made", "lost: \(reason)"])
    #expect(stage.reports.isEmpty && stage.isGone)
    try stage.loop.close()
  }

  @Test(arguments: [true, false])
  func `TRANS-12 what the protocol throws is reported, and ends the connection`(
    isData: Bool
  ) throws {
    let stage = try Stage(
      (.recv(fd: 5, limit: 262_144), .bytes(isData ? [1, 2] : [])))
    stage.diary.onData = { _ in throw Mishap() }
    stage.diary.onEnd = { throw Mishap() }
    stage.turn(.read)
    let report = try #require(stage.reports.first)
    #expect(report.exception is Mishap)
    #expect(report.transport === stage.transport && report.protocol === stage.diary)
    #expect(report.message.contains(isData ? "dataReceived" : "eofReceived"))
    stage.replay.settle()
    #expect(
      stage.diary.entries == ["made", isData ? "data 2" : "eof", "lost: \(Mishap())"])
    #expect(stage.reports.count == 1 && stage.isGone)
    try stage.loop.close()
  }

  @Test func `TRANS-13 after a close in dataReceived there is no more of it`() throws {
    // There is more in the socket, but only one recv in the script.
    let stage = try Stage((.recv(fd: 5, limit: 262_144), .bytes([1])))
    stage.diary.onData = { [transport = stage.transport] _ in transport.close() }
    stage.turn(.read)
    stage.turn(.read)
    #expect(stage.diary.entries == ["made", "data 1", "lost"])
    #expect(stage.isGone)
    try stage.loop.close()
  }

  @Test func `TRANS-13 the rest stays in the socket, and goes with it`() throws {
    try inTime { loop in
      let diary = Diary()
      let (socket, peer) = try socketPair(isBlocking: false)
      try peer.send("first")
      diary.onMade = { transport in
        diary.onData = { _ in
          try peer.send("second")
          transport.close()
        }
      }
      diary.lost = loop.createFuture(of: Void.self)
      _ = try await loop.createConnection({ diary }, sock: socket)
      try await diary.lost!.value()
      diary.onMade = { _ in }
      diary.onData = { _ in }
      #expect(diary.entries == ["made", "data 5", "lost"])
    }
  }
}
