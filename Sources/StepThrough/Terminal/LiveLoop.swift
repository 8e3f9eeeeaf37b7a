// A loop that runs while one looks at it. It knows threads, so that neither the loop
// nor the screen has to.

import EventLoops
import Glibc
package import Recording
package import Scenarios
import Screen

/// A loop in a thread of its own that does a step whenever the reader wants one.
///
/// The recorder calls `pause` after each step, in the loop's thread, and there the
/// loop stands still until the reader presses a key. Or it does not get that far,
/// because it waits in `epoll_wait` for the reader's own `nc`; that is why it has a
/// thread of its own, and the keys keep working.
///
/// Everything that both threads touch is behind the lock. (A pthread lock, because
/// the thread sanitizer does not understand `Synchronization.Mutex` yet.)
package final class LiveLoop: @unchecked Sendable {
  private let run: @Sendable (Recorder) throws -> Void
  private let advice: String
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let mayGoOn = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  // Behind the lock.
  private var steps: [Step] = []
  private var reported = 0
  /// How many steps the loop may do before it has to stand still.
  private var allowed = 1
  /// The loop may go on until it asks the selector again.
  private var isGoingToNextIteration = false
  private var outcome: Result<Void, any Error>?

  /// - Parameters:
  ///   - scenario: what to run.
  ///   - port: where it listens.
  package convenience init(_ scenario: LiveScenario, port: UInt16) {
    self.init(advice: "connect with `nc 127.0.0.1 \(port)` in another terminal") {
      try scenario.run($0, port)
    }
  }

  /// - Parameters:
  ///   - advice: what the reader may do while the loop waits.
  ///   - run: runs a loop that this recorder observes.
  package init(advice: String, _ run: @escaping @Sendable (Recorder) throws -> Void) {
    self.run = run
    self.advice = advice
    pthread_mutex_init(lock, nil)
    pthread_cond_init(mayGoOn, nil)
  }

  /// Starts the thread. It ends with the program: nobody can wake a loop that
  /// waits for a client who never comes.
  func start() {
    // Signals are for the thread with the terminal; here they would only
    // interrupt `epoll_wait`.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        Unmanaged<LiveLoop>.fromOpaque(context!).takeRetainedValue().work()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    pthread_detach(thread)
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  // MARK: In the loop's thread

  private func work() {
    let recorder = Recorder()
    recorder.onStep = { [unowned self] in pause(after: $0) }
    let outcome = Result { try recorder.play(run) }
    locked { self.outcome = outcome }
    Signals.ring()
  }

  private func pause(after step: Step) {
    pthread_mutex_lock(lock)
    steps.append(step)
    if isGoingToNextIteration {
      if case .loop(.selectEntered) = step.event { isGoingToNextIteration = false }
      allowed = max(allowed, steps.count + (isGoingToNextIteration ? 1 : 0))
    }
    Signals.ring()
    while steps.count >= allowed { pthread_cond_wait(mayGoOn, lock) }
    pthread_mutex_unlock(lock)
  }

  // MARK: In the reader's thread

  /// Lets the loop do its next step, or all steps up to its next iteration.
  func advance(toIteration: Bool) {
    locked {
      // A second key while the loop is still busy with the first one's step asks
      // for nothing new.
      if steps.count < allowed { return }
      isGoingToNextIteration = toIteration
      allowed = steps.count + 1
      pthread_cond_signal(mayGoOn)
    }
  }

  /// Tells the browser what has happened since the last report.
  func report(to browser: inout Browser) {
    locked {
      for step in steps[reported...] { browser.append(step) }
      reported = steps.count
      browser.liveStatus = status
    }
  }

  /// Nothing will happen in its thread any more.
  package var hasEnded: Bool { locked { outcome != nil } }

  private var status: String? {
    switch outcome {
    case .success: return "the loop has ended; ← goes back, q quits"
    case .failure(let error): return "the loop has ended: \(error)"
    case nil: break
    }
    if steps.count >= allowed { return nil }
    // The reader has asked for a step, and the loop has not delivered it.
    if case .loop(.selectEntered) = steps.last?.event {
      return "waiting in epoll_wait: \(advice)"
    }
    return nil
  }

  private func locked<Value>(_ body: () throws -> Value) rethrows -> Value {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body()
  }
}
