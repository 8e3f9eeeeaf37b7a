import CLibrary
public import Sockets

/// An epoll selector that is slow to forget.
///
/// A task that reads waits, gets its bytes, and waits again. asyncio takes the socket off
/// the list after each wait and puts it back before the next: two system calls, after
/// which the kernel knows what it knew before. This selector takes a socket off *its* list
/// and leaves it on the kernel's. There it *lingers*, and when it comes back, which it
/// mostly does, nobody has to be told.
///
/// Only for reading. A socket with nothing to read is quiet, but nearly every socket is
/// writable, always, and would be reported until it is taken off.
///
/// What lingers stays in the epoll selector below, with a mark in the place of the data.
/// To change the data of an entry is free, and that is the whole trick.
public final class LazySelector: Selector {
  private let kernel: any Kernel
  private let epoll: EpollSelector
  @exclusivity(unchecked) private var lingeringCount = 0
  private let process = getpid()

  /// Stands where the data of somebody who waits would be. Each socket that lingers has
  /// one, its keeper, and shows it when it comes back.
  private final class Mark: DescriptorKeeper {
    weak var selector: LazySelector?
    init(_ selector: LazySelector) { self.selector = selector }
    func forget(_ fd: Int32, _ site: CallSite) { selector?.forget(fd, site) }
  }

  /// - Parameter kernel: who makes the system calls.
  /// - Throws: `SystemError`, EMFILE if the process has no descriptor left.
  public init(kernel: any EpollKernel) throws(SystemError) {
    self.kernel = kernel
    epoll = try EpollSelector(kernel: kernel)
  }

  private func lingers(_ key: SelectorKey) -> Bool {
    lingeringCount > 0 && key.data is Mark
  }

  private func lingers(_ fd: Int32) -> Bool { epoll.getKey(fd).map(lingers) == true }

  private func drop(_ fd: Int32, _ site: CallSite) {
    lingeringCount -= 1
    _ = try? epoll.unregister(fd, site)
  }

  /// The list, without those that linger.
  public var keys: [Int32: SelectorKey] { epoll.keys.filter { !($1.data is Mark) } }
  /// Looks a descriptor up; `nil` if it is not on the list.
  public func getKey(_ fd: Int32) -> SelectorKey? {
    guard let key = epoll.getKey(fd), !lingers(key) else { return nil }
    return key
  }

  /// Looks a descriptor up that has to be there.
  public func key(of fd: Int32) throws(SelectorError) -> SelectorKey {
    let key = try epoll.key(of: fd)
    if lingers(key) { throw .notRegistered(fd) }
    return key
  }

  /// Puts a descriptor on both lists. A number proves nothing about the socket behind it:
  /// where one lingers, the kernel is told anew.
  @discardableResult
  public func register(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    if lingers(fd) { drop(fd, site) }
    return try epoll.register(fd, events, data: data, site)
  }

  // [lazy.register]
  /// Puts a socket on the list. The same one, which was open all the time, costs nothing.
  @discardableResult
  public func register(
    _ socket: Socket, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    let fd = socket.descriptor
    if events == .read, let mark = socket.keeper, epoll.getKey(fd)?.data === mark {
      lingeringCount -= 1
      return try epoll.modify(fd, events, data: data, site)
    }
    return try register(fd, events, data: data, site)
  }

  /// Changes what is waited for, or the data, or both.
  @discardableResult
  public func modify(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    if lingers(fd) { throw SelectorError.notRegistered(fd) }
    return try epoll.modify(fd, events, data: data, site)
  }

  /// Takes a descriptor off both lists, at once.
  @discardableResult
  public func unregister(_ fd: Int32, _ site: CallSite) throws -> SelectorKey {
    if lingers(fd) { throw SelectorError.notRegistered(fd) }
    return try epoll.unregister(fd, site)
  }

  // [lazy.release]
  /// Takes a socket off our list, and lets it linger on the kernel's.
  ///
  /// It is asked to tell us before it closes. (It can do that for one selector only; for
  /// a second one it does not linger.)
  public func release(_ socket: Socket, _ site: CallSite) throws {
    let fd = socket.descriptor
    if socket.keeper == nil { socket.keeper = Mark(self) }
    guard let key = epoll.getKey(fd), key.events == .read, !(key.data is Mark),
      let mark = socket.keeper as? Mark, mark.selector === self
    else {
      try unregister(fd, site)
      return
    }
    try epoll.modify(fd, .read, data: mark, site)
    lingeringCount += 1
  }

  // [lazy.forget]
  /// The socket is about to close, or somebody else has its number.
  ///
  /// Closing would take it off the kernel's list, but not if a copy of the descriptor is
  /// open somewhere: then the kernel would report, for ever, a number that nobody can take
  /// off any more. So it goes now, while the number still means this socket.
  ///
  /// A child process that was forked has copies of all our sockets, and of the list, which
  /// is the same one. When the child closes its copies, the parent still waits on its own:
  /// the entries stay.
  private func forget(_ fd: Int32, _ site: CallSite) {
    if lingers(fd) && getpid() == process { drop(fd, site) }
  }

  // [lazy.select]
  /// Waits for somebody who is on our list.
  ///
  /// News of one that lingers is news that nobody asked for. Level-triggered, it would
  /// come with every question from now on; the first one takes it off the kernel's list,
  /// and the wait goes on. asyncio's loop would not have been woken.
  public func select(
    timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [(key: SelectorKey, events: Events)] {
    if lingeringCount == 0 { return try epoll.select(timeout: timeout, site) }
    // (Not with `max`, for which what is not a number is less than 0.)
    var rest = timeout.map { $0 <= 0 ? 0 : $0 }
    let deadline = rest.map { $0 == 0 ? 0 : kernel.now() + $0 }
    while true {
      let ready = try epoll.select(timeout: rest, site)
      if !ready.contains(where: { $0.key.data is Mark }) { return ready }
      for (key, _) in ready where key.data is Mark { drop(key.fd, site) }
      let wanted = ready.filter { !($0.key.data is Mark) }
      if !wanted.isEmpty || rest == 0 { return wanted }
      rest = deadline.map { max(0, $0 - kernel.now()) }
    }
  }

  /// Gives the kernel's list back.
  public func close(_ site: CallSite) {
    lingeringCount = 0
    epoll.close(site)
  }
}
