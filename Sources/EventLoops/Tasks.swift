import CLibrary
import Dispatch
public import Sockets

#if DEBUG
  /// In a program with an asynchronous `main`, the main queue may be served by any
  /// thread, so the queue has a mark. Otherwise it is the process's first thread.
  private let mainQueueMark: DispatchSpecificKey<Bool> = {
    let key = DispatchSpecificKey<Bool>()
    DispatchQueue.main.setSpecific(key: key, value: true)
    return key
  }()
  private var isMainActorsThread: Bool {
    isFirstThread || DispatchQueue.getSpecific(key: mainQueueMark) == true
  }
#endif

extension EventLoop {
  // MARK: Making and finding tasks

  // [tasks.create]
  /// Makes a task of `body`. It begins in the next turn, not now.
  ///
  /// - Parameters:
  ///   - name: what to call it; `Task-1` and so on if left out.
  ///   - body: what to run, on the loop's thread, a step at a time.
  /// - Throws: `RuntimeError` if the loop is closed; the body then never begins.
  ///
  /// asyncio: BaseEventLoop.create_task
  @discardableResult
  public func createTask<Value>(
    _ name: String? = nil, file: StaticString = #fileID, line: UInt = #line,
    _ body: @escaping () async throws -> Value
  ) throws(RuntimeError) -> LoopTask<Value> {
    try checkClosed()
    precondition(
      executor.isUsableHere, "createTask from another thread than the loop's")
    let label = name.map { Label($0) } ?? nextTaskLabel()
    return LoopTask(label, self, CallSite(file, line), body)
  }

  /// The task whose code runs now; `nil` in a plain callback and outside the loop.
  ///
  /// asyncio: tasks.current_task
  public var currentTask: (any AnyTask)? { current }

  /// The tasks that are not done, in the order of their making.
  ///
  /// asyncio: tasks.all_tasks
  public func allTasks() -> [any AnyTask] {
    tasks.values.sorted { $0.id < $1.id }
  }

  // MARK: Running jobs

  // [tasks.run-job]
  /// Gives the thread to Swift's runtime until the task suspends again.
  func run(_ job: UnownedJob, as task: (any SteppedTask)?) {
    current = task
    task?.isQueuedBySwift = false
    if let task { tell(.taskStepBegun(task.name), task, task.resumeSite) }
    job.runSynchronously(on: executor.asUnownedTaskExecutor())
    current = nil
    if let task, !task.done(), task.isOutside { task.leave() }
  }

  // [tasks.foreign]
  /// A job that no step of ours asked for: a child task begins, a `Task.sleep` is
  /// over, an actor has answered. asyncio knows nothing like it. It waits its turn
  /// as a handle, so that it shows in the queue as what it is.
  func enqueueForeign(_ job: UnownedJob) {
    let task = tasks[JobID(job)]
    task?.isQueuedBySwift = true
    let label =
      task.map { "\($0.name.label) brought back by Swift" } ?? "job of Swift's"
    let site = CallSite()
    let handle = Handle(Label(label), self, site, isStep: true) { [unowned self] in
      run(job, as: task)
    }
    append(handle, site)
  }

  #if DEBUG
    /// The loop is about to sleep without limit, and some task waits for nothing
    /// that the loop knows. Perhaps another thread will bring it back. But if it
    /// needs the main actor, and this is its thread, that never happens: the program
    /// hangs without a word. So there is a word, once.
    func warnIfStuck() {
      guard isMainActorsThread else { return }
      let outside = tasks.values.filter(\.isOutside).map(\.name.label).sorted()
      if outside.isEmpty || hasWarned { return }
      hasWarned = true
      warn(
        """
        \(outside.joined(separator: ", ")) waits for something outside the event loop. \
        If its body was written in main.swift or in @main, it belongs to the main \
        actor, whose thread this loop occupies: write the body in a function of its own.

        """)
    }
  #endif
}

extension EventLoop {
  // [tasks.check-caller]
  /// Makes sure that whoever wants to wait here is run by this loop. Code that has
  /// left it runs at the same time as the loop, and must not even look at `current`:
  /// it would find somebody else's task there.
  func checkCaller(_ what: @autoclosure () -> String) throws(RuntimeError) {
    guard let running = EventLoop.running else {
      fatalError("\(what()) awaited outside its loop: \(foreignTaskAdvice)")
    }
    if running !== self {
      throw RuntimeError("\(what()) belongs to another event loop than this one")
    }
  }
}

extension EventLoop {
  /// The step of whoever waits without being a `LoopTask`.
  func wakeup(
    ofChild continuation: UnsafeContinuation<Void, Never>, _ site: CallSite
  ) -> Handle {
    Handle("wake a child task", self, site, isStep: true) { [self] in
      guard let job = executor.catching({ continuation.resume() }) else {
        fatalError("a foreign Swift task waited here: \(foreignTaskAdvice)")
      }
      run(job, as: nil)
    }
  }
}

extension AnyFuture {
  // [future.wait]
  /// Suspends whoever runs here until this future is done.
  @inline(__always)  // one frame less in the task's memory, at every wait
  final func wait(_ site: CallSite) async throws {
    try loop.checkCaller(name.label)
    guard let task = loop.current else { return await waitAsChild(site) }
    if task === self { throw RuntimeError("\(name.label) cannot await itself") }
    // The closure runs at once, before the suspension; what it stores is all that
    // is left of us until the future is done.
    await withUnsafeContinuation { task.suspend(on: self, $0, site) }
    try task.throwIfCancelled()
  }

  // [future.wait-as-child]
  /// A child task (`async let`, a task group) is no `LoopTask`. It is woken by a
  /// callback of its own, and Swift's cancellation is what reaches it.
  private final func waitAsChild(_ site: CallSite) async {
    let me = Unchecked(value: self)
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let wakeup = loop.wakeup(ofChild: continuation, site)
        // `attach` looks again whether the future is done: the handler below may
        // have been faster than this line.
        attach(wakeup, site)
      }
    } onCancel: {
      let loop = me.value.loop
      if loop.executor.isOnLoopThread {
        me.value.cancel()
      } else {
        try? loop.callSoonThreadsafe { me.value.cancel() }
      }
    }
  }
}
