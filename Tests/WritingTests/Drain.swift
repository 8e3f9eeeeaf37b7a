import CLibrary
import EventLoops
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing
import Transports

@testable import Streams

/// `drain`: what it waits for, and what it does not.
@Suite struct Drain {
  /// A wire with so many bytes in its buffer, which the kernel does not take.
  private func stuck(_ count: Int, high: Int, low: Int? = nil) throws -> Wire {
    let wire = try Wire((.send(fd: 5, count: count), .error(EAGAIN)))
    try wire.transport.setWriteBufferLimits(high: high, low: low)
    try wire.writer.write(pattern(count))
    return wire
  }

  private func waiters(_ wire: Wire) throws -> Int {
    try #require(wire.transport.getProtocol() as? StreamReaderProtocol).drainWaiters
      .count
  }

  @Test func `STRM-27 with room, drain gives no turn away`() throws {
    let wire = try Wire((.send(fd: 5, count: 10), .number(10)))
    let drained = try wire.begin { _, writer in
      var turns = 0
      try wire.replay.loop.callSoon { turns += 1 }
      try writer.write(pattern(10))
      for _ in 1...3 { try await writer.drain() }
      return turns
    }
    #expect(try drained.result() == 0)
  }

  @Test func `STRM-27 at the high mark there is room, and above it there is none`()
    throws
  {
    let wire = try stuck(10, high: 10, low: 4)
    #expect(try wire.drain().done())
    try wire.writer.write([1])
    let drain = try wire.drain()
    #expect(!drain.done())
    // Down to the low mark, and not just a bit.
    wire.replay.kernel.expect((.sendmsg(fd: 5, counts: [10, 1]), .number(6)))
    wire.turn(.write)
    #expect(!drain.done() && wire.transport.getWriteBufferSize() == 5)
    wire.replay.kernel.expect((.sendmsg(fd: 5, counts: [4, 1]), .number(1)))
    wire.turn(.write)
    try drain.result()
    // It is over, with bytes in the buffer.
    #expect(wire.transport.getWriteBufferSize() == 4)
  }

  @Test func `STRM-27 resumeWriting releases everybody, in order`() throws {
    let wire = try stuck(10, high: 0)
    var order: [Int] = []
    let drains = try (0..<5).map { number in
      try wire.begin { _, writer in
        try await writer.drain()
        order.append(number)
      }
    }
    #expect(try waiters(wire) == 5 && drains.allSatisfy { !$0.done() })
    wire.replay.kernel.expect((.sendmsg(fd: 5, counts: [10]), .number(10)))
    wire.turn(.write)
    for drain in drains { try drain.result() }
    #expect(try order == [0, 1, 2, 3, 4] && waiters(wire) == 0)
  }

  @Test func `M4 two drains at once`() throws {
    let wire = try stuck(10, high: 0)
    let (first, second) = (try wire.drain(), try wire.drain())
    #expect(!first.done() && !second.done())
    wire.replay.kernel.expect((.sendmsg(fd: 5, counts: [10]), .number(10)))
    wire.turn(.write)
    try first.result()
    try second.result()
    // And once more, for the list is as it was.
    wire.replay.kernel.expect((.send(fd: 5, count: 1), .error(EAGAIN)))
    try wire.writer.write([1])
    let (third, fourth) = (try wire.drain(), try wire.drain())
    #expect(try waiters(wire) == 2)
    wire.replay.kernel.expect((.sendmsg(fd: 5, counts: [1]), .number(1)))
    wire.turn(.write)
    try third.result()
    try fourth.result()
  }

  @Test(arguments: 0..<3)
  func `M4 who is cancelled takes itself off the list, and nobody else`(which: Int)
    throws
  {
    let wire = try stuck(10, high: 0)
    let drains = try (0..<3).map { _ in try wire.drain() }
    drains[which].cancel()
    wire.replay.settle()
    #expect(try drains[which].cancelled() && waiters(wire) == 2)
    #expect(drains.count { $0.done() } == 1)
    wire.replay.kernel.expect((.sendmsg(fd: 5, counts: [10]), .number(10)))
    wire.turn(.write)
    for (number, drain) in drains.enumerated() where number != which {
      try drain.result()
    }
    #expect(try waiters(wire) == 0 && wire.replay.reports.isEmpty)
  }

  @Test(arguments: [true, false])
  func `M4 cancelled and released in one turn`(cancelFirst: Bool) throws {
    let wire = try stuck(10, high: 0)
    let drains = try (0..<3).map { _ in try wire.drain() }
    let proto = try #require(wire.transport.getProtocol() as? StreamReaderProtocol)
    if cancelFirst { drains[1].cancel() }
    try proto.resumeWriting()
    if !cancelFirst { drains[1].cancel() }
    wire.replay.settle()
    #expect(drains[1].cancelled())
    try drains[0].result()
    try drains[2].result()
    #expect(proto.drainWaiters.isEmpty)
  }

  @Test func `M4 lost while many wait, one of them cancelled`() throws {
    for error in [nil, Mishap()] {
      let wire = try stuck(10, high: 0)
      let drains = try (0..<3).map { _ in try wire.drain() }
      drains[1].cancel()
      let proto = try #require(wire.transport.getProtocol() as? StreamReaderProtocol)
      try proto.connectionLost(error)
      wire.replay.settle()
      #expect(drains[1].cancelled() && proto.drainWaiters.isEmpty)
      for drain in [drains[0], drains[2]] {
        // Without an error the wait just ends; the next drain has bad news.
        if let error {
          #expect(throws: error) { try drain.result() }
        } else {
          try drain.result()
        }
      }
      #expect(wire.replay.reports.isEmpty)
    }
  }

  @Test func `drain while closing waits for the flush`() throws {
    let wire = try stuck(10, high: 0)
    wire.writer.close()
    let drain = try wire.drain()
    #expect(!drain.done())
    wire.replay.kernel.expect((.sendmsg(fd: 5, counts: [10]), .number(10)))
    wire.turn(.write)
    try drain.result()
    #expect(wire.isGone)
    let late = try wire.drain()
    #expect(errno(of: try late.exception()) == ECONNRESET)
  }

  @Test func `drain after close, with nothing left to send`() throws {
    let wire = try Wire()
    // As in asyncio: who drains a connection that is closed has made a mistake, even
    // if it ended well.
    wire.writer.close()
    let drain = try wire.drain()
    #expect(errno(of: try drain.exception()) == ECONNRESET && wire.isGone)
    let closed = try wire.begin { _, writer in try await writer.waitClosed() }
    try closed.result()
  }

  @Test func `an abort ends the wait`() throws {
    let wire = try stuck(10, high: 0)
    let drain = try wire.drain()
    wire.transport.abort()
    wire.replay.settle()
    try drain.result()
    #expect(wire.isGone && wire.replay.reports.isEmpty)
  }
}
