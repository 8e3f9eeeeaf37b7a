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

/// The peer is gone, and who writes has to hear of it.
@Suite struct DeadPeers {
  @Test func `M3 drain lets the bad news in`() throws {
    let wire = try Wire((.send(fd: 5, count: 4), .error(EPIPE)))
    var (rounds, turnsOfOthers) = (0, 0)
    let writing = try wire.begin { _, writer in
      try wire.replay.loop.callSoon { turnsOfOthers += 1 }
      // For ever, if nobody says anything. A thousand is enough to see that.
      while rounds < 1000 {
        rounds += 1
        try writer.write([1, 2, 3, 4])
        try await writer.drain()
      }
    }
    #expect(errno(of: try writing.exception()) == ECONNRESET)
    #expect(rounds == 1 && turnsOfOthers == 1 && wire.isGone)
    // Not a word of EPIPE: drain had looked for it before it gave its turn away. The
    // second one sees it.
    #expect(errno(of: try wire.drain().exception()) == EPIPE)
    #expect(wire.replay.reports.isEmpty)
  }

  @Test func `M3 a connection that is lost without an error`() throws {
    let wire = try Wire()
    var rounds = 0
    let writing = try wire.begin { _, writer in
      writer.transport.abort()
      while rounds < 1000 {
        rounds += 1
        try writer.write([1])
        try await writer.drain()
      }
    }
    #expect(errno(of: try writing.exception()) == ECONNRESET && rounds == 1)
    #expect(wire.isGone)
  }

  @Test func `M3 who is cancelled in that turn is cancelled`() throws {
    let wire = try Wire((.send(fd: 5, count: 1), .error(EPIPE)))
    let drain = try wire.replay.loop.createTask { [writer = wire.writer] in
      try writer.write([1])
      try await writer.drain()
    }
    wire.replay.loop.runOnce()
    #expect(!drain.done())
    drain.cancel()
    wire.replay.settle()
    #expect(drain.cancelled())
  }

  @Test(arguments: ["closed", "reset", "unread"])
  func `STRM-28 a loop of write and drain ends`(how: String) throws {
    try inTime { loop in
      let reports = loop.reports()
      let (client, accepted) = try tcpPair()
      let (reader, writer) = try await loop.openConnection(sock: accepted)
      // Unread data turn a close into a reset, too.
      if how == "unread" { try writer.write([1]) }
      if how == "reset" { try client.setsockopt(.linger, 0) }
      client.close()
      let error = await #expect(throws: SystemError.self) {
        for _ in 1...100_000 {
          try writer.write("tick".bytes)
          try await writer.drain()
        }
      }
      #expect([ECONNRESET, EPIPE].contains(error?.errno))
      #expect(writer.isClosing() && reports.messages == [])
      // From now on drain says why.
      let reason = try #require(errno(of: reader.exception()))
      let again = await #expect(throws: SystemError.self) { try await writer.drain() }
      #expect(again?.errno == reason)
    }
  }

  @Test func `STRM-28 the peer goes while drain waits`() throws {
    try inTime { loop in
      let reports = loop.reports()
      let (client, accepted) = try tcpPair()
      let (_, writer) = try await loop.openConnection(sock: accepted)
      try writer.write([UInt8](repeating: 1, count: 20_000_000))
      let drains = try (1...3).map { _ in
        try loop.createTask { try await writer.drain() }
      }
      try await loop.turns(5)
      #expect(drains.allSatisfy { !$0.done() })
      try client.setsockopt(.linger, 0)
      client.close()
      for drain in drains {
        let error = await #expect(throws: SystemError.self) { try await drain.value() }
        #expect(error?.errno == ECONNRESET)
      }
      #expect(writer.transport.getWriteBufferSize() == 0 && reports.messages == [])
    }
  }

  @Test func `STRM-34 lost with an error: everybody who waits is told`() throws {
    let wire = try Wire((.send(fd: 5, count: 1), .error(EAGAIN)))
    try wire.transport.setWriteBufferLimits(high: 0)
    try wire.writer.write([1])
    let reading = try wire.begin { reader, _ in _ = try await reader.readline() }
    let draining = try wire.drain()
    let closing = try (1...2).map { _ in
      try wire.begin { _, writer in try await writer.waitClosed() }
    }
    let waiting = [reading, draining] + closing
    #expect(waiting.allSatisfy { !$0.done() })
    wire.replay.kernel.expect((.recv(fd: 5, limit: 262_144), .error(ETIMEDOUT)))
    wire.turn(.read)
    for task in waiting {
      #expect(throws: SystemError(ETIMEDOUT, in: "recv")) { try task.result() }
    }
    #expect(wire.isGone && wire.replay.reports.isEmpty)
  }

  @Test func `STRM-34 and everybody who asks later, as often as they ask`() throws {
    let wire = try Wire((.recv(fd: 5, limit: 262_144), .error(ETIMEDOUT)))
    wire.turn(.read)
    for _ in 1...2 {
      for task in [
        try wire.begin { reader, _ in _ = try await reader.read() },
        try wire.begin { _, writer in try await writer.waitClosed() },
        try wire.drain(),
      ] {
        #expect(throws: SystemError(ETIMEDOUT, in: "recv")) { try task.result() }
      }
    }
    // Nobody had asked when it happened, and that is no reason to complain.
    #expect(wire.isGone && wire.replay.reports.isEmpty)
  }

  @Test func `STRM-34 closed, and broken while it flushes`() throws {
    let wire = try Wire(
      (.send(fd: 5, count: 2), .error(EAGAIN)),
      (.sendmsg(fd: 5, counts: [2]), .error(EPIPE)))
    try wire.writer.write([1, 2])
    let closing = try wire.begin { _, writer in try await writer.finish() }
    #expect(!closing.done() && wire.writer.isClosing())
    wire.turn(.write)
    #expect(throws: SystemError(EPIPE, in: "sendmsg")) { try closing.result() }
    #expect(wire.isGone)
  }
}
