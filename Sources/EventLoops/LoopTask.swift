import Sockets

/// A task, whatever the type of its result.
///
/// asyncio: tasks.Task
public protocol AnyTask: AnyFuture {
  /// How many `cancel()` calls have not been taken back.
  func cancelling() -> Int
  /// Takes one `cancel()` back; returns how many are left.
  func uncancel() -> Int
}

/// What the loop does with a task, step by step. Nobody else's business.
protocol SteppedTask: AnyTask {
  /// The task's code waits for `future`.
  func suspend(
    on future: AnyFuture, _ continuation: UnsafeContinuation<Void, Never>,
    _ site: CallSite)
  /// The task's code gives up its turn and nothing else.
  func suspendForOneTurn(
    _ continuation: UnsafeContinuation<Void, Never>, _ site: CallSite)
  /// The task's code waits for something that the loop knows nothing of.
  func leave()
  /// Throws if somebody cancelled the task while it could not be told.
  func throwIfCancelled() throws
  /// Its next step is on its way, whoever brings it.
  var isQueuedBySwift: Bool { get set }
  /// The line on which its code goes on: the last `await`, or the task's making.
  var resumeSite: CallSite { get }
  /// It waits for something that the loop knows nothing of.
  var isOutside: Bool { get }
  /// What it waits for, if it waits.
  var waiter: AnyFuture? { get }
  /// The two halves of `cancel`: count the request, and make it felt.
  func noteCancelRequest(_ site: CallSite)
  func deliverCancel(_ site: CallSite)
}

/// A body of `async` code that the loop runs, a step at a time, from one `await`
/// to the next. It is a future too: others can await its result.
///
/// In Python a task drives a coroutine with `coro.send(None)`. Swift has no such
/// call, but it has the two halves of one: a *continuation*, which is a suspended
/// body that can be told to go on, and an *executor*, to which the runtime then
/// hands the job of running it. A step here is: tell the continuation, catch the
/// job, run it there and then. When that returns, the body is suspended again.
///
/// asyncio: tasks.Task
public final class LoopTask<Value>: Future<Value>, SteppedTask {
  /// All steps that a future or the loop queues are this one handle, again and again.
  private var step: Handle!
  /// What the task waits for, if it waits. (asyncio: `_fut_waiter`)
  private(set) var waiter: AnyFuture?
  /// A cancellation that could not be delivered yet. (asyncio: `_must_cancel`)
  private var mustCancel = false
  private var cancelRequests = 0
  /// The suspended body, and before its first step, the job that begins it.
  private var continuation: UnsafeContinuation<Void, Never>?
  private var firstJob: UnownedJob?
  private var swiftTask: Task<Void, Never>?
  private var jobID: JobID?
  var isQueuedBySwift = false
  private(set) var resumeSite: CallSite

  // [task.init]
  /// Makes the Swift task, catches the job that would begin it, and queues a first
  /// step instead. The body has not run a single line when this returns.
  ///
  /// asyncio: tasks.Task.__init__
  init(
    _ label: Label, _ loop: EventLoop, _ site: CallSite,
    _ body: @escaping () async throws -> Value
  ) {
    resumeSite = site
    super.init(label, loop, site)
    step = Handle(label.wakeUp, loop, site, isStep: true) { [unowned self] in
      runStep()
    }
    // The body belongs to this thread and stays there; Swift cannot know.
    nonisolated(unsafe) let (me, body) = (self, body)
    let job = loop.executor.catching {
      swiftTask = Task(executorPreference: loop.executor) { await me.run(body) }
    }
    guard let job else {
      fatalError("\(name.label) does not start on its loop: \(foreignTaskAdvice)")
    }
    firstJob = job
    jobID = JobID(job)
    loop.tasks[JobID(job)] = self
    loop.tell(.taskCreated(name), self, site)
    loop.enqueue(step, site)
  }

  // [task.run]
  /// The outermost frame of the body: turns its end into the task's outcome.
  ///
  /// asyncio: tasks.Task.__step_run_and_handle_result
  @inline(__always)  // as `AnyFuture.wait`
  private func run(_ body: () async throws -> Value) async {
    do {
      try throwIfCancelled()  // cancelled before the first step: it never begins
      let value = try await body()
      try throwIfCancelled()  // cancelled by its own last line
      finish { settle(with: value, site) }
    } catch is CancellationError {
      finish { settle(.cancelled, site) }
    } catch {
      finish { settle(throwing: error, site) }
    }
  }

  private func finish(_ settle: () -> Void) {
    checkNobodyWaits()
    loop.tell(.taskFinished(name), self, site)
    loop.tasks[jobID!] = nil
    settle()
  }

  // [task.step]
  /// Lets the body run until it suspends again, or ends.
  ///
  /// asyncio: tasks.Task.__step, tasks.Task.__wakeup
  private func runStep() {
    // A task that is woken up has seen how its future ended, also if it was cancelled
    // meanwhile and never gets to look at it.
    waiter?.markSeen()
    waiter = nil
    var job = firstJob
    firstJob = nil
    if let continuation {
      self.continuation = nil
      // Resuming makes the runtime hand the body's job to the executor, at once
      // and in this thread. That is the job we want.
      job = loop.executor.catching { continuation.resume() }
    }
    guard let job else {
      fatalError(
        "\(name.label) was awaited in a foreign Swift task: \(foreignTaskAdvice)")
    }
    loop.run(job, as: self)
  }

  // [task.suspend]
  /// The body awaits `future`. The continuation is kept here, and the step goes on
  /// the future's list: a wake-up is one more done-callback, behind those that were
  /// attached before it. On that order the clean-up of every socket operation
  /// relies (C2, C5).
  ///
  /// asyncio: the end of tasks.Task.__step_run_and_handle_result
  func suspend(
    on future: AnyFuture, _ continuation: UnsafeContinuation<Void, Never>,
    _ site: CallSite
  ) {
    keep(continuation, site)
    waiter = future
    future.attach(step, site)
    loop.tell(.taskSuspended(name, on: future.name), self, site)
    // A cancellation that came when there was nothing to cancel: now there is.
    if mustCancel && future.cancelWait(of: step, site) { mustCancel = false }
  }

  /// asyncio: the branch for a bare `yield` in tasks.Task.__step_run_and_handle_result
  func suspendForOneTurn(
    _ continuation: UnsafeContinuation<Void, Never>, _ site: CallSite
  ) {
    keep(continuation, site)
    loop.tell(.taskSuspended(name, on: nil), self, site)
    loop.enqueue(step, site)
  }

  /// There is one body, and it waits for one thing at a time. Whoever comes second
  /// runs under the task's name without being it: a `Task.immediate` inside the body.
  private func keep(
    _ continuation: UnsafeContinuation<Void, Never>, _ site: CallSite
  ) {
    checkNobodyWaits()
    self.continuation = continuation
    resumeSite = site
  }

  private func checkNobodyWaits() {
    if continuation != nil {
      fatalError(
        "\(name.label) was awaited in a foreign Swift task: \(foreignTaskAdvice)")
    }
  }

  // MARK: Cancellation

  // [task.cancel]
  /// Asks the body to stop: what it waits for is cancelled, and so its `await`
  /// throws `CancellationError`. The body may clean up, and it may refuse.
  ///
  /// This is an event and not a state. Once the error is caught, later awaits work
  /// as usual; Swift's own `Task.isCancelled`, by contrast, stays true for ever.
  ///
  /// - Returns: false if the task is done already.
  ///
  /// asyncio: tasks.Task.cancel
  @discardableResult
  public override func cancel(
    file: StaticString = #fileID, line: UInt = #line
  ) -> Bool {
    markSeen()
    if done() { return false }
    let site = CallSite(file, line)
    noteCancelRequest(site)
    // We may wait for a task that waits for a task, and so on: each is asked, and the
    // last one cancels what it waits for. A loop, because the row may be long; it has
    // an end, because it may be a circle, of tasks that wait for one another.
    var last: any SteppedTask = self
    for _ in 0..<loop.tasks.count {
      guard let next = last.waiter as? any SteppedTask, !next.done() else { break }
      next.noteCancelRequest(site)
      last = next
    }
    last.deliverCancel(site)
    return true
  }

  func noteCancelRequest(_ site: CallSite) {
    markSeen()
    loop.tell(.taskCancelRequested(name), self, site)
    cancelRequests += 1
  }

  func deliverCancel(_ site: CallSite) {
    if let waiter = waiter as? any SteppedTask, !waiter.done() {
      // A circle: this one is asked already. Somebody has to stop waiting.
      waiter.detach(step, site)
      mustCancel = true
      return loop.enqueue(step, site)
    }
    if let waiter, waiter.cancelWait(of: step, site) { return }
    // Its step is queued already, or it is running: deliver at the next chance.
    mustCancel = true
    if isOutside { cancelOutside() }
  }

  // [task.cancel-outside]
  /// The body waits in a `Task.sleep`, a task group, an actor: only Swift's own
  /// cancellation gets there.
  ///
  /// Whoever listens to it reacts at once, and something is queued. But an actor,
  /// or the `value` of a task, does not listen. Then the cancellation stays, and
  /// the next `await` of the loop's throws it. (Children that have not begun yet do
  /// not react either, and the body may hear of it twice. Better than never.)
  private func cancelOutside() {
    let before = loop.ready.count
    loop.onThisThread { swiftTask?.cancel() }
    mustCancel = loop.ready.count == before
  }

  func leave() {
    loop.tell(.taskLeft(name), self, resumeSite)
    if mustCancel { cancelOutside() }
  }

  /// asyncio: the beginning of tasks.Task.__step
  func throwIfCancelled() throws {
    if !mustCancel { return }
    mustCancel = false
    throw CancellationError()
  }

  /// asyncio: tasks.Task.cancelling
  public func cancelling() -> Int { cancelRequests }

  /// With the last request goes a cancellation that was not delivered yet, as in
  /// asyncio since 3.13.
  ///
  /// asyncio: tasks.Task.uncancel
  public func uncancel() -> Int {
    if cancelRequests > 0 { cancelRequests -= 1 }
    if cancelRequests == 0 { mustCancel = false }
    return cancelRequests
  }

  package var isOutside: Bool {
    waiter == nil && firstJob == nil && continuation == nil
      && !isQueuedBySwift && loop.current !== self
  }

  // MARK: A task's outcome is its body's

  /// Not for tasks: their body decides.
  ///
  /// - Throws: `RuntimeError`, always.
  ///
  /// asyncio: tasks.Task.set_result
  public override func setResult(
    _ value: Value, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    throw RuntimeError("\(name.label) is a task: its result is what its body returns")
  }

  /// Not for tasks: their body decides.
  ///
  /// - Throws: `RuntimeError`, always.
  ///
  /// asyncio: tasks.Task.set_exception
  public override func setException(
    _ error: any Error, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    throw RuntimeError("\(name.label) is a task: its error is what its body throws")
  }
}

let foreignTaskAdvice = """
  `Task { }`, `Task.detached` and `Task.immediate` leave the loop, \
  use loop.createTask { }
  """

/// For a value that crosses a border which asks for `Sendable`, and does not leave
/// its thread.
package struct Unchecked<Value>: @unchecked Sendable {
  package let value: Value
  package init(value: Value) { self.value = value }
}
