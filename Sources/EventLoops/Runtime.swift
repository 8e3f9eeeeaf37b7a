// What the loop takes for granted of Swift's concurrency runtime. On Linux the runtime
// comes with the toolchain, and our tests have tried it. On a Mac it is a part of the
// system, another one with every release, and nobody asks us before it changes. So what is
// relied upon stands in this one place, and is tried before the first loop of a process
// is made. Where it fails, the program says so; without it, it would hang.
//
// 1. A new task with an executor preference is handed to that executor *at once*: inside
//    `Task.init`, in the same thread. (`LoopExecutor.catching` waits for it no longer.)
// 2. So is a suspended task, inside `resume` of its continuation.
// 3. `runSynchronously` returns when the task suspends or ends, and not before; the
//    closure of `withUnsafeContinuation` has run by then.
// 4. A task is handed over as the same job every time, and a job is one pointer: by that
//    the loop knows which of its tasks comes back from an actor, say.

/// Which Swift task a job belongs to.
struct JobID: Hashable {
  private let address: UInt
  init(_ job: UnownedJob) { address = unsafeBitCast(job, to: UInt.self) }
}

/// An executor that keeps what it is handed.
class Probe: TaskExecutor, @unchecked Sendable {
  private(set) var jobs: [UnownedJob] = []
  func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }
  fileprivate func run() -> UnownedJob? {
    guard jobs.count == 1 else { return nil }
    let job = jobs.removeLast()
    job.runSynchronously(on: asUnownedTaskExecutor())
    return job
  }
}

// [runtime.flaw]
/// Takes one task through its whole life, and looks at each step.
///
/// - Returns: what is not as it has to be; `nil` if all is well.
func flawOfTheRuntime(_ probe: Probe = Probe()) -> String? {
  if MemoryLayout<UnownedJob>.size != MemoryLayout<UInt>.size {
    return "a job is more than a pointer"
  }
  nonisolated(unsafe) var continuation: UnsafeContinuation<Void, Never>?
  nonisolated(unsafe) var isOver = false
  Task(executorPreference: probe) {
    await withUnsafeContinuation { continuation = $0 }
    isOver = true
  }
  guard let first = probe.run() else { return "a new task is not handed over at once" }
  guard let continuation, !isOver else {
    return "a job does not run to where its task suspends"
  }
  continuation.resume()
  guard let second = probe.run() else {
    return "a task that is resumed is not handed over at once"
  }
  if !isOver { return "a job does not run to its task's end" }
  return JobID(first) == JobID(second) ? nil : "a task is another job each time"
}

/// Looks once, before the process's first loop is made.
let checkedRuntime: Void = {
  if let flaw = flawOfTheRuntime() {
    fatalError(
      """
      this system's Swift concurrency is not the one that event loops here are made for: \
      \(flaw). Use another release of the system, or of this package
      """)
  }
}()
