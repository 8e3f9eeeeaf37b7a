import CLibrary
public import Sockets

/// The selector for Linux: the kernel keeps the list.
///
/// With epoll, each change of the list is a system call of its own (`epoll_ctl`),
/// and waiting (`epoll_wait`) names no descriptor at all. So a wait costs as much
/// as there is news, however many descriptors are on the list.
///
/// asyncio: selectors.EpollSelector
public final class EpollSelector: Selector {
  private let kernel: any EpollKernel
  private var epoll: Int32
  @exclusivity(unchecked) private var map = SelectorMap()

  /// - Parameter kernel: who makes the system calls.
  /// - Throws: `SystemError`, EMFILE if the process has no descriptor left.
  ///
  /// asyncio: selectors._PollLikeSelector.__init__
  public init(
    kernel: any EpollKernel, file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) {
    self.kernel = kernel
    epoll = try kernel.epollCreate(CallSite(file, line))
  }

  deinit { close(CallSite()) }

  /// The list, as we believe it to be.
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

  // [epoll.register]
  /// Puts a descriptor on both lists, ours and the kernel's, or on neither.
  ///
  /// asyncio: selectors._PollLikeSelector.register
  @discardableResult
  public func register(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    let key = try map.add(fd, events, data)
    do {
      try kernel.epollControl(epoll, .add, fd, mask(events), site)
    } catch {
      // EPERM for a regular file, EBADF for a closed number. What the kernel
      // does not watch must not stand in the map either.
      _ = try map.remove(fd)
      throw error
    }
    return key
  }

  // [epoll.modify]
  /// Changes the data here, and the events here and in the kernel.
  ///
  /// asyncio: selectors._PollLikeSelector.modify
  @discardableResult
  public func modify(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    let (old, new) = try map.change(fd, events, data)
    // Same events, other data: the kernel need not hear of it. (And if the kernel
    // has forgotten the descriptor meanwhile, this is how nobody notices: C1.)
    if old.events == new.events { return new }
    do {
      try kernel.epollControl(epoll, .modify, fd, mask(events), site)
    } catch {
      // As in selectors._PollLikeSelector.modify: a registration that the kernel
      // refuses to change is no registration.
      _ = try map.remove(fd)
      throw error
    }
    return new
  }

  // [epoll.unregister]
  /// Takes a descriptor off both lists.
  ///
  /// asyncio: selectors._PollLikeSelector.unregister
  @discardableResult
  public func unregister(_ fd: Int32, _ site: CallSite) throws -> SelectorKey {
    let key = try map.remove(fd)
    // A descriptor that was closed has left the kernel's list by itself. The answer
    // is EBADF, or ENOENT if somebody else has got the number since; either way the
    // caller has what they wanted.
    try? kernel.epollControl(epoll, .delete, fd, 0, site)
    return key
  }

  // [epoll.select]
  /// Asks the kernel for news and translates its answer.
  ///
  /// asyncio: selectors.EpollSelector.select
  public func select(
    timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [(key: SelectorKey, events: Events)] {
    let ready = try waitRetrying(timeout, kernel) { (rest) throws(SystemError) in
      // Room for all of them, so that one call tells everything there is.
      let limit = max(1, map.count)
      return try kernel.epollWait(
        epoll, limit: limit, timeout: milliseconds(rest), site)
    }
    // The kernel may know more than we do.
    var hasStranger = false
    let known = ready.compactMap { fd, bits -> (key: SelectorKey, events: Events)? in
      guard let key = map[fd] else {
        hasStranger = true
        return nil
      }
      // EPOLLERR and EPOLLHUP come unasked and count as both: whoever waits, for
      // whatever, has to try it to see the error. Hence "all but the other".
      var events: Events = []
      if bits & ~EpollBits.in != 0 { events.insert(.write) }
      if bits & ~EpollBits.out != 0 { events.insert(.read) }
      let wanted = events.intersection(key.events)
      return wanted.isEmpty ? nil : (key, wanted)
    }
    if hasStranger { try remake(site) }
    return known
  }

  // [epoll.remake]
  /// Begins with a new list in the kernel: the old one has an entry that is not ours.
  ///
  /// A descriptor that was closed and then unregistered stays on the kernel's list while
  /// a copy of it is open elsewhere, in a child process say. And nobody can take it off:
  /// `epoll_ctl` wants an open number. But it can be left behind, with the whole list.
  /// (libev does so. asyncio's loop turns at full speed until the copy is closed.)
  private func remake(_ site: CallSite) throws(SystemError) {
    // The old one first: then there is a number for the new one.
    kernel.close(epoll, site)
    epoll = -1
    epoll = try kernel.epollCreate(site)
    for key in map.keys.values.sorted(by: { $0.fd < $1.fd }) {
      do {
        try kernel.epollControl(epoll, .add, key.fd, mask(key.events), site)
      } catch {
        // One that was closed and not unregistered. The old list had it no more, and its
        // number is nobody's now, or the heir's. Only a full kernel is an error.
        if error.errno == ENOMEM || error.errno == ENOSPC { throw error }
      }
    }
  }

  /// Gives the kernel's list back, which is a descriptor too.
  ///
  /// asyncio: selectors.EpollSelector.close
  public func close(_ site: CallSite) {
    guard epoll >= 0 else { return }
    kernel.close(epoll, site)
    epoll = -1
    map.close()
  }

  /// Our two events in the kernel's bits.
  private func mask(_ events: Events) -> UInt32 {
    (events.contains(.read) ? EpollBits.in : 0)
      | (events.contains(.write) ? EpollBits.out : 0)
  }
}
