import CLibrary
import Foundation
import Sockets

/// Threads for work that blocks.
///
/// A thread is started when there is work and no idle one to take it, up to a limit;
/// beyond that the work queues up. A thread that was started stays until the pool is
/// shut down. So nobody who asks has to wait for somebody else's slow call, as long
/// as there are fewer of those than the limit.
///
/// asyncio: concurrent.futures.ThreadPoolExecutor
final class WorkerPool: Sendable {
  typealias Job = @Sendable () -> Void

  private struct State {
    /// The work that nobody has begun, and the order in which it came.
    var jobs: [Int: Job] = [:]
    let order = Deque<Int>(room: 4)
    var running = 0
    var threads: [pthread_t] = []
    /// How many of these have not left.
    var present = 0
    var isShutDown = false
    var whenGone: [Job] = []
  }
  private let state = Locked(State())
  // Python's numbers. The work waits for disks and servers more than for a core.
  private let limit = min(32, ProcessInfo.processInfo.activeProcessorCount + 4)

  // [pool.submit]
  /// Takes work. From the loop's thread.
  ///
  /// - Parameter number: by which `withdraw` knows it.
  /// - Throws: `SystemError` if there has to be another thread and cannot be; then
  ///   the work is not taken.
  ///
  /// asyncio: ThreadPoolExecutor.submit, ThreadPoolExecutor._adjust_thread_count
  func submit(_ number: Int, _ job: @escaping Job) throws(SystemError) {
    let refusal = state.withLock { state -> Int32 in
      // Idle is who neither runs a job nor has one queued for him.
      let idle = state.present - state.running - state.jobs.count
      if idle <= 0 && state.present < limit {
        let code = start(&state)
        if code != 0 { return code }
      }
      state.jobs[number] = job
      state.order.append(number)
      return 0
    }
    if refusal != 0 {
      throw SystemError(refusal, in: "pthread_create", about: "for runInExecutor")
    }
    state.wakeOne()
  }

  /// Takes work back, if nobody has begun it.
  func withdraw(_ number: Int) {
    state.withLock { _ = $0.jobs.removeValue(forKey: number) }
  }

  private func start(_ state: inout State) -> Int32 {
    let (thread, error) = startThread { self.work() }
    if let thread {
      state.threads.append(thread)
      state.present += 1
    }
    return error
  }

  // [pool.work]
  /// A thread's life.
  ///
  /// asyncio: concurrent.futures.thread._worker
  private func work() {
    while let job = state.wait(until: Self.next) {
      job()
      state.withLock { $0.running -= 1 }
    }
    let whenGone = state.withLock { state in
      state.present -= 1
      return state.present == 0 ? state.whenGone : []
    }
    for tell in whenGone { tell() }
  }

  /// A job; no job if it is time to leave; `nil` if it is time to sleep. What was
  /// queued before the pool was shut down is still done.
  private static func next(_ state: inout State) -> Job?? {
    while let number = state.order.popFirst() {
      guard let job = state.jobs.removeValue(forKey: number) else { continue }
      state.running += 1
      return .some(job)
    }
    return state.isShutDown ? .some(nil) : nil
  }

  // [pool.shut-down]
  /// Lets the threads leave when there is nothing left to do, and waits for nobody.
  ///
  /// - Parameter whenGone: called by the last one to leave, or here if none is left.
  ///
  /// asyncio: ThreadPoolExecutor.shutdown(wait=False)
  func shutDown(whenGone: Job? = nil) {
    let isEmpty = state.withLock { state in
      state.isShutDown = true
      if let whenGone { state.whenGone.append(whenGone) }
      return state.present == 0
    }
    state.wakeAll()
    if isEmpty { whenGone?() }
  }

  /// Gives back what the system keeps of the threads: once they have left, or, if
  /// nobody waits for that, when they do.
  func forget(waiting: Bool) {
    let threads = state.withLock { state in
      defer { state.threads = [] }
      return state.threads
    }
    for thread in threads {
      if waiting { pthread_join(thread, nil) } else { pthread_detach(thread) }
    }
  }
}
