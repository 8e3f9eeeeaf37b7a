import CLibrary
import Sockets
import Synchronization

/// The door between Swift's runtime and a loop, and between other threads and it.
///
/// When a Swift task can go on, the runtime hands a *job* to the task's executor:
/// "run this, somewhere". For the tasks of a loop, this is the executor. It keeps
/// the job for the loop's own thread, and so Swift's `async` code becomes what a
/// coroutine is in Python: something that runs when the loop says so.
///
/// It is also the only object of a loop that other threads may touch. Everything
/// they use is a constant, a single number that is read and written as a whole, or
/// stands behind a lock.
final class LoopExecutor: TaskExecutor, @unchecked Sendable {
  /// What another thread may leave here for the loop.
  enum Mail {
    /// A Swift task that can go on.
    case job(UnownedJob)
    /// A callback, from `callSoonThreadsafe`.
    case call(@Sendable () throws -> Void, CallSite)
  }

  private let kernel: any Kernel
  /// What makes a sleeping loop wake up: its reading end is on the selector's list.
  let selfPipe: SelfPipe
  private let inbox = Locked<[Mail]?>([])  // nil: closed
  private let hasMail = Atomic<Bool>(false)
  /// The thread that runs the loop, 0 for none. Any thread may ask.
  private let owner = Atomic<UInt>(0)
  /// The thread that waits in `catching` for a job, 0 for none. Not always the
  /// owner: a task may be made before the loop runs, on whatever thread.
  private let catcher = Atomic<UInt>(0)

  // From here on for the loop's thread only.
  unowned(unsafe) var loop: EventLoop?
  private var caught: UnownedJob?

  init(_ kernel: any Kernel) throws(SystemError) {
    self.kernel = kernel
    selfPipe = try kernel.selfPipe(CallSite())
  }

  // MARK: Whose thread is this?

  var isRunning: Bool { owner.load(ordering: .relaxed) != 0 }
  /// This thread runs the loop. While nobody does, the answer is no everywhere: the
  /// very next moment some thread may begin to.
  var isOnLoopThread: Bool { owner.load(ordering: .relaxed) == thisThread }
  /// No *other* thread runs the loop.
  var isUsableHere: Bool { !isRunning || isOnLoopThread }

  func owned<Result>(_ body: () throws -> Result) rethrows -> Result {
    let me = thisThread
    let before = owner.exchange(me, ordering: .relaxed)
    precondition(before == 0 || before == me, "another thread runs this event loop")
    defer { owner.store(before, ordering: .relaxed) }
    return try body()
  }

  // MARK: Jobs

  // [executor.enqueue]
  /// The runtime has a job for us. It may call from any thread.
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if catcher.load(ordering: .relaxed) == thisThread && caught == nil {
      caught = job  // the very one that a step of a task is waiting for
      return
    }
    do {
      if isOnLoopThread {
        guard let loop else { throw RuntimeError("its event loop is gone") }
        loop.enqueueForeign(job)
      } else {
        try post(.job(job))
      }
    } catch {
      // The runtime knows no error here, and a job that is dropped is a task that
      // hangs for ever, and perhaps an actor with it. Better to say it loudly.
      fatalError("a task of an event loop was resumed, but \(error)")
    }
  }

  // [executor.catching]
  /// Runs `body`, which makes the runtime hand over one job at once (see Runtime.swift),
  /// and returns that job instead of queueing it.
  func catching(_ body: () -> Void) -> UnownedJob? {
    catcher.store(thisThread, ordering: .relaxed)
    body()
    catcher.store(0, ordering: .relaxed)
    defer { caught = nil }
    return caught
  }

  // MARK: The inbox

  // [executor.post]
  /// Leaves something for the loop and wakes it. Any thread.
  ///
  /// The wake-up is inside the lock, and so is `close`: a thread that comes too
  /// late finds the inbox closed, and never a descriptor that is somebody else's
  /// by now (L4a: bpo-21447). A failing wake-up is not swallowed, for it would be
  /// a call that is never run and never reported (L5: gh-156054).
  func post(_ mail: Mail, _ site: CallSite = CallSite()) throws {
    try inbox.withLock { box in
      if box == nil { throw RuntimeError("the event loop is closed: make a new one") }
      box?.append(mail)
      hasMail.store(true, ordering: .relaxed)
      do throws(SystemError) {
        try kernel.raise(selfPipe.writeEnd, site)
      } catch {
        // A full pipe is the one good reason to fail: it is readable already.
        if error.wouldBlock { return }
        // The caller hears that it did not work, so it must not happen later either.
        box?.removeLast()
        throw error
      }
    }
  }

  /// Wakes the loop without leaving anything.
  func wake(_ site: CallSite) throws {
    do throws(SystemError) {
      try kernel.raise(selfPipe.writeEnd, site)
    } catch {
      if !error.wouldBlock { throw error }
    }
  }

  /// Asked at every callback that is queued, and mostly the answer is no.
  var hasMailNow: Bool { hasMail.load(ordering: .relaxed) }

  /// Takes everything that is there.
  func collect() -> [Mail] {
    inbox.withLock { box in
      hasMail.store(false, ordering: .relaxed)
      defer { if box != nil { box = [] } }
      return box ?? []
    }
  }

  func close() {
    inbox.withLock { box in
      if box == nil { return }
      box = nil
      kernel.close(selfPipe.readEnd, CallSite())
      if selfPipe.writeEnd != selfPipe.readEnd {
        kernel.close(selfPipe.writeEnd, CallSite())
      }
    }
    loop = nil
  }
}

/// A value behind a lock.
///
/// `Synchronization.Mutex` would do, but the thread sanitizer does not know it and
/// reports races that are none.
package final class Locked<Value>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var value: Value

  package init(_ value: Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }
  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
    pthread_cond_destroy(changed)
    changed.deallocate()
  }

  package func withLock<Result>(
    _ body: (inout Value) throws -> Result
  ) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }

  /// Asks `body` until it has an answer, and sleeps between the questions: each time
  /// until somebody calls one of the two below.
  func wait<Result>(until body: (inout Value) -> Result?) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&value) { return result }
      pthread_cond_wait(changed, mutex)
    }
  }
  func wakeOne() { pthread_cond_signal(changed) }
  func wakeAll() { pthread_cond_broadcast(changed) }
}
