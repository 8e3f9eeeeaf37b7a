import CLibrary
import Selectors
public import Sockets

// The numbers are asyncio's, from base_events.py.

/// No wait is longer than a day: epoll takes 32 bits of milliseconds, and a timer a
/// month away would overflow them (L7c: aiohttp#967, in 2016).
private let maximumSelectTimeout = 24 * 3600.0
/// Below this many timers, dead ones are not worth a sweep.
private let minScheduledTimerHandles = 100
/// Above this share of dead ones, they are.
private let minCancelledTimerHandlesFraction = 0.5

extension EventLoop {
  // [run-once]
  /// One turn: wait, queue what has become ready, run what is queued.
  ///
  /// asyncio: BaseEventLoop._run_once
  func iterate() {
    collectInbox()  // in case that its wake-up was drained with another one
    sweepTimers()

    // [run-once.timeout]
    // How long may the loop sleep? Not at all if somebody waits in the queue.
    // Otherwise until the first timer. Otherwise until the kernel has news: and it
    // does ask the kernel even if nothing is registered but the self-pipe, since
    // another thread may call any moment (L1: python/asyncio#11, in 2013).
    var timeout: Double?
    if !ready.isEmpty || isStopping {
      timeout = 0
    } else if let first = scheduled.first {
      timeout = min(max(0, first.when() - time()), maximumSelectTimeout)
    }
    #if DEBUG
      if timeout == nil { warnIfStuck() }
    #endif
    if debug && timeout != 0 { reportClosedSockets() }

    // [run-once.select]
    // Here the thread sleeps, for everybody at once.
    let readyKeys = select(timeout, CallSite())

    // What other threads left for us while we slept, then what the kernel reported.
    collectInbox()
    processEvents(readyKeys)

    // [run-once.timers]
    // A timer counts as due one tick of the clock early. And one tick must be a
    // tick: after months of uptime `now + 1 ns` rounds back to `now`, a timer due
    // exactly now is then not due, and costs one more turn (L7b: gh-145703).
    let now = time()
    let end = max(now + clockResolution, now.nextUp)
    while let timer = scheduled.first, timer.when() < end {
      scheduled.removeFirst()
      timer.isScheduled = false
      if timer.cancelled() { timerCancelledCount -= 1 }
      tell(.timerDue(timer.name), timer, CallSite())
      enqueue(timer, CallSite())
    }

    // [run-once.batch]
    // The number is fixed before the first one runs. Whatever these callbacks
    // queue waits for the next turn, after another look at the kernel: a callback
    // that queues itself for ever would otherwise starve every socket (L2a).
    for _ in 0..<ready.count {
      guard let handle = ready.popFirst() else { break }
      // Called off while it stood in the queue, by one that stood before it.
      if handle.cancelled() {
        tell(.handleSkipped(handle.name), handle, CallSite())
        continue
      }
      tell(.handleRun(handle.name), handle, handle.site)
      handle.run()
    }
  }

  // [run-once.sweep]
  /// Throws cancelled timers away: those at the front always, those in between
  /// only when they are many. A `waitFor` that ends in time leaves one behind, and
  /// a busy server a million of them (L8: bpo-22448, in 2014).
  private func sweepTimers() {
    let dead = Double(timerCancelledCount) / Double(max(1, scheduled.count))
    if scheduled.count > minScheduledTimerHandles
      && dead > minCancelledTimerHandlesFraction
    {
      for timer in scheduled.removeCancelled() { drop(timer, CallSite()) }
      timerCancelledCount = 0
    } else {
      while let timer = scheduled.first, timer.cancelled() {
        scheduled.removeFirst()
        timerCancelledCount -= 1
        drop(timer, CallSite())
      }
    }
  }

  private func drop(_ timer: TimerHandle, _ site: CallSite) {
    timer.isScheduled = false
    tell(.timerDropped(timer.name), timer, site)
  }

  /// asyncio: BaseEventLoop._timer_handle_cancelled
  func timerHandleCancelled() { timerCancelledCount += 1 }

  /// Asks the selector. One that cannot be asked leaves the loop blind, and there is
  /// nothing that could go on.
  private func select(
    _ timeout: Double?, _ site: CallSite
  ) -> [(key: SelectorKey, events: Events)] {
    tell(.selectEntered(timeout: timeout), nil, site)
    do {
      let readyKeys = try selector.select(timeout: timeout, site)
      tell(.selectReturned(readyKeys.map(ReadyDescriptor.init)), nil, site)
      return readyKeys
    } catch {
      fatalError("the event loop cannot ask its selector any more: \(error)")
    }
  }

  /// One turn, for tests that want to look around after each.
  package func runOnce() {
    onThisThread { iterate() }
  }

  // MARK: Many turns

  // [run-forever]
  /// Runs the loop until `stop()` is called.
  ///
  /// - Throws: `RuntimeError` if the loop is closed, or if it, or another loop in
  ///   this thread, is running already.
  ///
  /// asyncio: BaseEventLoop.run_forever
  public func runForever() throws(RuntimeError) {
    try checkClosed()
    try checkRunning()
    onThisThread {
      // `stop` only leaves a note, and the note is read between two turns. Leaving
      // in the middle of one would forget that its events are queued already, and
      // queue them a second time after a restart (L3: bpo-25593, in 2015).
      repeat { iterate() } while !isStopping
      isStopping = false
    }
  }

  /// Runs the loop until `future` is done.
  ///
  /// - Returns: the future's result.
  /// - Throws: the future's error; `RuntimeError` as `runForever` does, and if the
  ///   loop was stopped before the future was done; `ValueError` if the future is
  ///   another loop's.
  ///
  /// asyncio: BaseEventLoop.run_until_complete
  public func runUntilComplete<Value>(
    _ future: Future<Value>, file: StaticString = #fileID, line: UInt = #line
  ) throws -> Value {
    try checkClosed()
    try checkRunning()
    if future.loop !== self {
      throw ValueError("\(future.name.label) belongs to another event loop")
    }
    let done = future.addDoneCallback("stop", file: file, line: line) { [self] _ in
      stop()
    }
    defer { future.removeDoneCallback(done, file: file, line: line) }
    try runForever()
    if !future.done() {
      throw RuntimeError(
        "the event loop was stopped before \(future.name.label) was done")
    }
    return try future.result()
  }

  /// Runs the loop until a task made from `body` is done.
  ///
  /// - Returns: what the body returned.
  /// - Throws: what the body threw, or a `RuntimeError`.
  ///
  /// asyncio: BaseEventLoop.run_until_complete
  public func runUntilComplete<Value>(
    file: StaticString = #fileID, line: UInt = #line,
    _ body: sending @escaping () async throws -> Value
  ) throws -> Value {
    try checkClosed()
    try checkRunning()
    return try runUntilComplete(
      createTask(file: file, line: line, body), file: file, line: line)
  }

  /// Ends the run after the current turn. Before a run, lets it have one turn.
  ///
  /// asyncio: BaseEventLoop.stop
  public func stop(file: StaticString = #fileID, line: UInt = #line) {
    isStopping = true
    tell(.stopRequested, nil, CallSite(file, line))
  }

  /// Whether a thread is inside `runForever` or `runUntilComplete`.
  ///
  /// asyncio: BaseEventLoop.is_running
  public func isRunning() -> Bool { executor.isRunning }

  /// asyncio: BaseEventLoop._check_running
  private func checkRunning() throws(RuntimeError) {
    if isRunning() { throw RuntimeError("this event loop is already running") }
    if EventLoop.running != nil {
      throw RuntimeError("this thread runs another event loop already")
    }
  }

  // [close]
  /// Ends the loop for good. A second call does nothing.
  ///
  /// Unlike asyncio's, it first cancels the tasks that are left and runs until
  /// they are gone: a suspended Swift task that nobody resumes keeps itself, the
  /// loop, and its sockets alive for ever. As in asyncio, it does not wait for the
  /// threads of `runInExecutor`.
  ///
  /// - Throws: `RuntimeError` while the loop runs.
  ///
  /// asyncio: BaseSelectorEventLoop.close, BaseEventLoop.close
  public func close(file: StaticString = #fileID, line: UInt = #line)
    throws(RuntimeError)
  {
    if isRunning() { throw RuntimeError("stop the event loop before closing it") }
    if isClosed() { return }
    let site = CallSite(file, line)
    endTasks(site)
    for (_, owner) in owners.sorted(by: { $0.key < $1.key }) {
      owner.abandon(site)  // asyncio leaves them to the finaliser
    }
    closeSelfPipe(site)
    markClosed()
    while ready.popFirst() != nil {}
    scheduled = TimerHeap()
    jobs = [:]
    leaveWorkers()
    owners = [:]  // they hold the loop, so the loop must not hold them
    executor.close()
    selector.close(site)
  }

  private func endTasks(_ site: CallSite) {
    if tasks.isEmpty { return }
    // [close.call-off]
    // The turns below are for the tasks. In asyncio nothing runs any more once `close`
    // was called; so what was queued, scheduled or watched up to here, and is no step of
    // a task, is called off. What the tasks themselves set going as they end, runs.
    collectInbox()
    var others = ready.elements.filter { !$0.isStep } + scheduled.elements
    for fd in selector.keys.keys.sorted() where fd != executor.selfPipe.readEnd {
      let handlers = handlers(of: fd)
      others += [handlers?.reader, handlers?.writer].compactMap(\.self)
    }
    for handle in others { handle.cancel(file: site.file, line: site.line) }

    // A task may answer its cancellation with another wait: cancel that too. Each
    // round may take 10 ms, for what has to come back from outside the loop. A task
    // that never gives in is reported, and leaks; should Swift bring it back one day,
    // the executor ends the program with a word.
    for _ in 0..<100 where !tasks.isEmpty {
      for task in allTasks() { task.cancel(file: site.file, line: site.line) }
      var isOver = false
      let limit = try? callLater(0.01, "close", file: site.file, line: site.line) {
        isOver = true  // also where a callback that queues itself keeps us busy
      }
      repeat { runOnce() } while !ready.isEmpty && !tasks.isEmpty && !isOver
      limit?.cancel(file: site.file, line: site.line)
    }
    for task in allTasks() {
      callExceptionHandler(
        ExceptionContext("\(task.name.label) was still pending at close", future: task))
    }
  }
}
