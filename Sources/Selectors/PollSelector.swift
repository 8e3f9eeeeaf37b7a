import CLibrary
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
  ///
  /// asyncio: selectors._PollLikeSelector.__init__
  public init(kernel: any Kernel = SystemKernel()) { self.kernel = kernel }

  /// The list, which is all there is: the kernel keeps none.
  ///
  /// asyncio: selectors._BaseSelectorImpl.get_map
  public var keys: [Int32: SelectorKey] { map.keys }
  /// Looks a descriptor up; `nil` if it is not on the list.
  ///
  /// asyncio: selectors._SelectorMapping.get
  public func getKey(_ fd: Int32) -> SelectorKey? { map[fd] }
  /// Looks a descriptor up that has to be there.
  ///
  /// asyncio: selectors.BaseSelector.get_key
  public func key(of fd: Int32) throws(SelectorError) -> SelectorKey {
    try map.key(of: fd)
  }

  /// Puts a descriptor on the list. The kernel hears of it with the next question,
  /// and only then says what it has against it.
  ///
  /// asyncio: selectors._PollLikeSelector.register
  @discardableResult
  public func register(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    try map.add(fd, events, data)
  }

  /// Changes what the next question will be.
  ///
  /// asyncio: selectors._PollLikeSelector.modify
  @discardableResult
  public func modify(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    try map.change(fd, events, data).new
  }

  /// Leaves a descriptor out of the next question.
  ///
  /// asyncio: selectors._PollLikeSelector.unregister
  @discardableResult
  public func unregister(_ fd: Int32, _ site: CallSite) throws -> SelectorKey {
    try map.remove(fd)
  }

  // [poll.select]
  /// Asks about the whole list and translates the answer.
  ///
  /// asyncio: selectors._PollLikeSelector.select
  public func select(
    timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [(key: SelectorKey, events: Events)] {
    let ready = try waitRetrying(timeout, kernel) { (rest) throws(SystemError) in
      let interest = map.all.map { (fd: $0.fd, events: mask($0.events)) }
      return try kernel.poll(interest, timeout: milliseconds(rest), site)
    }
    return ready.compactMap { fd, bits in
      guard let key = map[fd] else { return nil }
      // The same reading as with epoll: errors and hang-ups wake both sides. So does
      // POLLNVAL, "this descriptor is closed": poll notices, where epoll is silent.
      var events: Events = []
      if bits & ~Int16(POLLIN) != 0 { events.insert(.write) }
      if bits & ~Int16(POLLOUT) != 0 { events.insert(.read) }
      let wanted = events.intersection(key.events)
      return wanted.isEmpty ? nil : (key, wanted)
    }
  }

  /// Empties the list; there is nothing to give back.
  ///
  /// asyncio: selectors._BaseSelectorImpl.close
  public func close(_ site: CallSite) { map.close() }

  /// Our two events in the kernel's bits.
  private func mask(_ events: Events) -> Int16 {
    (events.contains(.read) ? Int16(POLLIN) : 0)
      | (events.contains(.write) ? Int16(POLLOUT) : 0)
  }
}
