import Selectors
package import Simulation
package import Sockets
import Synchronization

/// The real kernel, with somebody at the door who writes down what concerns
/// readiness: the changes of the list, the waits, and the closing of descriptors.
package final class WatchedKernel: ForwardingKernel {
  /// What was asked so far, whether or not it was granted.
  package private(set) var calls: [SystemCall] = []
  /// The waits, for those who watch from another thread.
  package let waits = WaitCounter()
  /// Comes before every wake-up of a loop, on the thread that wakes it.
  package var beforeRaise: () -> Void = {}
  /// Comes before every close.
  package var beforeClose: (Int32) -> Void = { _ in }
  /// What the clock says, if it is not to be the real one.
  package var time: Double?

  package override init(to base: (any Kernel)? = nil) { super.init(to: base) }

  /// The changes of an epoll list among the calls.
  package var changes: [EpollChange] {
    calls.compactMap {
      if case .epollControl(_, let change, _, _) = $0 { change } else { nil }
    }
  }

  /// The timeouts, in milliseconds, of the waits among the calls.
  package var timeouts: [Int32] {
    calls.compactMap {
      switch $0 {
      case .epollWait(_, let timeout), .kqueueWait(_, let timeout),
        .poll(_, let timeout):
        timeout
      default: nil
      }
    }
  }

  /// The descriptors that were given back, in that order.
  package var closed: [Int32] {
    calls.compactMap { if case .close(let fd) = $0 { fd } else { nil } }
  }

  package override func close(_ fd: Int32, _ site: CallSite) {
    beforeClose(fd)
    calls.append(.close(fd: fd))
    super.close(fd, site)
  }

  package override func epollControl(
    _ epoll: Int32, _ change: EpollChange, _ fd: Int32, _ events: UInt32,
    _ site: CallSite
  ) throws(SystemError) {
    calls.append(.epollControl(epoll: epoll, change, fd: fd, events: events))
    try super.epollControl(epoll, change, fd, events, site)
  }

  package override func epollWait(
    _ epoll: Int32, limit: Int, timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: UInt32)] {
    calls.append(.epollWait(epoll: epoll, timeout: timeout))
    return try waits.count { () throws(SystemError) in
      try super.epollWait(epoll, limit: limit, timeout: timeout, site)
    }
  }

  package override func kqueueWait(
    _ queue: Int32, limit: Int, timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [KqueueReport] {
    calls.append(.kqueueWait(queue: queue, timeout: milliseconds(timeout)))
    return try waits.count { () throws(SystemError) in
      try super.kqueueWait(queue, limit: limit, timeout: timeout, site)
    }
  }

  package override func poll(
    _ interest: [(fd: Int32, events: Int16)], timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: Int16)] {
    calls.append(.poll(fds: interest.map(\.fd), timeout: timeout))
    return try waits.count { () throws(SystemError) in
      try super.poll(interest, timeout: timeout, site)
    }
  }

  package override func raise(
    _ writeEnd: Int32, _ site: CallSite
  ) throws(SystemError) {
    beforeRaise()
    try super.raise(writeEnd, site)
  }

  package override func now() -> Double { time ?? super.now() }
}

/// How many waits have begun, and how many of them a signal has ended.
package final class WaitCounter: Sendable {
  private let begunCount = Atomic(0)
  private let interruptedCount = Atomic(0)

  package var begun: Int { begunCount.load(ordering: .sequentiallyConsistent) }
  package var interrupted: Int {
    interruptedCount.load(ordering: .sequentiallyConsistent)
  }

  func count<Answer>(
    _ wait: () throws(SystemError) -> Answer
  ) throws(SystemError) -> Answer {
    begunCount.add(1, ordering: .sequentiallyConsistent)
    do {
      return try wait()
    } catch {
      if error.interrupted {
        interruptedCount.add(1, ordering: .sequentiallyConsistent)
      }
      throw error
    }
  }
}
