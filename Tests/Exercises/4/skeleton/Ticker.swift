// Exercise 4: a timer that repeats, and does not drift.

import Asyncio

/// Calls `tick` at each full interval since its beginning, until it is cancelled. What
/// was missed, because the loop had other things to do, is left out.
public final class Ticker {
  private let loop: EventLoop
  private let interval: Double
  private let tick: () -> Void
  private var timer: TimerHandle?

  /// - Parameter interval: in seconds.
  public init(
    _ loop: EventLoop, every interval: Double, _ tick: @escaping () -> Void
  ) throws {
    self.loop = loop
    self.interval = interval
    self.tick = tick
    try schedule()
  }

  // Your turn. This is late by as much as `tick` takes, each time once more. And `tick`
  // may call `cancel`.
  private func schedule() throws {
    timer = try loop.callLater(interval, "tick") { [self] in
      tick()
      try schedule()
    }
  }

  public func cancel() { timer?.cancel() }
}
