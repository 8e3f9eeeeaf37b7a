import Sockets

extension EventLoop {
  // [sleep]
  /// Suspends the task for `delay` seconds.
  ///
  /// With 0 or less it gives up one turn and no more: whatever is queued already
  /// runs first.
  ///
  /// - Parameter delay: seconds; an infinite one lasts until somebody cancels.
  /// - Throws: `CancellationError` if the task is cancelled while it sleeps;
  ///   `ValueError` if the delay is not a number.
  ///
  /// asyncio: tasks.sleep
  public func sleep(
    _ delay: Double, file: StaticString = #fileID, line: UInt = #line
  ) async throws {
    try checkTime(delay, "a delay")
    if delay <= 0 { return try await yieldOneTurn(CallSite(file, line)) }
    let future = Future<Void>(self, file: file, line: line)
    let timer = try callLater(delay, "sleep", file: file, line: line) {
      // The timer may be due in the turn in which the task is cancelled.
      try future.setResultUnlessCancelled((), file: file, line: line)
    }
    defer { timer.cancel(file: file, line: line) }
    try await future.value(file: file, line: line)
  }

  /// The same, with a value to return afterwards.
  ///
  /// asyncio: tasks.sleep
  public func sleep<Value>(
    _ delay: Double, result: Value, file: StaticString = #fileID, line: UInt = #line
  ) async throws -> Value {
    try await sleep(delay, file: file, line: line)
    return result
  }

  /// asyncio: tasks.__sleep0
  private func yieldOneTurn(_ site: CallSite) async throws {
    try checkCaller("sleep")
    guard let task = current else {
      // A child task. `Task.yield` would not do: it takes two turns.
      return await withUnsafeContinuation {
        enqueue(wakeup(ofChild: $0, site), site)
      }
    }
    await withUnsafeContinuation { task.suspendForOneTurn($0, site) }
    try task.throwIfCancelled()
  }

  // [wait-for]
  /// Runs `body`, and cancels what it waits for when the time is up.
  ///
  /// When a result and the deadline meet in the same turn, one of them has to be
  /// dropped. Since 3.12 asyncio drops the result, and so does this: whoever makes
  /// something in `body` that must be closed has to close it there (F2).
  ///
  /// With no time at all the body still runs up to its first wait, as in
  /// `asyncio.timeout(0)`; `asyncio.wait_for` does not even begin it.
  ///
  /// - Parameters:
  ///   - timeout: seconds; `nil` waits without limit.
  ///   - body: what to wait for; it runs in the current task.
  /// - Throws: `TimeoutError` when the time was up; `ValueError` if the timeout is not a
  ///   number; what the body throws.
  ///
  /// asyncio: tasks.wait_for, timeouts.Timeout
  public func waitFor<Value>(
    _ timeout: Double?, file: StaticString = #fileID, line: UInt = #line,
    _ body: () async throws -> Value
  ) async throws -> Value {
    guard let timeout else { return try await body() }
    try checkTime(timeout, "a timeout")
    try checkCaller("waitFor")
    guard let task = current else {
      throw RuntimeError("waitFor needs a task of this loop: use loop.createTask")
    }
    let before = task.cancelling()
    var isExpired = false
    let expire = {
      isExpired = true
      _ = task.cancel(file: file, line: line)
    }
    // No time at all is no business for a timer: it would be queued behind what
    // this turn still queues, and a late result would be in time.
    let timer =
      timeout > 0
      ? try callLater(timeout, "waitFor", file: file, line: line, expire)
      : try callSoon("waitFor", file: file, line: line, expire)
    defer { if !isExpired { timer.cancel(file: file, line: line) } }
    do {
      let value = try await body()
      if isExpired { _ = task.uncancel() }
      return value
    } catch let error where isExpired {
      // Whatever the body made of it, our request is taken back; a `waitFor`
      // around this one counts them.
      let left = task.uncancel()
      // It was ours, and it ends here; unless somebody else has asked as well.
      if error is CancellationError && left <= before { throw TimeoutError() }
      throw error
    }
  }
}

/// The time that `waitFor` was given is over.
///
/// asyncio: TimeoutError
public struct TimeoutError: Error, Equatable, CustomStringConvertible {
  /// Makes the error.
  public init() {}
  /// For people.
  public var description: String { "the time is up" }
}
