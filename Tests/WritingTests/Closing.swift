import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import Streams
import TestSupport
import Testing
import Transports

/// How a stream is closed, and how one waits for it.
@Suite struct Closing {
  @Test func `STRM-31 close, and waitClosed when it is gone`() throws {
    let wire = try Wire()
    #expect(!wire.writer.isClosing())
    let closing = try wire.replay.loop.createTask { [writer = wire.writer] in
      writer.close()
      #expect(writer.isClosing() && writer.transport.getProtocol() != nil)
      try await writer.waitClosed()
      #expect(writer.transport.getProtocol() == nil)
      writer.close()
      #expect(writer.isClosing())
    }
    wire.replay.settle()
    try closing.result()
    #expect(wire.isGone && wire.replay.reports.isEmpty)
  }

  @Test func `STRM-31 once it is gone, waitClosed gives no turn away`() throws {
    let wire = try Wire()
    let closing = try wire.begin { _, writer in
      try await writer.finish()
      var turns = 0
      try wire.replay.loop.callSoon { turns += 1 }
      for _ in 1...3 { try await writer.waitClosed() }
      return turns
    }
    #expect(try closing.result() == 0)
  }

  @Test func `STRM-31 waitClosed does not close`() throws {
    let wire = try Wire()
    let waiting = try wire.begin { _, writer in try await writer.waitClosed() }
    #expect(!waiting.done() && !wire.writer.isClosing())
    wire.writer.close()
    wire.replay.settle()
    try waiting.result()
  }

  @Test(arguments: [10, 200_000])
  func `STRM-31 incoming data that nobody reads are in nobody's way`(count: Int) throws
  {
    try inTime { loop in
      let reports = loop.reports()
      let (reader, writer, peer) = try await connected(loop)
      let sending = try loop.createTask {
        try await loop.sockSendall(peer, pattern(count))
      }
      try await loop.until { reader.state.bufferSize > 0 }
      // With much of it, the transport is paused.
      if count > 2 * StreamReader.defaultLimit {
        try await loop.until { !writer.transport.isReading() }
      }
      try await sending.value()
      try await writer.finish()
      #expect(reports.messages == [])
      // They are still there, as far as they had come, and then the end.
      let rest = try await reader.read()
      let (isRight, size) = (rest == pattern(rest.count), rest.count)
      #expect(isRight && size >= 10 && reader.atEof())
    }
  }

  @Test func `STRM-31 what was written before leaves first`() throws {
    try inTime { loop in
      let (_, writer, peer) = try await connected(loop)
      let all = pattern(2_000_000)
      try writer.writelines([Array(all[..<5]), [], Array(all[5...])])
      writer.close()
      // Closed is a wish: as long as something waits, more may join it, as in asyncio.
      try writer.write([1, 2, 3])
      let closing = try loop.createTask { try await writer.waitClosed() }
      try await loop.turns(5)
      #expect(!closing.done())
      let isAll = try await loop.readAll(peer) == all + [1, 2, 3]
      #expect(isAll)
      try await closing.value()
      // And now it leads nowhere. It is no error either.
      try writer.write([1, 2, 3])
    }
  }

  @Test func `M5 who reads hears of the end when the connection is lost, not before`()
    throws
  {
    let wire = try Wire((.send(fd: 5, count: 1), .error(EAGAIN)))
    try wire.writer.write([1])
    let reading = try wire.begin { reader, _ in try await reader.read(10) }
    wire.writer.close()
    wire.replay.settle()
    // Closed is a wish. The last byte has not left.
    #expect(!reading.done() && !wire.reader.atEof())
    wire.replay.kernel.expect((.sendmsg(fd: 5, counts: [1]), .number(1)))
    wire.turn(.write)
    #expect(try reading.result() == [] && wire.reader.atEof() && wire.isGone)
  }

  @Test(arguments: [true, false])
  func `M5 close the writer, and then read`(hasData: Bool) throws {
    let wire = try Wire()
    if hasData {
      wire.replay.kernel.expect((.recv(fd: 5, limit: 262_144), .bytes([1, 2])))
      wire.turn(.read)
    }
    wire.writer.close()
    let reading = try wire.begin { reader, _ in try await reader.read() }
    #expect(try reading.result() == (hasData ? [1, 2] : []))
  }

  @Test func `M9 a peer that does not read, a deadline, and another try`() throws {
    try inTime { loop in
      let (_, writer, peer) = try await connected(loop)
      let all = pattern(8_000_000)
      try writer.write(all)
      writer.close()
      // One loses patience.
      for _ in 1...2 {
        await #expect(throws: TimeoutError.self) {
          try await loop.waitFor(0) { try await writer.waitClosed() }
        }
      }
      // The others are not told that they were cancelled.
      let waiting = try (1...3).map { _ in
        try loop.createTask { try await writer.waitClosed() }
      }
      try await loop.sleep(0)
      waiting[1].cancel()
      await #expect(throws: CancellationError.self) { try await waiting[1].value() }
      #expect(!waiting[0].done() && !waiting[2].done())
      let isAll = try await loop.readAll(peer) == all
      #expect(isAll)
      try await waiting[0].value()
      try await waiting[2].value()
      try await writer.waitClosed()
    }
  }

  @Test func `M9 who loses patience leaves nothing behind`() throws {
    let wire = try Wire()
    let waiting = try (1...3).map { _ in
      try wire.begin { _, writer in try await writer.waitClosed() }
    }
    let proto = try #require(wire.transport.getProtocol())
    /// One callback on the shared future for each.
    func waiters() -> Int? {
      (Mirror(reflecting: proto).descendant("closed") as? Future<Void>)?
        .doneCallbacks.count
    }
    #expect(waiters() == 3)
    waiting[1].cancel()
    wire.replay.settle()
    #expect(waiting[1].cancelled() && waiters() == 2)
    wire.writer.close()
    wire.replay.settle()
    try waiting[0].result()
    try waiting[2].result()
    #expect(waiters() == 0)
  }

  @Test func `M6 abort is the way out`() throws {
    try inTime { loop in
      let (_, writer, peer) = try await connected(loop)
      try writer.write(pattern(8_000_000))
      writer.close()
      await #expect(throws: TimeoutError.self) {
        try await loop.waitFor(0) { try await writer.waitClosed() }
      }
      writer.transport.abort()
      try await writer.waitClosed()
      #expect(writer.transport.getWriteBufferSize() == 0)
      let received = try await loop.readAll(peer).count
      #expect(received < 8_000_000)
    }
  }

  @Test(arguments: [true, false])
  func `M9 cancelled in the turn in which the connection is lost`(cancelFirst: Bool)
    throws
  {
    let wire = try Wire()
    let waiting = try (1...2).map { _ in
      try wire.begin { _, writer in try await writer.waitClosed() }
    }
    wire.writer.close()
    if cancelFirst { waiting[0].cancel() }
    wire.replay.loop.runOnce()
    if !cancelFirst { waiting[0].cancel() }
    wire.replay.settle()
    #expect(waiting[0].cancelled())
    try waiting[1].result()
    #expect(wire.replay.reports.isEmpty)
  }

  @Test func `write after writeEof is refused, and close works`() throws {
    let wire = try Wire((.send(fd: 5, count: 1), .number(1)))
    #expect(wire.writer.canWriteEof())
    try wire.writer.write([1])
    wire.replay.kernel.expect((.shutdown(fd: 5, .write), .done))
    wire.writer.writeEof()
    wire.writer.writeEof()
    #expect(throws: RuntimeError.self) { try wire.writer.write([2]) }
    #expect(throws: RuntimeError.self) { try wire.writer.writelines([[2]]) }
    #expect(try wire.drain().done() && !wire.writer.isClosing())
    try wire.begin { _, writer in try await writer.finish() }.result()
    #expect(wire.isGone)
  }
}
