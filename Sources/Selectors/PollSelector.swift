import CLinux
public import Sockets

/// The portable selector: the list goes to the kernel anew with every question.
///
/// Nothing can get out of step this way, and a change of the list costs nothing.
/// The price is that every wait copies and walks the whole list, twice.
///
/// asyncio: selectors.PollSelector
public final class PollSelector: Selector {
  private let kernel: any Kernel
  private var map = SelectorMap()

  /// - Parameter kernel: who makes the system calls.
  public init(kernel: any Kernel = LinuxKernel()) { self.kernel = kernel }

  public var keys: [Int32: SelectorKey] { map.keys }
  public func getKey(_ fd: Int32) -> SelectorKey? { map[fd] }

  @discardableResult
  public func register(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    try map.add(fd, events, data)
  }

  @discardableResult
  public func modify(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    try map.change(fd, events, data).new
  }

  @discardableResult
  public func unregister(_ fd: Int32, _ site: CallSite) throws -> SelectorKey {
    try map.remove(fd)
  }

  public func select(
    timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [(key: SelectorKey, events: Events)] {
    let ready = try waitRetrying(timeout, kernel) {
      (milliseconds) throws(SystemError) in
      let interest = map.keys.values.map { (fd: $0.fd, events: mask($0.events)) }
      return try kernel.poll(interest, timeout: milliseconds, site)
    }
    return ready.compactMap { fd, bits in
      guard let key = map[fd] else { return nil }
      // The same reading as with epoll: errors and hang-ups wake both sides.
      var events: Events = []
      if bits & ~Int16(POLLIN) != 0 { events.insert(.write) }
      if bits & ~Int16(POLLOUT) != 0 { events.insert(.read) }
      let wanted = events.intersection(key.events)
      return wanted.isEmpty ? nil : (key, wanted)
    }
  }

  public func close(_ site: CallSite) { map.removeAll() }

  private func mask(_ events: Events) -> Int16 {
    (events.contains(.read) ? Int16(POLLIN) : 0)
      | (events.contains(.write) ? Int16(POLLOUT) : 0)
  }
}
