/// The list that both selectors keep: who waits for what, by descriptor.
///
/// epoll has a list of its own, and the two can part: when a descriptor is closed,
/// the kernel forgets it at once and nobody tells this map. Several scars of asyncio
/// come from that moment (C1, T13), so keep in mind that this is what *we* believe.
///
/// asyncio: selectors._BaseSelectorImpl
struct SelectorMap {
  private(set) var keys: [Int32: SelectorKey] = [:]
  private var isClosed = false

  subscript(fd: Int32) -> SelectorKey? { keys[fd] }

  /// Checks the arguments and adds a key.
  ///
  /// asyncio: selectors._BaseSelectorImpl.register
  mutating func add(
    _ fd: Int32, _ events: Events, _ data: AnyObject?
  ) throws(SelectorError) -> SelectorKey {
    if isClosed { throw .closed }
    if !events.isValid { throw .invalidEvents(events) }
    if fd < 0 { throw .invalidDescriptor(fd) }
    if keys[fd] != nil { throw .alreadyRegistered(fd) }
    let key = SelectorKey(fd: fd, events: events, data: data)
    keys[fd] = key
    return key
  }

  /// Replaces a key that is there; returns the old one too.
  ///
  /// asyncio: selectors._BaseSelectorImpl.modify
  mutating func change(
    _ fd: Int32, _ events: Events, _ data: AnyObject?
  ) throws(SelectorError) -> (old: SelectorKey, new: SelectorKey) {
    let old = try key(of: fd)
    if !events.isValid { throw .invalidEvents(events) }
    let new = SelectorKey(fd: fd, events: events, data: data)
    keys[fd] = new
    return (old, new)
  }

  /// Removes a key that is there.
  ///
  /// asyncio: selectors._BaseSelectorImpl.unregister
  mutating func remove(_ fd: Int32) throws(SelectorError) -> SelectorKey {
    let key = try key(of: fd)
    keys[fd] = nil
    return key
  }

  /// asyncio: selectors.BaseSelector.get_key
  func key(of fd: Int32) throws(SelectorError) -> SelectorKey {
    if let key = keys[fd] { return key }
    throw isClosed ? .closed : .notRegistered(fd)
  }

  /// Forgets everything, for good.
  ///
  /// asyncio: selectors._BaseSelectorImpl.close
  mutating func close() {
    keys = [:]
    isClosed = true
  }
}

extension Events {
  /// At least one event, and none that does not exist.
  fileprivate var isValid: Bool { !isEmpty && isSubset(of: [.read, .write]) }
}
