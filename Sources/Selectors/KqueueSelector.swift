public import Sockets

/// The selector for macOS and the BSDs: the kernel keeps the list, and an entry of it is a
/// descriptor and a filter.
///
/// So a descriptor that is waited for on both sides is two entries, made by two calls and
/// reported apart. Errors and hang-ups do not come unasked, as epoll's do: each entry
/// tells of its own end, by becoming ready.
///
/// asyncio: selectors.KqueueSelector
public final class KqueueSelector: Selector {
  private let kernel: any KqueueKernel
  private var queue: Int32
  private var map = SelectorMap()
  /// How many entries the kernel's list has, as far as we know.
  private var entries = 0

  /// - Parameter kernel: who makes the system calls.
  /// - Throws: `SystemError`, EMFILE if the process has no descriptor left.
  ///
  /// asyncio: selectors.KqueueSelector.__init__
  public init(
    kernel: any KqueueKernel, file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) {
    self.kernel = kernel
    queue = try kernel.kqueueCreate(CallSite(file, line))
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

  // [kqueue.register]
  /// Puts a descriptor on both lists, ours and the kernel's, or on neither.
  ///
  /// asyncio: selectors.KqueueSelector.register
  @discardableResult
  public func register(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    let key = try map.add(fd, events, data)
    try watch(key, site)
    return key
  }

  // [kqueue.modify]
  /// Changes the data here, and the events here and in the kernel.
  ///
  /// asyncio: selectors._BaseSelectorImpl.modify
  @discardableResult
  public func modify(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    let (old, new) = try map.change(fd, events, data)
    // Same events, other data: the kernel need not hear of it, as with epoll (C1).
    if old.events == new.events { return new }
    // There is no call that changes an entry. The old ones go and the new ones come, also
    // one that is both: a heir of the number has none, and gets it this way.
    forget(fd, old.events, site)
    try watch(new, site)
    return new
  }

  // [kqueue.unregister]
  /// Takes a descriptor off both lists.
  ///
  /// asyncio: selectors.KqueueSelector.unregister
  @discardableResult
  public func unregister(_ fd: Int32, _ site: CallSite) throws -> SelectorKey {
    let key = try map.remove(fd)
    forget(fd, key.events, site)
    return key
  }

  // [kqueue.watch]
  /// Adds the entries of a key: both of them or none. The error of the second change says
  /// nothing of the first one, which has been made. (asyncio leaves it on the kernel's
  /// list, and forgets it.)
  private func watch(_ key: SelectorKey, _ site: CallSite) throws {
    var done: Events = []
    do {
      for (event, filter) in Self.filters where key.events.contains(event) {
        try kernel.kqueueControl(queue, .add, key.fd, filter, site)
        entries += 1
        done.insert(event)
      }
    } catch {
      forget(key.fd, done, site)
      _ = try map.remove(key.fd)
      throw error
    }
  }

  /// Deletes entries. Those of a descriptor that was closed have left the list by
  /// themselves: the answer is EBADF, or ENOENT if the number has an heir. Either way
  /// nobody is watched any more.
  private func forget(_ fd: Int32, _ events: Events, _ site: CallSite) {
    for (event, filter) in Self.filters where events.contains(event) {
      entries -= 1
      try? kernel.kqueueControl(queue, .delete, fd, filter, site)
    }
  }

  // [kqueue.select]
  /// Asks the kernel for news and translates its answer.
  ///
  /// asyncio: selectors.KqueueSelector.select
  public func select(
    timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [(key: SelectorKey, events: Events)] {
    let ready = try waitRetrying(timeout, kernel) { (rest) throws(SystemError) in
      // Room for all of them. And never for none: with no room `kevent` does not wait
      // at all, and the loop would turn at full speed (bpo-29255).
      let limit = max(1, entries)
      return try kernel.kqueueWait(queue, limit: limit, timeout: rest, site)
    }
    return ready.compactMap { report in
      // An end, or an error, is news like any other: whoever waits on this side has to
      // try it, and hears of it from the call.
      let event: Events = report.filter == .read ? .read : .write
      guard let key = map[report.fd], key.events.contains(event) else { return nil }
      return (key, event)
    }
  }

  /// Gives the kernel's list back, which is a descriptor too.
  ///
  /// asyncio: selectors.KqueueSelector.close
  public func close(_ site: CallSite) {
    guard queue >= 0 else { return }
    kernel.close(queue, site)
    queue = -1
    map.close()
  }

  /// Our two events, and the kernel's two filters.
  private static let filters: [(Events, KqueueFilter)] = [
    (.read, .read), (.write, .write),
  ]
}
