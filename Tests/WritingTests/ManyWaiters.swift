import CLibrary
import EventLoops
import Simulation
import TestSupport
import Testing
import Transports

@testable import Streams

/// Thousands of tasks wait for one connection. Whoever stops to wait has to get off the
/// list, and must not look for their place on it.
@Suite struct ManyWaiters {
  enum Wait: CaseIterable { case drain, waitClosed }
  enum End: CaseIterable { case together, lastFirst }

  /// What so many of them cost, in seconds that this thread has worked.
  private func cost(_ count: Int, _ wait: Wait, _ end: End) throws -> Double {
    let wire = try Wire((.send(fd: 5, count: 1), .error(EAGAIN)))
    try wire.transport.setWriteBufferLimits(high: 0)
    try wire.writer.write([1])
    let loop = wire.replay.loop
    let proto = try #require(wire.transport.getProtocol() as? StreamReaderProtocol)
    let start = working()
    let tasks = try (0..<count).map { _ in
      try loop.createTask { [writer = wire.writer] in
        switch wait {
        case .drain: try await writer.drain()
        case .waitClosed: try await writer.waitClosed()
        }
      }
    }
    wire.replay.settle()
    try #require(tasks.allSatisfy { !$0.done() })
    switch end {
    case .together: try proto.connectionLost(nil)
    case .lastFirst: for task in tasks.reversed() { task.cancel() }
    }
    wire.replay.settle()
    try #require(tasks.allSatisfy { $0.done() })
    #expect(proto.drainWaiters.isEmpty)
    return working() - start
  }

  private func working() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  @Test(arguments: Wait.allCases, End.allCases)
  func `eight times as many cost eight times as much, and not sixty-four`(
    _ wait: Wait, _ end: End
  ) throws {
    // A machine that does something else meanwhile makes it dearer, never cheaper.
    var few = Double.infinity
    var many = Double.infinity
    for _ in 1...2 {
      few = try min(few, cost(1_000, wait, end))
      many = try min(many, cost(8_000, wait, end))
      if many < 24 * few { return }
    }
    Issue.record("1,000 cost \(few) s, 8,000 cost \(many) s")
  }
}
