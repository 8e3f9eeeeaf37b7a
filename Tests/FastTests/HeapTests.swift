import EventLoops
import Simulation
import TestSupport
import Testing

/// The timers' heap: whatever goes in and is called off, it comes out in order.
@Suite struct HeapTests {
  @Test(arguments: [1, 2, 3, 7, 100, 1000])
  func `any schedule runs in order, whatever is called off`(count: Int) throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var dice = Dice(count)
    var log: [Int] = []
    // Few instants, so that many share one.
    let timers = try (0..<count).map { number in
      try loop.callAt(Double(1 + dice.next(20))) { log.append(number) }
    }
    var expected = Array(timers.enumerated())
    for _ in 1...3 {
      // Two thirds, so that they are swept; what is left is another heap.
      let dead = expected.filter { _ in dice.next(3) > 0 }
      for (_, timer) in dead { timer.cancel() }
      expected.removeAll { $0.element.cancelled() }
      try loop.callSoon { loop.stop() }
      try loop.runForever()
    }
    expected.sort { ($0.element.when(), $0.offset) < ($1.element.when(), $1.offset) }
    #expect(
      loop.scheduled.elements.filter { !$0.cancelled() }.map(\.name.id)
        == expected.map(\.element.name.id))
    stage.kernel.time = 20
    stage.selector.report([:])
    loop.runOnce()
    #expect(log == expected.map(\.offset))
    #expect(loop.scheduled.isEmpty)
  }
}
