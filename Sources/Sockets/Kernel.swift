/// Everything that leaves the process goes through here.
///
/// `LinuxKernel` makes the real system calls. A scripted kernel answers what a
/// test wants to hear, and a recording one writes down what was asked: that is
/// how the replays force an EAGAIN, and how the step-through knows of one.
/// The `CallSite` is the line of the caller; the real kernel does not look at it.
///
/// Descriptors are plain `Int32` here, as in C. `Socket` is what owns one.
public protocol Kernel: AnyObject {
  // MARK: Sockets

  /// Makes a socket, blocking, and closed when the process executes another.
  func socket(
    _ family: AddressFamily, _ type: SocketType, _ site: CallSite
  ) throws(SystemError) -> Int32
  /// Gives a socket an address of its own.
  func bind(_ fd: Int32, _ address: SocketAddress, _ site: CallSite) throws(SystemError)
  /// Lets clients queue up: `backlog` of them, and on Linux one more.
  func listen(_ fd: Int32, _ backlog: Int32, _ site: CallSite) throws(SystemError)
  /// Takes one client off the queue. The new socket is non-blocking from birth.
  func accept(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> (fd: Int32, address: SocketAddress)
  /// Starts the handshake with `address`.
  func connect(_ fd: Int32, _ address: SocketAddress, _ site: CallSite)
    throws(SystemError)
  /// Takes bytes that have arrived; 0 means that the peer has finished sending.
  func recv(
    _ fd: Int32, into buffer: UnsafeMutableRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int
  /// Hands bytes over for sending; returns how many were taken. Never SIGPIPE.
  func send(
    _ fd: Int32, _ bytes: UnsafeRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int
  /// Hands over several pieces at once, as if they were one. Never SIGPIPE.
  ///
  /// - Parameter chunks: the pieces, in order; at most 1024 (`IOV_MAX`), more are
  ///   refused with EMSGSIZE.
  /// - Returns: how many bytes were taken, counted from the first piece on.
  func sendmsg(
    _ fd: Int32, _ chunks: [UnsafeRawBufferPointer], _ site: CallSite
  ) throws(SystemError) -> Int
  /// Ends one direction, or both, of a connection.
  func shutdown(
    _ fd: Int32, _ direction: ShutdownDirection, _ site: CallSite
  ) throws(SystemError)
  /// Gives the descriptor back. Its number may be somebody else's a moment later.
  func close(_ fd: Int32, _ site: CallSite)
  /// Reads an option that is a number.
  func getsockopt(
    _ fd: Int32, _ option: SocketOption, _ site: CallSite
  ) throws(SystemError) -> Int32
  /// Sets an option that is a number.
  func setsockopt(
    _ fd: Int32, _ option: SocketOption, _ value: Int32, _ site: CallSite
  ) throws(SystemError)
  /// Chooses between "wait for it" and "answer EAGAIN".
  func setBlocking(_ fd: Int32, _ blocking: Bool, _ site: CallSite) throws(SystemError)
  /// The socket's own address.
  func getsockname(_ fd: Int32, _ site: CallSite) throws(SystemError) -> SocketAddress
  /// The address of the other end.
  func getpeername(_ fd: Int32, _ site: CallSite) throws(SystemError) -> SocketAddress

  /// Asks the resolver for the addresses of a host. It may take seconds, and so it
  /// is called from a thread of its own, and has no place in a recording.
  ///
  /// - Throws: `ResolutionError`; `SystemError` if it cannot even ask, EMFILE for
  ///   instance; `ValueError` for a host with a zero byte.
  func getaddrinfo(
    _ host: String, _ port: UInt16, _ family: AddressFamily?, _ type: SocketType
  ) throws -> [AddressInfo]

  // MARK: Readiness

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
  /// The older way: the whole list of descriptors goes in at every call.
  func poll(
    _ interest: [(fd: Int32, events: Int16)], timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: Int16)]

  // MARK: Waking up, and the time

  /// Makes a counter that one thread raises and another one polls.
  func eventfd(_ site: CallSite) throws(SystemError) -> Int32
  /// Raises the counter. May be called from any thread.
  func raise(_ eventfd: Int32, _ site: CallSite) throws(SystemError)
  /// Takes the counter down to zero; returns how many bytes were read, 8 if well.
  func drain(_ eventfd: Int32, _ site: CallSite) throws(SystemError) -> Int
  /// Seconds on a clock that never goes back. Its zero means nothing.
  func now() -> Double
  /// The smallest step, in seconds, that this clock can take.
  var clockResolution: Double { get }
}

/// Bytes in a row, or whole messages.
public enum SocketType: Sendable {
  /// `SOCK_STREAM`: TCP, for an IP address.
  case stream
  /// `SOCK_DGRAM`: UDP, for an IP address.
  case datagram
}

/// Which half of a connection `shutdown` ends.
public enum ShutdownDirection: Int32, Sendable {
  /// `SHUT_RD`
  case read = 0
  /// `SHUT_WR`: the peer reads an end of stream.
  case write = 1
  /// `SHUT_RDWR`
  case both = 2
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
