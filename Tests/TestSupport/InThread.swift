import Foundation

/// Runs `body` in a thread of its own.
///
/// A loop occupies its thread. Swift's shared pool has as many threads as there are
/// cores, so a test whose loop waits for something that runs *on* the pool (an
/// actor, `Task.sleep`, a Dispatch queue) must not sit on one of them.
package func inThread<Value: Sendable>(
  _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
  // Not a continuation that the thread resumes: if it is faster than the `await`,
  // the thread sanitizer takes that for a race.
  try await Task(executorPreference: ThreadPerJob()) { try body() }.value
}

/// Starts a thread for every job; `inThread` has only one.
private final class ThreadPerJob: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    Thread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }.start()
  }
}
