package import Simulation
package import Sockets
import Synchronization

/// The real kernel, with somebody at the door who writes down what concerns
/// readiness: the changes of the list, the waits, and the closing of descriptors.
package final class WatchedKernel: Kernel {
  private let real = LinuxKernel()
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

  package init() {}

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
      case .epollWait(_, let timeout), .poll(_, let timeout): timeout
      default: nil
      }
    }
  }

  /// The descriptors that were given back, in that order.
  package var closed: [Int32] {
    calls.compactMap { if case .close(let fd) = $0 { fd } else { nil } }
  }

  package func close(_ fd: Int32, _ site: CallSite) {
    beforeClose(fd)
    calls.append(.close(fd: fd))
    real.close(fd, site)
  }

  package func epollControl(
    _ epoll: Int32, _ change: EpollChange, _ fd: Int32, _ events: UInt32,
    _ site: CallSite
  ) throws(SystemError) {
    calls.append(.epollControl(epoll: epoll, change, fd: fd, events: events))
    try real.epollControl(epoll, change, fd, events, site)
  }

  package func epollWait(
    _ epoll: Int32, limit: Int, timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: UInt32)] {
    calls.append(.epollWait(epoll: epoll, timeout: timeout))
    return try waits.count { () throws(SystemError) in
      try real.epollWait(epoll, limit: limit, timeout: timeout, site)
    }
  }

  package func poll(
    _ interest: [(fd: Int32, events: Int16)], timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: Int16)] {
    calls.append(.poll(fds: interest.map(\.fd), timeout: timeout))
    return try waits.count { () throws(SystemError) in
      try real.poll(interest, timeout: timeout, site)
    }
  }

  package func now() -> Double { time ?? real.now() }
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

// Nothing to see here: these go straight through.
extension WatchedKernel {
  package func socket(
    _ family: AddressFamily, _ type: SocketType, _ site: CallSite
  ) throws(SystemError) -> Int32 {
    try real.socket(family, type, site)
  }
  package func bind(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) {
    try real.bind(fd, address, site)
  }
  package func listen(
    _ fd: Int32, _ backlog: Int32, _ site: CallSite
  ) throws(SystemError) {
    try real.listen(fd, backlog, site)
  }
  package func accept(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> (fd: Int32, address: SocketAddress) {
    try real.accept(fd, site)
  }
  package func connect(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) {
    try real.connect(fd, address, site)
  }
  package func recv(
    _ fd: Int32, into buffer: UnsafeMutableRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int {
    try real.recv(fd, into: buffer, site)
  }
  package func send(
    _ fd: Int32, _ bytes: UnsafeRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int {
    try real.send(fd, bytes, site)
  }
  package func sendmsg(
    _ fd: Int32, _ chunks: [UnsafeRawBufferPointer], _ site: CallSite
  ) throws(SystemError) -> Int {
    try real.sendmsg(fd, chunks, site)
  }
  package func shutdown(
    _ fd: Int32, _ direction: ShutdownDirection, _ site: CallSite
  ) throws(SystemError) {
    try real.shutdown(fd, direction, site)
  }
  package func getsockopt(
    _ fd: Int32, _ option: SocketOption, _ site: CallSite
  ) throws(SystemError) -> Int32 {
    try real.getsockopt(fd, option, site)
  }
  package func setsockopt(
    _ fd: Int32, _ option: SocketOption, _ value: Int32, _ site: CallSite
  ) throws(SystemError) {
    try real.setsockopt(fd, option, value, site)
  }
  package func setBlocking(
    _ fd: Int32, _ blocking: Bool, _ site: CallSite
  ) throws(SystemError) {
    try real.setBlocking(fd, blocking, site)
  }
  package func getsockname(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> SocketAddress {
    try real.getsockname(fd, site)
  }
  package func getpeername(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> SocketAddress {
    try real.getpeername(fd, site)
  }
  package func epollCreate(_ site: CallSite) throws(SystemError) -> Int32 {
    try real.epollCreate(site)
  }
  package func eventfd(_ site: CallSite) throws(SystemError) -> Int32 {
    try real.eventfd(site)
  }
  package func raise(_ eventfd: Int32, _ site: CallSite) throws(SystemError) {
    beforeRaise()
    try real.raise(eventfd, site)
  }
  package func drain(_ eventfd: Int32, _ site: CallSite) throws(SystemError) -> Int {
    try real.drain(eventfd, site)
  }
  package var clockResolution: Double { real.clockResolution }
}
