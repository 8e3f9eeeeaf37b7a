/// A kernel that keeps the list of descriptors itself, the way of macOS and the BSDs.
///
/// An entry of the list is a descriptor *and a filter*: readable and writable are two
/// entries, which are added, deleted and reported apart. In C one call, `kevent`, changes
/// the list and waits; here it has two names, because nobody does both at once.
public protocol KqueueKernel: Kernel {
  /// Makes a kernel queue, which is a descriptor too.
  func kqueueCreate(_ site: CallSite) throws(SystemError) -> Int32
  /// Adds an entry to a queue, or deletes it.
  func kqueueControl(
    _ queue: Int32, _ change: KqueueChange, _ fd: Int32, _ filter: KqueueFilter,
    _ site: CallSite
  ) throws(SystemError)
  /// Waits up to `timeout` seconds (`nil`: without limit); returns at most `limit`
  /// entries of which something is true.
  func kqueueWait(
    _ queue: Int32, limit: Int, timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [KqueueReport]
}

/// What to do to a queue's list.
public enum KqueueChange: UInt16, Sendable {
  /// `EV_ADD`; what is there already stays.
  case add = 1
  /// `EV_DELETE`
  case delete = 2
}

/// Which question an entry asks.
public enum KqueueFilter: Int16, Sendable {
  /// `EVFILT_READ`
  case read = -1
  /// `EVFILT_WRITE`
  case write = -2
}

/// What `kevent` says of one entry.
public struct KqueueReport: Sendable, Equatable {
  /// The descriptor.
  public let fd: Int32
  /// The question that is answered.
  public let filter: KqueueFilter
  /// `EV_EOF`: the other end sends, or takes, nothing more.
  public let isEnd: Bool
  /// With an end, the error that the socket ended with; with `EV_ERROR`, what the kernel
  /// has against the entry. 0 for none.
  public let error: Int32

  /// - Parameters:
  ///   - fd: the descriptor.
  ///   - filter: the question that is answered.
  ///   - isEnd: whether the flag `EV_EOF` is set.
  ///   - error: an error's number, 0 for none.
  public init(
    _ fd: Int32, _ filter: KqueueFilter, isEnd: Bool = false, error: Int32 = 0
  ) {
    self.fd = fd
    self.filter = filter
    self.isEnd = isEnd
    self.error = error
  }
}
