/// Everything that leaves the process goes through here.
///
/// `LinuxKernel` and `DarwinKernel` make the real system calls. A scripted kernel
/// answers what a test wants to hear, and a recording one writes down what was asked:
/// that is how the replays force an EAGAIN, and how the step-through knows of one.
/// The `CallSite` is the line of the caller; the real kernel does not look at it.
///
/// Here is what every system has. What only one has, a list of descriptors that the
/// kernel keeps, is asked for apart: see `asEpoll` and `asKqueue`.
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
  /// Does what a descriptor needs that somebody else has made: on a Mac, no SIGPIPE.
  func adopt(_ fd: Int32, _ site: CallSite)
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

  /// Waits for any of these descriptors, up to `timeout` milliseconds (-1: without
  /// limit). The whole list goes in at every call.
  func poll(
    _ interest: [(fd: Int32, events: Int16)], timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: Int16)]
  /// The same kernel as one that keeps a list, Linux's way; `nil` if it does not.
  var asEpoll: (any EpollKernel)? { get }
  /// The same kernel as one that keeps a list, the way of macOS and the BSDs.
  var asKqueue: (any KqueueKernel)? { get }

  // MARK: Waking up, and the time

  /// Makes something that becomes readable when another thread says so.
  func selfPipe(_ site: CallSite) throws(SystemError) -> SelfPipe
  /// Makes it readable, at its writing end. May be called from any thread.
  func raise(_ writeEnd: Int32, _ site: CallSite) throws(SystemError)
  /// Takes out of its reading end what was written; returns how many bytes there were.
  func drain(_ readEnd: Int32, _ site: CallSite) throws(SystemError) -> Int
  /// Seconds on a clock that never goes back. Its zero means nothing.
  func now() -> Double
  /// The smallest step, in seconds, that this clock can take.
  var clockResolution: Double { get }
}

extension Kernel {
  public func adopt(_ fd: Int32, _ site: CallSite) {}
  public var asEpoll: (any EpollKernel)? { self as? any EpollKernel }
  public var asKqueue: (any KqueueKernel)? { self as? any KqueueKernel }
}

/// What wakes a sleeping loop: two ends of a pair of sockets; or a counter, which is
/// both ends at once.
public struct SelfPipe: Sendable, Equatable {
  /// Becomes readable.
  public let readEnd: Int32
  /// Makes the other one readable.
  public let writeEnd: Int32

  /// - Parameter writeEnd: leave it out if there is one descriptor for both.
  public init(readEnd: Int32, writeEnd: Int32? = nil) {
    self.readEnd = readEnd
    self.writeEnd = writeEnd ?? readEnd
  }
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
