import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// The bugs that made writing what it is, each on the script that shows it.
@Suite struct ScarsOfWriting {
  @Test func `T5 writelines does not forget what was not taken`() throws {
    let stage = try Stage(
      (.sendmsg(fd: 5, counts: [4, 4]), .number(3)),
      (.sendmsg(fd: 5, counts: [1, 4]), .number(5)))
    try stage.transport.writelines([pattern(4), pattern(4)])
    // Without a writer the rest would never leave.
    #expect(stage.writer != nil)
    stage.turn(.write)
    #expect(stage.writer == nil && stage.transport.getWriteBufferSize() == 0)
    try stage.loop.close()
  }

  @Test func `T6 writelines looks at the high water mark`() throws {
    let stage = try Stage(
      (.sendmsg(fd: 5, counts: [200_000, 200_000]), .number(100)))
    try stage.transport.writelines([pattern(200_000), pattern(200_000)])
    #expect(stage.transport.getWriteBufferSize() == 399_900)
    #expect(stage.diary.entries == ["made", "pause"])
    stage.replay.kernel.expect(
      (.sendmsg(fd: 5, counts: [199_900, 200_000]), .number(399_900)))
    stage.turn(.write)
    #expect(stage.diary.entries == ["made", "pause", "resume"])
    try stage.loop.close()
  }

  @Test func `T6 also behind a buffer that is not empty`() throws {
    let stage = try Stage((.send(fd: 5, count: 1), .error(EAGAIN)))
    try stage.transport.write([1])
    try stage.transport.writelines([pattern(65_535)])
    #expect(stage.diary.entries == ["made"])
    try stage.transport.writelines([[2]])
    #expect(stage.diary.entries == ["made", "pause"])
    try stage.loop.close()
  }

  @Test func `T7 writelines after the connection is lost is dropped`() throws {
    let stage = try Stage()
    stage.transport.abort()
    let calls = stage.replay.kernel.calls.count
    // Before connectionLost, and after. The script has no sendmsg; and who tries it with
    // a socket may not try it without one.
    try stage.transport.writelines([[1], [2]])
    try #require(stage.replay.kernel.calls.count == calls)
    #expect(stage.transport.getWriteBufferSize() == 0 && stage.writer == nil)
    stage.replay.settle()
    try stage.transport.writelines([[1], [2]])
    #expect(stage.transport.getWriteBufferSize() == 0 && stage.isGone)
    #expect(stage.diary.entries == ["made", "lost"] && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `T8 an empty chunk does not keep the transport open`() throws {
    let stage = try Stage((.sendmsg(fd: 5, counts: [5]), .number(5)))
    try stage.transport.writelines([pattern(5), []])
    #expect(stage.writer == nil)
    stage.transport.close()
    stage.replay.settle()
    #expect(stage.diary.entries == ["made", "lost"] && stage.isGone)
    try stage.loop.close()
  }

  @Test func `T8 empty chunks everywhere, and a partial send`() throws {
    let stage = try Stage(
      (.sendmsg(fd: 5, counts: [2, 3]), .number(2)),
      (.sendmsg(fd: 5, counts: [3, 1]), .number(4)))
    try stage.transport.writelines([[], [1, 2], [], [3, 4, 5], []])
    try stage.transport.writelines([[], [6], []])
    stage.transport.close()
    stage.turn(.write)
    #expect(stage.diary.entries == ["made", "lost"] && stage.isGone)
    try stage.loop.close()
  }

  @Test func `T9 what is written in resumeWriting after close still leaves`() throws {
    let stage = try Stage((.send(fd: 5, count: 100), .number(10)))
    let transport = stage.transport
    try transport.setWriteBufferLimits(high: 0)
    try transport.write(pattern(100))
    var more = [pattern(50)]
    stage.diary.onResume = {
      if let next = more.popLast() { try transport.write(next) }
    }
    transport.close()
    stage.replay.kernel.expect(
      (.sendmsg(fd: 5, counts: [90]), .number(90)),
      (.send(fd: 5, count: 50), .number(20)))
    stage.turn(.write)
    #expect(stage.diary.entries == ["made", "pause", "resume", "pause"])
    #expect(stage.writer != nil && transport.getWriteBufferSize() == 30)
    stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [30]), .number(30)))
    stage.turn(.write)
    stage.replay.settle()
    #expect(
      stage.diary.entries == ["made", "pause", "resume", "pause", "resume", "lost"])
    #expect(stage.isGone && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `T10 a writeEof in resumeWriting shuts down once`() throws {
    let stage = try Stage((.send(fd: 5, count: 2), .error(EAGAIN)))
    let transport = stage.transport
    try transport.setWriteBufferLimits(high: 0)
    stage.diary.onResume = { transport.writeEof() }
    try transport.write([1, 2])
    stage.replay.kernel.expect(
      (.sendmsg(fd: 5, counts: [2]), .number(2)), (.shutdown(fd: 5, .write), .done))
    stage.turn(.write)
    #expect(stage.writer == nil && !transport.isClosing())
    transport.abort()
    stage.replay.settle()
    #expect(stage.isGone)
    try stage.loop.close()
  }

  @Test(arguments: [true, false])
  func `T10 who closes in resumeWriting is buried once`(isAbort: Bool) throws {
    let stage = try Stage((.send(fd: 5, count: 100), .number(10)))
    let transport = stage.transport
    try transport.setWriteBufferLimits(high: 0)
    stage.diary.onResume = { isAbort ? transport.abort() : transport.close() }
    try transport.write(pattern(100))
    stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [90]), .number(90)))
    stage.turn(.write)
    // The end is scheduled. It has not come yet, and it does not come twice.
    #expect(stage.diary.entries == ["made", "pause", "resume"])
    #expect(stage.replay.ready == ["callConnectionLost"] && stage.closes == 0)
    stage.replay.settle()
    #expect(stage.diary.entries == ["made", "pause", "resume", "lost"])
    #expect(stage.isGone && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test(arguments: [true, false])
  func `T10 the mirror image: aborted in pauseWriting`(isList: Bool) throws {
    let stage = try Stage()
    let transport = stage.transport
    try transport.setWriteBufferLimits(high: 0)
    stage.diary.onPause = { transport.abort() }
    if isList {
      stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [1]), .error(EAGAIN)))
      try transport.writelines([[1]])
    } else {
      stage.replay.kernel.expect((.send(fd: 5, count: 1), .error(EAGAIN)))
      try transport.write([1])
    }
    #expect(stage.writer == nil && transport.getWriteBufferSize() == 0)
    stage.turn(.write)
    // Nobody is told to go on with a connection that is gone.
    #expect(stage.diary.entries == ["made", "pause", "lost"])
    #expect(stage.isGone && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `T11 a chunk that was refused is offered again`() throws {
    let stage = try Stage((.send(fd: 5, count: 3), .error(EAGAIN)))
    try stage.transport.write([1, 2, 3])
    try stage.transport.write([4, 5, 6])
    stage.replay.kernel.expect(
      (.sendmsg(fd: 5, counts: [3, 3]), .error(EAGAIN)),
      (.sendmsg(fd: 5, counts: [3, 3]), .error(EINTR)),
      (.sendmsg(fd: 5, counts: [3, 3]), .number(4)),
      (.sendmsg(fd: 5, counts: [2]), .error(EAGAIN)),
      (.sendmsg(fd: 5, counts: [2]), .number(2)))
    // The size is counted as it changes.
    for size in [6, 6, 2, 2, 0] {
      stage.turn(.write)
      #expect(stage.transport.getWriteBufferSize() == size)
      #expect((stage.writer == nil) == (size == 0))
    }
    try stage.loop.close()
  }

  @Test func `T11 the bytes behind a refusal arrive whole`() throws {
    try inTime { loop in
      let (transport, peer) = try await made(loop, Diary())
      // Fill the socket to the brim, then a few small ones.
      let filling = pattern(400_000)
      try transport.write(filling)
      #expect(transport.getWriteBufferSize() > 0)
      for byte in "abcdef".utf8 { try transport.write([byte]) }
      // The socket is full: a refusal, and nothing may be gone.
      let size = transport.getWriteBufferSize()
      try transport.writeReady()
      #expect(transport.getWriteBufferSize() == size)
      transport.close()
      #expect(try await loop.readAll(peer) == filling + Array("abcdef".utf8))
    }
  }
}
