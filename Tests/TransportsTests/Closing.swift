import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// How a transport ends.
@Suite struct Closing {
  @Test func `TRANS-25 close with an empty buffer`() throws {
    let stage = try Stage()
    stage.transport.close()
    #expect(stage.transport.isClosing() && stage.replay.selector.keys[5] == nil)
    // Its protocol hears of it in a turn of its own, and once.
    #expect(stage.diary.entries == ["made"] && stage.closes == 0)
    stage.transport.close()
    stage.replay.settle()
    #expect(stage.diary.entries == ["made", "lost"])
    stage.transport.close()
    stage.replay.settle()
    #expect(stage.diary.entries == ["made", "lost"])
    #expect(stage.isGone && stage.transport.isClosing() && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `TRANS-26 close sends the buffer first`() throws {
    let stage = try Stage(
      (.send(fd: 5, count: 4), .number(1)),
      (.sendmsg(fd: 5, counts: [3]), .number(1)),
      (.sendmsg(fd: 5, counts: [2]), .number(2)),
      (.close(fd: 5), .done))
    try stage.transport.write(pattern(4))
    stage.transport.close()
    #expect(stage.transport.isClosing() && stage.reader == nil && stage.writer != nil)
    // Data that comes meanwhile is not delivered: the script has no recv.
    stage.turn([.read, .write])
    #expect(stage.diary.entries == ["made"])
    #expect(stage.transport.getWriteBufferSize() == 2)
    stage.transport.close()
    stage.turn([.read, .write])
    #expect(stage.diary.entries == ["made", "lost"])
    #expect(stage.isGone && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `TRANS-26 the peer gets what was written before the close`() throws {
    try inTime { loop in
      let diary = Diary()
      let (transport, peer) = try await made(loop, diary)
      let all = pattern(1_000_000)
      try transport.write(all)
      transport.close()
      #expect(try await loop.readAll(peer) == all)
      try await diary.lost!.value()
      #expect(diary.entries == ["made", "pause", "resume", "lost"])
    }
  }

  @Test func `TRANS-27 abort throws the buffer away`() throws {
    let stage = try Stage((.send(fd: 5, count: 4), .error(EAGAIN)))
    try stage.transport.write(pattern(4))
    stage.transport.abort()
    #expect(stage.transport.isClosing() && stage.transport.getWriteBufferSize() == 0)
    #expect(stage.replay.selector.keys[5] == nil)
    #expect(stage.diary.entries == ["made"] && stage.closes == 0)
    stage.turn([.read, .write])
    #expect(stage.diary.entries == ["made", "lost"])
    #expect(stage.isGone && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `TRANS-28 abort after close ends the flush, and the end comes once`()
    throws
  {
    let stage = try Stage(
      (.send(fd: 5, count: 4), .error(EAGAIN)),
      (.sendmsg(fd: 5, counts: [4]), .number(1)))
    try stage.transport.write(pattern(4))
    stage.transport.close()
    stage.turn(.write)
    #expect(stage.transport.getWriteBufferSize() == 3)
    stage.transport.abort()
    stage.transport.abort()
    #expect(stage.transport.getWriteBufferSize() == 0 && stage.writer == nil)
    stage.replay.settle()
    stage.transport.abort()
    stage.transport.close()
    stage.replay.settle()
    #expect(stage.diary.entries == ["made", "lost"])
    #expect(stage.isGone && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test(arguments: [true, false])
  func `TRANS-30 the socket is closed although connectionLost throws`(isFlush: Bool)
    throws
  {
    final class Sore: StreamProtocol {
      func connectionLost(_ error: (any Error)?) throws { throw Mishap() }
    }
    // There are two ways to the end: from the queue, and from the last flush.
    let stage = try Stage(of: Sore())
    if isFlush {
      stage.replay.kernel.expect(
        (.send(fd: 5, count: 1), .error(EAGAIN)),
        (.sendmsg(fd: 5, counts: [1]), .number(1)))
      try stage.transport.write([1])
    }
    stage.transport.close()
    stage.turn(.write)
    #expect(stage.reports.count == 1 && stage.reports[0].exception is Mishap)
    #expect(stage.isGone)
    try stage.loop.close()
  }

  @Test func `an error in connectionMade is reported, and the connection goes on`()
    throws
  {
    let stage = try Stage(isBorn: false, (.recv(fd: 5, limit: 262_144), .bytes([1])))
    stage.diary.onMade = { _ in throw Mishap() }
    stage.loop.runOnce()
    #expect(stage.reports.count == 1 && stage.reports[0].exception is Mishap)
    stage.turn(.read)
    #expect(stage.diary.entries == ["made", "data 1"])
    try stage.loop.close()
  }

  @Test func `writes into the void are dropped`() throws {
    let stage = try Stage()
    stage.transport.abort()
    for _ in 1...3 { try stage.transport.write([1]) }
    stage.replay.settle()
    #expect(stage.transport.getWriteBufferSize() == 0 && stage.isGone)
    #expect(stage.diary.entries == ["made", "lost"] && stage.reports.isEmpty)
    try stage.loop.close()
  }
}
