import CLibrary
import Synchronization

/// Runs `body` here and `other` on a thread of its own, and returns when both have
/// ended. `other` can ask whether `body` has.
///
/// A real thread and no Swift task: a body that blocks its thread must not be able
/// to keep the other side from running.
package func alongside<Result>(
  _ other: @escaping @Sendable (_ isOver: @Sendable () -> Bool) -> Void,
  _ body: () throws -> Result
) rethrows -> Result {
  let over = Flag()
  let thread = startThread { other { over.isSet } }.thread!
  defer {
    over.set()
    pthread_join(thread, nil)
  }
  return try body()
}

/// Runs `body` in such a way that the other side can interrupt the calls in which it
/// waits, by a signal that has no other effect.
package func interruptible<Result>(
  _ body: (Interrupter) throws -> Result
) rethrows -> Result {
  try unblocking(SIGUSR2) { try body(Interrupter(thread: pthread_self())) }
}

/// Lets a signal reach this thread during `body`. It does not by itself: the threads
/// of Swift's pool leave all signals to the others.
package func unblocking<Result>(
  _ signal: Int32, _ body: () throws -> Result
) rethrows -> Result {
  var set = sigset_t()
  var old = sigset_t()
  sigemptyset(&set)
  sigaddset(&set, signal)
  pthread_sigmask(SIG_UNBLOCK, &set, &old)
  defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
  return try body()
}

/// Can wake one thread up.
package struct Interrupter: @unchecked Sendable {
  fileprivate let thread: pthread_t

  /// Sends the signal. Its handler does nothing, and SA_RESTART is not set: the call
  /// that it hits ends with EINTR.
  package func interrupt() {
    Self.prepared
    pthread_kill(thread, SIGUSR2)
  }

  private static let prepared: Void = {
    var action = sigaction()
    action.handler = { _ in }
    sigaction(SIGUSR2, &action, nil)
  }()
}

private final class Flag: Sendable {
  private let value = Atomic(false)
  var isSet: Bool { value.load(ordering: .sequentiallyConsistent) }
  func set() { value.store(true, ordering: .sequentiallyConsistent) }
}
