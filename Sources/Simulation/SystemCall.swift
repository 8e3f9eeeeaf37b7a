public import Sockets

/// A system call as a value: what a script expects, and what a recording holds.
public enum SystemCall: Sendable, Equatable {
  case socket(AddressFamily)
  case bind(fd: Int32, SocketAddress)
  case listen(fd: Int32, backlog: Int32)
  case accept(fd: Int32)
  case connect(fd: Int32, SocketAddress)
  case recv(fd: Int32, limit: Int)
  case send(fd: Int32, count: Int)
  case sendmsg(fd: Int32, counts: [Int])
  case shutdown(fd: Int32, ShutdownDirection)
  case close(fd: Int32)
  case getsockopt(fd: Int32, SocketOption)
  case setsockopt(fd: Int32, SocketOption, Int32)
  case setBlocking(fd: Int32, Bool)
  case getsockname(fd: Int32)
  case getpeername(fd: Int32)
  case epollCreate
  case epollControl(epoll: Int32, EpollChange, fd: Int32, events: UInt32)
  case epollWait(epoll: Int32, timeout: Int32)
  case kqueueCreate
  case kqueueControl(queue: Int32, KqueueChange, fd: Int32, KqueueFilter)
  /// The timeout is in milliseconds, rounded up, although kqueue counts finer.
  case kqueueWait(queue: Int32, timeout: Int32)
  case poll(fds: [Int32], timeout: Int32)
  /// A self-pipe that is a counter.
  case eventfd
  /// A self-pipe that is two sockets; the answer is its reading end.
  case socketpair
  case raise(eventfd: Int32)
  case drain(eventfd: Int32)
}

/// What the kernel said to a `SystemCall`.
public enum SystemAnswer: Sendable, Equatable {
  /// It is done.
  case done
  /// A number: bytes moved, or an option's value.
  case number(Int)
  /// A new descriptor; with the client's address, if it came from `accept`.
  case descriptor(Int32, SocketAddress? = nil)
  /// An address.
  case address(SocketAddress)
  /// What was received; empty for the end of the stream.
  case bytes([UInt8])
  /// These descriptors are ready, with these bits.
  case ready([Int32: UInt32])
  /// These entries of a kernel queue have something to tell.
  case reports([KqueueReport])
  /// No, and why: `EAGAIN` and so on.
  case error(Int32)
}
