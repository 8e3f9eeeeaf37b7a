import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// How bytes go out.
@Suite struct Writing {
  @Test func `TRANS-14 what the kernel takes at once needs no writer`() throws {
    let stage = try Stage((.send(fd: 5, count: 10), .number(10)))
    try stage.transport.write(pattern(10))
    #expect(stage.writer == nil && stage.transport.getWriteBufferSize() == 0)
    try stage.loop.close()
  }

  @Test func `TRANS-14 what the socket does not take is buffered`() throws {
    let stage = try Stage(
      (.send(fd: 5, count: 10), .number(4)),
      (.sendmsg(fd: 5, counts: [6]), .number(2)),
      (.sendmsg(fd: 5, counts: [4]), .error(EAGAIN)),
      (.sendmsg(fd: 5, counts: [4]), .error(EINTR)),
      (.sendmsg(fd: 5, counts: [4]), .number(4)))
    try stage.transport.write(pattern(10))
    #expect(stage.writer != nil && stage.transport.getWriteBufferSize() == 6)
    stage.turn(.write)
    #expect(stage.writer != nil && stage.transport.getWriteBufferSize() == 4)
    stage.turn(.write)
    stage.turn(.write)
    #expect(stage.writer != nil && stage.transport.getWriteBufferSize() == 4)
    stage.turn(.write)
    #expect(stage.writer == nil && stage.transport.getWriteBufferSize() == 0)
    // The reader was in nobody's way.
    #expect(stage.replay.selector.keys[5]?.events == .read)
    #expect(stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test(arguments: [EAGAIN, EINTR])
  func `TRANS-14 a socket that takes nothing at all`(error: Int32) throws {
    let stage = try Stage(
      (.send(fd: 5, count: 3), .error(error)),
      (.sendmsg(fd: 5, counts: [3]), .number(3)))
    try stage.transport.write([1, 2, 3])
    #expect(stage.writer != nil && stage.transport.getWriteBufferSize() == 3)
    stage.turn(.write)
    #expect(stage.writer == nil && stage.transport.getWriteBufferSize() == 0)
    try stage.loop.close()
  }

  @Test func `TRANS-14 the peer reads every byte, in order`() throws {
    try inTime { loop in
      let (transport, peer) = try await made(loop, Diary())
      // Pieces of many sizes, by both ways, most of them behind a full buffer.
      let all = pattern(3_000_000)
      var start = 0
      for size in stride(from: 1, to: 2400, by: 1) {
        let end = min(start + size, all.count)
        let middle = (start + end) / 2
        if size % 3 == 0 {
          try transport.writelines([
            Array(all[start..<middle]), Array(all[middle..<end]),
          ])
        } else {
          try transport.write(Array(all[start..<end]))
        }
        start = end
      }
      try transport.write(Array(all[start...]))
      #expect(transport.getWriteBufferSize() > 0)
      transport.close()
      #expect(try await loop.readAll(peer) == all)
    }
  }

  @Test(arguments: [EPIPE, ECONNRESET])
  func `an error while writing ends the connection quietly`(error: Int32) throws {
    for isLater in [false, true] {
      let stage = try Stage(
        (.send(fd: 5, count: 3), .error(isLater ? EAGAIN : error)))
      if isLater {
        stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [3]), .error(error)))
      }
      try stage.transport.write([1, 2, 3])
      if isLater { stage.turn(.write) }
      #expect(stage.transport.isClosing() && stage.diary.entries == ["made"])
      #expect(stage.reader == nil && stage.writer == nil)
      #expect(stage.transport.getWriteBufferSize() == 0)
      stage.replay.settle()
      let reason = SystemError(error, in: isLater ? "sendmsg" : "send")
      #expect(stage.diary.entries == ["made", "lost: \(reason)"])
      #expect(stage.reports.isEmpty && stage.isGone)
      try stage.loop.close()
    }
  }

  @Test func `TRANS-15 behind a buffer nothing overtakes, and nothing is tried`() throws
  {
    let stage = try Stage((.send(fd: 5, count: 4), .error(EAGAIN)))
    try stage.transport.write(pattern(4))
    let writer = try #require(stage.writer)
    // The script would notice an attempt.
    try stage.transport.write([7, 7, 7])
    try stage.transport.writelines([[8], [9, 9]])
    #expect(stage.transport.getWriteBufferSize() == 10)
    #expect(stage.writer === writer)
    stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [4, 3, 1, 2]), .number(10)))
    stage.turn(.write)
    #expect(stage.writer == nil)
    try stage.loop.close()
  }

  @Test func `TRANS-15 writing nothing does nothing`() throws {
    let stage = try Stage((.send(fd: 5, count: 2), .error(EAGAIN)))
    try stage.transport.write([])
    try stage.transport.writelines([])
    try stage.transport.writelines([[], []])
    #expect(stage.writer == nil)
    try stage.transport.write([1, 2])
    try stage.transport.write([])
    try stage.transport.writelines([[]])
    #expect(stage.transport.getWriteBufferSize() == 2)
    stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [2]), .number(2)))
    stage.turn(.write)
    #expect(stage.writer == nil)
    try stage.loop.close()
  }

  @Test func `TRANS-18 writelines is one call, and the rest follows`() throws {
    let stage = try Stage(
      (.sendmsg(fd: 5, counts: [2, 3]), .number(5)),
      (.sendmsg(fd: 5, counts: [2, 3, 4]), .number(3)),
      (.sendmsg(fd: 5, counts: [2, 4]), .number(2)),
      (.sendmsg(fd: 5, counts: [4]), .number(4)),
      (.sendmsg(fd: 5, counts: [1]), .error(EAGAIN)),
      (.sendmsg(fd: 5, counts: [1]), .number(1)))
    let transport = stage.transport
    try transport.writelines([[1, 2], [3, 4, 5]])
    #expect(stage.writer == nil && transport.getWriteBufferSize() == 0)
    try transport.writelines([[1, 2], [3, 4, 5], [6, 7, 8, 9]])
    #expect(stage.writer != nil && transport.getWriteBufferSize() == 6)
    stage.turn(.write)
    #expect(stage.writer != nil && transport.getWriteBufferSize() == 4)
    stage.turn(.write)
    #expect(stage.writer == nil && transport.getWriteBufferSize() == 0)
    try transport.writelines([[1]])
    #expect(stage.writer != nil && transport.getWriteBufferSize() == 1)
    stage.turn(.write)
    #expect(stage.writer == nil)
    try stage.loop.close()
  }

  @Test func `TRANS-18 more pieces than the kernel takes in one call`() throws {
    let stage = try Stage(
      (.sendmsg(fd: 5, counts: .init(repeating: 2, count: 1024)), .number(2048)),
      (.sendmsg(fd: 5, counts: .init(repeating: 2, count: 6)), .number(12)))
    try stage.transport.writelines(.init(repeating: [1, 2], count: 1030))
    #expect(stage.writer != nil && stage.transport.getWriteBufferSize() == 12)
    stage.turn(.write)
    #expect(stage.writer == nil && stage.transport.getWriteBufferSize() == 0)
    try stage.loop.close()
  }

  @Test func `TRANS-22 writeEof ends our half at once, and once`() throws {
    let stage = try Stage((.shutdown(fd: 5, .write), .done))
    let transport = stage.transport
    #expect(transport.canWriteEof())
    transport.writeEof()
    transport.writeEof()
    #expect(throws: RuntimeError.self) { try transport.write([1]) }
    #expect(throws: RuntimeError.self) { try transport.writelines([[1]]) }
    // The other half goes on.
    #expect(!transport.isClosing() && transport.isReading() && stage.reader != nil)
    try stage.loop.close()
  }

  @Test func `TRANS-22 writeEof after close does nothing`() throws {
    let stage = try Stage()
    stage.transport.close()
    stage.transport.writeEof()
    stage.replay.settle()
    stage.transport.writeEof()
    #expect(stage.isGone)
    try stage.transport.write([1])
    try stage.loop.close()
  }

  @Test func `TRANS-23 the end of the stream stands behind the buffer`() throws {
    let stage = try Stage((.send(fd: 5, count: 4), .number(1)))
    try stage.transport.write(pattern(4))
    stage.transport.writeEof()
    stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [3]), .number(2)))
    stage.turn(.write)
    stage.replay.kernel.expect(
      (.sendmsg(fd: 5, counts: [1]), .number(1)), (.shutdown(fd: 5, .write), .done))
    stage.turn(.write)
    stage.transport.writeEof()
    #expect(stage.writer == nil && !stage.transport.isClosing())
    try stage.loop.close()
  }

  @Test func `TRANS-23 the peer reads everything, and then the end`() throws {
    try inTime { loop in
      let diary = Diary()
      let (transport, peer) = try await made(loop, diary)
      let all = pattern(1_000_000)
      try transport.write(all)
      #expect(transport.getWriteBufferSize() > 0)
      transport.writeEof()
      #expect(try await loop.readAll(peer) == all)
      // And still answers.
      try peer.send("thanks")
      peer.close()
      try await diary.lost!.value()
      #expect(
        diary.entries == ["made", "pause", "resume", "data 6", "eof", "lost"])
    }
  }

  @Test func `a thousand pieces in one call, and hardly any stack`() throws {
    let stage = try Stage(
      (.send(fd: 5, count: 1), .error(EAGAIN)),
      (.sendmsg(fd: 5, counts: Array(repeating: 1, count: 1024)), .number(1024)),
      (.sendmsg(fd: 5, counts: Array(repeating: 1, count: 976)), .number(976)))
    for _ in 1...2000 { try stage.transport.write([7]) }
    try onSmallStack {
      stage.turn(.write)
      stage.turn(.write)
    }
    #expect(stage.transport.getWriteBufferSize() == 0)
    try stage.loop.close()
  }
}
