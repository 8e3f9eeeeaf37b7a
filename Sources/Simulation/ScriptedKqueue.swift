import CLibrary
public import Sockets

/// The list of entries that a scripted kernel keeps for `KqueueSelector`, as a Mac's does
/// by its manual page: what `ScriptedEpoll` is for epoll.
///
/// Who writes the script says what there is to tell of descriptors. It is told for as long
/// as there is an entry that asks for it.
public struct ScriptedKqueue {
  /// The descriptor of the queue.
  public static let descriptor: Int32 = 4
  /// What there is to tell, whether or not an entry asks for it.
  public var ready: [KqueueReport] = []
  /// The entries, in the order of their making.
  public private(set) var entries: [(fd: Int32, filter: KqueueFilter)] = []
  private var closed: Set<Int32> = []

  /// An empty list.
  public init() {}

  private func place(_ fd: Int32, _ filter: KqueueFilter) -> Int? {
    entries.firstIndex { $0.fd == fd && $0.filter == filter }
  }

  /// What a wait would report now: no more than there is room for.
  func news(_ limit: Int) -> [KqueueReport] {
    Array(ready.filter { place($0.fd, $0.filter) != nil }.prefix(limit))
  }

  /// - Returns: what the kernel has against the change; 0 for nothing.
  mutating func change(
    _ change: KqueueChange, _ fd: Int32, _ filter: KqueueFilter
  ) -> Int32 {
    if closed.contains(fd) { return EBADF }
    switch (change, place(fd, filter)) {
    case (.add, nil): entries.append((fd, filter))
    case (.add, _?): break  // it may be added twice, and is there once
    case (.delete, let place?): entries.remove(at: place)
    case (.delete, nil): return ENOENT
    }
    return 0
  }

  /// The descriptor was closed: its entries leave the list by themselves.
  public mutating func forget(_ fd: Int32) {
    entries.removeAll { $0.fd == fd }
    closed.insert(fd)
  }

  /// Its number was given out again.
  public mutating func reopen(_ fd: Int32) { closed.remove(fd) }
}
