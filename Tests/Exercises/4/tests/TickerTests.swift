import Asyncio
import Support
import Testing

@testable import Exercise4

@Suite struct TickerTests {
  /// When it ticks, on a clock that moves as the loop waits and as `tick` takes its time.
  private func ticks(
    every interval: Double, until end: Double,
    _ tick: @escaping (Stage, Ticker, Int) -> Void = { _, _, _ in }
  ) throws -> [Double] {
    let stage = try Stage()
    var times: [Double] = []
    var ticker: Ticker?
    ticker = try Ticker(stage.loop, every: interval) {
      times.append(stage.loop.time())
      tick(stage, ticker!, times.count)
    }
    try stage.loop.callAt(end) { stage.loop.stop() }
    try stage.play()
    #expect(stage.troubles == [])
    return times
  }

  @Test func `it repeats`() throws {
    let times = try ticks(every: 1, until: 4.5)
    #expect(times == [1, 2, 3, 4])
  }

  @Test func `a tick that takes its time does not move the next one`() throws {
    let times = try ticks(every: 1, until: 4.5) { stage, _, _ in
      stage.kernel.time += 0.25
    }
    #expect(times == [1, 2, 3, 4])
  }

  @Test func `what was missed is left out`() throws {
    let times = try ticks(every: 1, until: 6.5) { stage, _, count in
      if count == 2 { stage.kernel.time += 2.5 }
    }
    #expect(times == [1, 2, 5, 6])
  }

  @Test func `cancelled means cancelled, from inside too`() throws {
    let times = try ticks(every: 1, until: 6.5) { _, ticker, count in
      if count == 2 { ticker.cancel() }
    }
    #expect(times == [1, 2])
  }
}
