public import Selectors
public import Sockets

/// The loop: one thread, one queue of callbacks, and one question to the kernel
/// per turn.
///
/// This file is what the loop *has* and how callbacks come into its queue. The
/// turn itself is in `RunOnce.swift`, the descriptors are in `Readers.swift`,
/// other threads come in through `Executor.swift`.
///
/// A loop and everything that belongs to it (handles, futures, tasks, sockets) is
/// used from one thread only, and so there is no lock around any of it. That is
/// the bargain of every event loop, and the reason why code between two `await`s
/// never sees anybody else's half-done work.
///
/// asyncio: base_events.BaseEventLoop, selector_events.BaseSelectorEventLoop
public final class EventLoop {
  package let kernel: any Kernel
  package let selector: any Selector
  package let observer: (any LoopObserver)?
  let executor: LoopExecutor

  // [loop.state]
  /// The callbacks whose turn it is, first come first served.
  package let ready = Deque<Handle>()
  /// The callbacks whose time has not come, the next one on top.
  @exclusivity(unchecked) package internal(set) var scheduled = TimerHeap()
  /// How many of those are cancelled and only wait for the broom.
  @exclusivity(unchecked) var timerCancelledCount = 0
  /// `stop()` was called: the run ends after this turn, or after the next one if the
  /// loop does not run.
  @exclusivity(unchecked) var isStopping = false
  @exclusivity(unchecked) private var isClosedNow = false
  let clockResolution: Double

  /// The task whose code runs at this moment; `nil` in a plain callback.
  @exclusivity(unchecked) var current: (any SteppedTask)?
  /// Every task that is not done, by the number that Swift's runtime gave it.
  var tasks: [JobID: any SteppedTask] = [:]
  /// Who owns all of a descriptor: transports, and servers. See `Ownership.swift`.
  @exclusivity(unchecked) package var owners: [Int32: any DescriptorOwner] = [:]
  package lazy var readBuffer = ReadBuffer()

  /// Threads for work that blocks, once there was any; the futures that wait for it.
  var workers: WorkerPool?
  var jobs: [Int: AnyFuture] = [:]
  var isExecutorShutDown = false
  /// Who is told of Ctrl-C, while `run` runs.
  var interruptHandler: InterruptHandler?
  /// `warnIfStuck` has spoken.
  var hasWarned = false
  private var exceptionHandler: ((EventLoop, ExceptionContext) -> Void)?
  /// More checks: blocking sockets and calls from the wrong thread are refused.
  ///
  /// asyncio: BaseEventLoop.set_debug, BaseEventLoop.get_debug
  public var debug: Bool
  var buried: [Handle] = []
  private var isBurying = false
  private var handleCount = 0
  private var futureCount = 0
  private var plainFutureCount = 0
  private var taskCount = 0
  package var transportCount = 0
  /// How many stream readers were made.
  package var streamCount = 0

  /// Makes a loop that does nothing until it is run.
  ///
  /// - Parameters:
  ///   - kernel: who makes the system calls and knows the time; leave it out for the
  ///     machine's.
  ///   - selector: who waits for descriptors; leave it out for the one that keeps its
  ///     list in the kernel: epoll, or kqueue.
  ///   - observer: who is told of everything that the loop does, if anybody is.
  ///   - debug: see `debug`.
  /// - Throws: `SystemError`, EMFILE if the process has no descriptor left; what a
  ///   selector that you bring has against the self-pipe.
  public init(
    kernel: (any Kernel)? = nil, selector: (any Selector)? = nil,
    observer: (any LoopObserver)? = nil, debug: Bool = false
  ) throws {
    checkedRuntime
    let kernel = kernel ?? systemKernel
    self.kernel = kernel
    self.selector = try selector ?? defaultSelector(for: kernel)
    self.observer = observer
    self.debug = debug
    clockResolution = kernel.clockResolution
    executor = try LoopExecutor(kernel)
    executor.loop = self
    try makeSelfPipe()
  }

  deinit {
    executor.close()
    leaveWorkers()
  }

  /// Nobody waits for the threads: each leaves when it has nothing to do any more.
  func leaveWorkers() {
    workers?.shutDown()
    workers?.forget(waiting: false)
    workers = nil
  }

  // MARK: Callbacks

  // [loop.call-soon]
  /// Puts a callback at the end of the ready queue. It runs in the next turn, or
  /// in this one if the loop has not begun to run this turn's callbacks.
  ///
  /// - Parameters:
  ///   - name: what to call it, for people.
  ///   - callback: what to run. What it throws goes to the exception handler.
  /// - Returns: the handle, with which the callback can be called off.
  /// - Throws: `RuntimeError` if the loop is closed, or, in debug mode, if another
  ///   thread runs it.
  ///
  /// asyncio: BaseEventLoop.call_soon
  @discardableResult
  public func callSoon(
    _ name: String = "callback", file: StaticString = #fileID, line: UInt = #line,
    _ callback: @escaping () throws -> Void
  ) throws(RuntimeError) -> Handle {
    try checkClosed()
    try checkThread("callSoon")
    let handle = Handle(Label(name), self, CallSite(file, line), callback)
    enqueue(handle, handle.site)
    return handle
  }

  /// Runs a callback once, `delay` seconds from now at the earliest.
  ///
  /// - Parameter delay: seconds; with 0 or less it is due at once, an infinite one never.
  /// - Returns: the handle; its `when()` is now plus `delay`.
  /// - Throws: `ValueError` if the delay is not a number; `RuntimeError`, as `callSoon`
  ///   does.
  ///
  /// asyncio: BaseEventLoop.call_later
  @discardableResult
  public func callLater(
    _ delay: Double, _ name: String = "timer",
    file: StaticString = #fileID, line: UInt = #line,
    _ callback: @escaping () throws -> Void
  ) throws -> TimerHandle {
    try callAt(time() + delay, name, file: file, line: line, callback)
  }

  // [loop.call-at]
  /// Runs a callback once, when `time()` has reached `when`.
  ///
  /// - Parameter when: seconds on the loop's clock.
  /// - Throws: `ValueError` if that is not a number; `RuntimeError`, as `callSoon` does.
  ///
  /// asyncio: BaseEventLoop.call_at
  @discardableResult
  public func callAt(
    _ when: Double, _ name: String = "timer",
    file: StaticString = #fileID, line: UInt = #line,
    _ callback: @escaping () throws -> Void
  ) throws -> TimerHandle {
    try checkClosed()
    try checkThread("callAt")
    try checkTime(when, "the time of a timer")
    let timer = TimerHandle(when, Label(name), self, CallSite(file, line), callback)
    scheduled.insert(timer)
    tell(
      .timerScheduled(timer.name, when: when, delay: when - time()), timer, timer.site)
    return timer
  }

  /// The loop's clock, in seconds. Its zero means nothing, only differences do.
  ///
  /// asyncio: BaseEventLoop.time
  public func time() -> Double { kernel.now() }

  // [loop.enqueue]
  /// The way into the ready queue. Whoever has called from another thread before us
  /// stands before us.
  package func enqueue(_ handle: Handle, _ site: CallSite) {
    collectInbox()
    append(handle, site)
  }

  func append(_ handle: Handle, _ site: CallSite) {
    // A future may be settled after the end. Its callbacks would never run, and
    // would keep the loop alive from inside its own queue.
    if isClosedNow { return }
    ready.append(handle)
    tell(.handleQueued(handle.name), handle, site)
  }

  // MARK: Errors that nobody caught

  /// Chooses who hears of errors in callbacks; `nil` writes them to standard error.
  ///
  /// asyncio: BaseEventLoop.set_exception_handler
  public func setExceptionHandler(
    _ handler: ((EventLoop, ExceptionContext) -> Void)?
  ) {
    exceptionHandler = handler
  }

  /// Who hears of errors in callbacks; `nil` if they go to standard error.
  ///
  /// asyncio: BaseEventLoop.get_exception_handler
  public func getExceptionHandler() -> ((EventLoop, ExceptionContext) -> Void)? {
    exceptionHandler
  }

  /// Reports an error that has no caller it could be thrown at.
  ///
  /// asyncio: BaseEventLoop.call_exception_handler
  public func callExceptionHandler(_ context: ExceptionContext) {
    if let exceptionHandler { return exceptionHandler(self, context) }
    let reason = context.exception.map { ": \($0)" } ?? ""
    let place = (context.handle?.site ?? context.future?.site).map { " (\($0))" } ?? ""
    warn(context.message + reason + place + "\n")
  }

  /// Says something to who watches the loop, or else to standard error.
  ///
  /// asyncio: log.logger
  package func warn(_ message: String) {
    if let observer { observer.hear(message) } else { writeError(message) }
  }

  // MARK: Letting go

  /// Releases handles that nobody will run, without doing it inside of a release.
  func bury() {
    if isBurying { return }
    isBurying = true
    while let handle = buried.popLast() { withExtendedLifetime(handle) {} }
    isBurying = false
  }

  // MARK: Is this allowed now?

  /// asyncio: BaseEventLoop._check_closed
  package func checkClosed() throws(RuntimeError) {
    if isClosedNow { throw RuntimeError("the event loop is closed: make a new one") }
  }

  // [loop.check-thread]
  /// asyncio: BaseEventLoop._check_thread
  private func checkThread(_ function: String) throws(RuntimeError) {
    if debug && !executor.isUsableHere {
      throw RuntimeError(
        "\(function) from another thread than the loop's: use callSoonThreadsafe")
    }
  }

  /// Whether the loop was closed.
  ///
  /// asyncio: BaseEventLoop.is_closed
  public func isClosed() -> Bool { isClosedNow }
  func markClosed() { isClosedNow = true }

  // MARK: Telling the observer

  /// With no observer this is one test of a constant.
  @inline(__always)
  package func tell(
    _ event: @autoclosure () -> LoopEvent, _ subject: AnyObject?, _ site: CallSite
  ) {
    if observer != nil { report(event, subject, site) }
  }

  /// Apart, so that it does not stand in the way of those whom nobody watches.
  @inline(never)
  package func report(_ event: () -> LoopEvent, _ subject: AnyObject?, _ site: CallSite)
  {
    observer?.observe(event(), subject, at: site)
  }

  func nextHandleNumber() -> Int {
    handleCount += 1
    return handleCount
  }
  /// Futures and tasks are numbered together, and have names of their own count: the
  /// first one is `Future-1`, whatever tasks there are.
  func nextFutureNumber() -> Int {
    futureCount += 1
    return futureCount
  }
  /// Only for those that were given none: who has a name uses no number up.
  func nextFutureLabel() -> Label {
    plainFutureCount += 1
    return Label("Future-", plainFutureCount)
  }
  func nextTaskLabel() -> Label {
    taskCount += 1
    return Label("Task-", taskCount)
  }
}
