// Exercise 4: a timer that repeats, and does not drift.

import Asyncio

/// Calls `tick` at each full interval since its beginning, until it is cancelled. What
/// was missed, because the loop had other things to do, is left out.
public final class Ticker {
  private let loop: EventLoop
  private let interval: Double
  private let tick: () -> Void
  private let begin: Double
  /// How many intervals lie behind the last call.
  private var count = 0.0
  private var isCancelled = false
  private var timer: TimerHandle?

  /// - Parameter interval: in seconds.
  public init(
    _ loop: EventLoop, every interval: Double, _ tick: @escaping () -> Void
  ) throws {
    self.loop = loop
    self.interval = interval
    self.tick = tick
    begin = loop.time()
    try schedule()
  }

  /// By the clock, and not by the last call. A timer may be early by the clock's
  /// resolution, so the next interval is never the same as the last one.
  private func schedule() throws {
    let past = ((loop.time() - begin) / interval).rounded(.down)
    count = max(count, past) + 1
    timer = try loop.callAt(begin + count * interval, "tick") { [self] in
      tick()
      if !isCancelled { try schedule() }
    }
  }

  /// The timer that runs at this moment cannot be cancelled any more; what can be
  /// prevented is the next one.
  public func cancel() {
    isCancelled = true
    timer?.cancel()
  }
}
