/// A kernel that keeps the list of descriptors itself, Linux's way.
///
/// The list is a descriptor too. Each change of it is a call, and the call that waits
/// names nobody.
public protocol EpollKernel: Kernel {
  /// Makes an epoll instance.
  func epollCreate(_ site: CallSite) throws(SystemError) -> Int32
  /// Adds a descriptor to an epoll instance, changes it, or deletes it.
  func epollControl(
    _ epoll: Int32, _ change: EpollChange, _ fd: Int32, _ events: UInt32,
    _ site: CallSite
  ) throws(SystemError)
  /// Waits up to `timeout` milliseconds (-1: without limit); returns at most
  /// `limit` descriptors with what is true of them.
  func epollWait(
    _ epoll: Int32, limit: Int, timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: UInt32)]
}

/// What to do to an epoll instance's list.
public enum EpollChange: Int32, Sendable {
  /// `EPOLL_CTL_ADD`
  case add = 1
  /// `EPOLL_CTL_DEL`
  case delete = 2
  /// `EPOLL_CTL_MOD`
  case modify = 3
}

/// What epoll can say of a descriptor. The numbers stand here because a script may speak
/// of epoll on a system that has no such header.
public enum EpollBits {
  /// `EPOLLIN`: a read would not wait.
  public static let `in`: UInt32 = 0x1
  /// `EPOLLOUT`: a write would not wait.
  public static let out: UInt32 = 0x4
  /// `EPOLLERR`, which comes unasked.
  public static let err: UInt32 = 0x8
  /// `EPOLLHUP`, which comes unasked.
  public static let hup: UInt32 = 0x10
}
