/// The list that every selector keeps: who waits for what, by descriptor.
///
/// The kernel may have a list of its own, and the two can part: when a descriptor is closed,
/// the kernel forgets it at once and nobody tells this map. Several scars of asyncio
/// come from that moment (C1, T13), so keep in mind that this is what *we* believe.
///
/// asyncio: selectors._BaseSelectorImpl
struct SelectorMap {
  /// A place for each descriptor up to the largest. The kernel gives out the lowest
  /// number that is free, so few are empty, and nothing has to be hashed.
  private var places: [SelectorKey?] = []
  /// Numbers that no table should be made for. Most of them are mistakes.
  private var beyond: [Int32: SelectorKey] = [:]
  private static let limit = 1 << 16
  private(set) var count = 0
  private var isClosed = false

  var all: [SelectorKey] { places.compactMap { $0 } + beyond.values }
  var keys: [Int32: SelectorKey] {
    Dictionary(uniqueKeysWithValues: all.map { ($0.fd, $0) })
  }

  private(set) subscript(fd: Int32) -> SelectorKey? {
    get { places.indices.contains(Int(fd)) ? places[Int(fd)] : beyond[fd] }
    set {
      if fd >= Self.limit { return beyond[fd] = newValue }
      let missing = Int(fd) + 1 - places.count
      if missing > 0 { places += Array(repeating: nil, count: missing) }
      places[Int(fd)] = newValue
    }
  }

  /// Checks the arguments and adds a key.
  ///
  /// asyncio: selectors._BaseSelectorImpl.register
  mutating func add(
    _ fd: Int32, _ events: Events, _ data: AnyObject?
  ) throws(SelectorError) -> SelectorKey {
    if isClosed { throw .closed }
    if !events.isValid { throw .invalidEvents(events) }
    if fd < 0 { throw .invalidDescriptor(fd) }
    if self[fd] != nil { throw .alreadyRegistered(fd) }
    let key = SelectorKey(fd: fd, events: events, data: data)
    self[fd] = key
    count += 1
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
    self[fd] = new
    return (old, new)
  }

  /// Removes a key that is there.
  ///
  /// asyncio: selectors._BaseSelectorImpl.unregister
  mutating func remove(_ fd: Int32) throws(SelectorError) -> SelectorKey {
    let key = try key(of: fd)
    self[fd] = nil
    count -= 1
    return key
  }

  /// asyncio: selectors.BaseSelector.get_key
  func key(of fd: Int32) throws(SelectorError) -> SelectorKey {
    if let key = self[fd] { return key }
    throw isClosed ? .closed : .notRegistered(fd)
  }

  /// Forgets everything, for good.
  ///
  /// asyncio: selectors._BaseSelectorImpl.close
  mutating func close() {
    self = SelectorMap()
    isClosed = true
  }
}

extension Events {
  /// At least one event, and none that does not exist.
  fileprivate var isValid: Bool { !isEmpty && isSubset(of: [.read, .write]) }
}
