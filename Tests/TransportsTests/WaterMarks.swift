import CLibrary
import EventLoops
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

@testable import Transports

/// When a protocol is asked to write no more for a while.
@Suite struct WaterMarks {
  @Test func `TRANS-31 the limits, and what follows from one of them`() throws {
    let stage = try Stage()
    let transport = stage.transport
    #expect(transport.getWriteBufferLimits() == (low: 16 * 1024, high: 64 * 1024))
    try transport.setWriteBufferLimits(high: 1000)
    #expect(transport.getWriteBufferLimits() == (low: 250, high: 1000))
    try transport.setWriteBufferLimits(low: 1000)
    #expect(transport.getWriteBufferLimits() == (low: 1000, high: 4000))
    try transport.setWriteBufferLimits(high: 7, low: 7)
    #expect(transport.getWriteBufferLimits() == (low: 7, high: 7))
    try transport.setWriteBufferLimits(low: .max)
    #expect(transport.getWriteBufferLimits() == (low: .max, high: .max))
    try transport.setWriteBufferLimits(high: 9, low: 0)
    // What is refused changes nothing.
    for (high, low): (Int?, Int?) in [(5, 6), (-1, nil), (nil, -1), (0, 1), (5, -5)] {
      #expect(throws: ValueError.self) {
        try transport.setWriteBufferLimits(high: high, low: low)
      }
      #expect(transport.getWriteBufferLimits() == (low: 0, high: 9))
    }
    try transport.setWriteBufferLimits()
    #expect(transport.getWriteBufferLimits() == (low: 16 * 1024, high: 64 * 1024))
    try stage.loop.close()
  }

  @Test func `TRANS-32 strictly above the high mark, and down to the low one`() throws {
    let stage = try Stage((.send(fd: 5, count: 10), .error(EAGAIN)))
    let (transport, diary) = (stage.transport, stage.diary)
    try transport.setWriteBufferLimits(high: 10, low: 4)
    try transport.write(pattern(10))
    #expect(diary.entries == ["made"])
    try transport.write([1])
    #expect(diary.entries == ["made", "pause"])
    try transport.write([2, 3])
    try transport.writelines([[4], [5]])
    #expect(diary.entries == ["made", "pause"])

    stage.replay.kernel.expect(
      (.sendmsg(fd: 5, counts: [10, 1, 2, 1, 1]), .number(10)),
      (.sendmsg(fd: 5, counts: [1, 2, 1, 1]), .number(1)),
      (.sendmsg(fd: 5, counts: [2, 1, 1]), .number(1)))
    stage.turn(.write)
    #expect(transport.getWriteBufferSize() == 5 && diary.entries == ["made", "pause"])
    stage.turn(.write)
    #expect(transport.getWriteBufferSize() == 4)
    #expect(diary.entries == ["made", "pause", "resume"])
    stage.turn(.write)
    #expect(diary.entries == ["made", "pause", "resume"])

    // And once more: the two take turns.
    try transport.write(pattern(8))
    #expect(diary.entries == ["made", "pause", "resume", "pause"])
    stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [1, 1, 1, 8]), .number(11)))
    stage.turn(.write)
    #expect(diary.entries == ["made", "pause", "resume", "pause", "resume"])
    #expect(stage.writer == nil)
    try stage.loop.close()
  }

  @Test func `TRANS-32 a mark that sinks below the buffer pauses at once`() throws {
    let stage = try Stage((.send(fd: 5, count: 10), .error(EAGAIN)))
    try stage.transport.write(pattern(10))
    try stage.transport.setWriteBufferLimits(high: 10)
    #expect(stage.diary.entries == ["made"])
    try stage.transport.setWriteBufferLimits(high: 9)
    try stage.transport.setWriteBufferLimits(high: 8)
    #expect(stage.diary.entries == ["made", "pause"])
    try stage.loop.close()
  }

  @Test func `TRANS-32 errors in pauseWriting and resumeWriting are reported`() throws {
    let stage = try Stage(
      (.send(fd: 5, count: 2), .error(EAGAIN)),
      (.sendmsg(fd: 5, counts: [2]), .number(2)))
    stage.diary.onPause = { throw Mishap() }
    stage.diary.onResume = { throw Mishap() }
    try stage.transport.setWriteBufferLimits(high: 0)
    try stage.transport.write([1, 2])
    #expect(stage.reports.count == 1)
    stage.turn(.write)
    #expect(stage.diary.entries == ["made", "pause", "resume"])
    #expect(
      stage.reports.count == 2 && stage.reports.allSatisfy { $0.exception is Mishap })
    #expect(stage.reports.allSatisfy { $0.transport === stage.transport })
    #expect(!stage.transport.isClosing() && stage.writer == nil)
    try stage.loop.close()
  }

  @Test func `TRANS-35 with a high mark of 0 any byte that waits is too much`() throws {
    let stage = try Stage(
      (.send(fd: 5, count: 3), .number(3)), (.send(fd: 5, count: 3), .number(2)))
    let (transport, diary) = (stage.transport, stage.diary)
    try transport.setWriteBufferLimits(high: 0)
    #expect(transport.getWriteBufferLimits() == (low: 0, high: 0))
    #expect(diary.entries == ["made"])
    try transport.write([1, 2, 3])
    #expect(diary.entries == ["made"])
    // The script's second send leaves one byte behind.
    try transport.write([1, 2, 3])
    #expect(diary.entries == ["made", "pause"])
    try transport.write([4])
    stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [1, 1]), .number(1)))
    stage.turn(.write)
    #expect(diary.entries == ["made", "pause"])
    stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [1]), .number(1)))
    stage.turn(.write)
    #expect(diary.entries == ["made", "pause", "resume"])
    try stage.loop.close()
  }
}
