/// One end of a conversation, or the place where conversations begin.
///
/// A socket *is* its descriptor: a small number that the kernel gave out and that
/// it gives out again once this one is closed. So somebody has to own it, and that
/// is this object. When nobody holds the object any more, the descriptor closes.
///
/// The methods are Python's `socket` methods: each one is one system call and
/// throws `SystemError` when the kernel says no. (One difference: Python begins
/// again by itself when a signal interrupts a call that waits. Here that is an
/// `interrupted` error, and only blocking sockets ever see it.)
///
/// asyncio: socket.socket
public final class Socket {
  /// The descriptor, or -1 once the socket is closed.
  ///
  /// asyncio: socket.socket.fileno
  public var descriptor: Int32 { number }
  // (`unchecked`: see `Handle`. The word is not heard in another module; hence the two
  // names.)
  @exclusivity(unchecked) private var number: Int32
  /// Whether a call may wait. Sockets start out blocking.
  ///
  /// asyncio: socket.socket.getblocking
  public var isBlocking: Bool { mayWait }
  @exclusivity(unchecked) private var mayWait: Bool
  /// What kind of address this socket can have.
  public let family: AddressFamily
  /// Bytes in a row, or messages.
  public let type: SocketType
  private let kernel: any Kernel
  /// Who remembers this socket's number although nobody waits on it.
  package var keeper: (any DescriptorKeeper)? {
    get { reminded }
    set { reminded = newValue }
  }
  @exclusivity(unchecked) private var reminded: (any DescriptorKeeper)?

  /// Makes a new socket; it has no address and no peer yet.
  ///
  /// - Parameters:
  ///   - family: the kind of address it will have.
  ///   - type: bytes in a row, or messages.
  ///   - kernel: who makes the system calls, if it is not the machine's.
  /// - Throws: `SystemError`, EMFILE if the process has no descriptor left.
  ///
  /// asyncio: socket.socket.__init__
  public init(
    _ family: AddressFamily = .ipv4, _ type: SocketType = .stream,
    kernel: (any Kernel)? = nil, file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) {
    self.kernel = kernel ?? kernelInFront
    self.family = family
    self.type = type
    mayWait = true
    number = try self.kernel.socket(family, type, CallSite(file, line))
  }

  /// Takes over a descriptor that exists already.
  ///
  /// - Parameters:
  ///   - descriptor: the number; from now on this object closes it.
  ///   - isBlocking: what its file flags say.
  public init(
    owning descriptor: Int32, _ family: AddressFamily, _ type: SocketType = .stream,
    isBlocking: Bool, kernel: (any Kernel)? = nil
  ) {
    number = descriptor
    mayWait = isBlocking
    self.family = family
    self.type = type
    self.kernel = kernel ?? kernelInFront
    self.kernel.adopt(descriptor, CallSite())
  }

  deinit { close() }

  // MARK: A listener's life

  /// Gives the socket an address.
  ///
  /// - Throws: `SystemError`: EADDRINUSE, EACCES for a port below 1024.
  ///
  /// asyncio: socket.socket.bind
  public func bind(
    _ address: SocketAddress, file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) {
    try kernel.bind(descriptor, address, CallSite(file, line))
  }

  // [socket.listen]
  /// Turns the socket into a listener. From here on the kernel shakes hands with
  /// clients by itself; `accept` only picks up the finished ones.
  ///
  /// - Parameter backlog: how many finished ones may wait; less than none counts as
  ///   none, and the kernel has a limit of its own (`somaxconn`).
  /// - Throws: `SystemError`.
  ///
  /// asyncio: socket.socket.listen
  public func listen(
    _ backlog: Int32 = 100, file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) {
    // Linux takes a negative number for a huge one, and Python does not let it.
    try kernel.listen(descriptor, max(0, backlog), CallSite(file, line))
  }

  // [socket.accept]
  /// Takes the client that has waited longest.
  ///
  /// - Returns: a new, non-blocking socket for this one client, and its address.
  /// - Throws: `SystemError`: EAGAIN if the listener is non-blocking and nobody
  ///   waits, EMFILE if there is no descriptor left. On Linux a client that gave up
  ///   while it waited is no error: its first `recv` tells. On a Mac it may be ECONNABORTED.
  ///
  /// asyncio: socket.socket.accept
  public func accept(
    file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) -> (connection: Socket, address: SocketAddress) {
    let (new, address) = try kernel.accept(descriptor, CallSite(file, line))
    let connection = Socket(
      owning: new, family, type, isBlocking: false, kernel: kernel)
    return (connection, address)
  }

  // MARK: A connection's life

  /// Starts the handshake with the listener at `address`.
  ///
  /// - Throws: `SystemError`: EINPROGRESS if the socket is non-blocking, which
  ///   means "ask again when I am writable"; ECONNREFUSED if nobody listens there.
  ///
  /// asyncio: socket.socket.connect
  public func connect(
    _ address: SocketAddress, file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) {
    try kernel.connect(descriptor, address, CallSite(file, line))
  }

  // [socket.recv]
  /// Takes what has arrived, at most as much as fits.
  ///
  /// - Parameter buffer: where to put it; an empty one gets 0, and says nothing
  ///   about the peer.
  /// - Returns: the number of bytes; 0 means that the peer has finished sending.
  /// - Throws: `SystemError`: EAGAIN if nothing is there yet, ECONNRESET.
  ///
  /// asyncio: socket.socket.recv_into
  public func recv(
    into buffer: UnsafeMutableRawBufferPointer,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) -> Int {
    // Asked for no bytes, Linux would still wait until there are some. Python does
    // not ask at all then, and nobody means to wait for nothing.
    if buffer.isEmpty { return 0 }
    return try kernel.recv(descriptor, into: buffer, CallSite(file, line))
  }

  /// Takes what has arrived, as a new array.
  ///
  /// - Parameter count: how many bytes at the most; 0 gets none, and says nothing about
  ///   the peer.
  /// - Returns: the bytes; none means that the peer has finished sending.
  /// - Throws: `SystemError`: EAGAIN if nothing is there yet, ECONNRESET; `ValueError`
  ///   for a negative count.
  ///
  /// asyncio: socket.socket.recv
  public func recv(
    _ count: Int, file: StaticString = #fileID, line: UInt = #line
  ) throws -> [UInt8] {
    try checkSize(count, "the count of recv")
    return try receive(count, CallSite(file, line))
  }

  /// The same for a count that was looked at.
  package func receive(
    _ count: Int, _ site: CallSite
  ) throws(SystemError) -> [UInt8] {
    // Into scratch memory first (the stack, if there is little of it), and from there
    // into an array as long as what came: few messages fill the room they may take, and
    // no buffer of the kernel holds more than the largest scratch.
    return try withUnsafeTemporaryAllocation(
      byteCount: min(count, Self.largestScratch), alignment: 1
    ) { (scratch) throws(SystemError) in
      let received = try recv(into: scratch, file: site.file, line: site.line)
      return [UInt8](UnsafeRawBufferPointer(rebasing: scratch[..<received]))
    }
  }

  /// 64 MiB; Linux's own limit for a socket's buffer, `net.core.rmem_max`, is less.
  private static let largestScratch = 64 << 20

  /// Hands bytes to the kernel.
  ///
  /// - Returns: how many it took; the rest is still the caller's.
  /// - Throws: `SystemError`: EAGAIN if it has no room at all, EPIPE if the peer is
  ///   gone. Never a signal.
  ///
  /// asyncio: socket.socket.send
  public func send(
    _ bytes: UnsafeRawBufferPointer, file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) -> Int {
    try kernel.send(descriptor, bytes, CallSite(file, line))
  }

  // [socket.sendmsg]
  /// Hands several pieces to the kernel, as if they were one.
  ///
  /// - Parameter chunks: the pieces, in order; at most 1024.
  /// - Returns: how many bytes it took; the rest is still the caller's.
  /// - Throws: `SystemError`, as `send` does; EMSGSIZE for too many pieces.
  ///
  /// asyncio: socket.socket.sendmsg
  public func sendmsg(
    _ chunks: [UnsafeRawBufferPointer],
    file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) -> Int {
    try kernel.sendmsg(descriptor, chunks, CallSite(file, line))
  }

  /// Ends one direction; with `.write` the peer reads an end of stream.
  ///
  /// - Throws: `SystemError`: ENOTCONN if there is no peer.
  ///
  /// asyncio: socket.socket.shutdown
  public func shutdown(
    _ direction: ShutdownDirection, file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) {
    try kernel.shutdown(descriptor, direction, CallSite(file, line))
  }

  // [socket.close]
  /// Gives the descriptor back; a second call does nothing.
  ///
  /// The number is forgotten *before* the kernel hears of it. From the moment the
  /// kernel knows, the number may belong to somebody else, and a close by habit
  /// would close theirs.
  ///
  /// asyncio: socket.socket.close
  public func close(file: StaticString = #fileID, line: UInt = #line) {
    guard number >= 0 else { return }
    let old = number
    number = -1
    keeper?.forget(old, CallSite(file, line))
    keeper = nil
    kernel.close(old, CallSite(file, line))
  }

  // MARK: Questions and settings

  /// Chooses whether a call waits (`true`) or answers EAGAIN (`false`).
  ///
  /// - Throws: `SystemError`: EBADF if the socket is closed.
  ///
  /// asyncio: socket.socket.setblocking
  public func setBlocking(
    _ blocking: Bool, file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) {
    try kernel.setBlocking(descriptor, blocking, CallSite(file, line))
    mayWait = blocking
  }

  /// Reads an option.
  ///
  /// - Throws: `SystemError`.
  ///
  /// asyncio: socket.socket.getsockopt
  public func getsockopt(
    _ option: SocketOption, file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) -> Int32 {
    try kernel.getsockopt(descriptor, option, CallSite(file, line))
  }

  /// Sets an option.
  ///
  /// - Throws: `SystemError`.
  ///
  /// asyncio: socket.socket.setsockopt
  public func setsockopt(
    _ option: SocketOption, _ value: Int32,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) {
    try kernel.setsockopt(descriptor, option, value, CallSite(file, line))
  }

  /// The socket's own address; tells the port that the kernel chose.
  ///
  /// - Throws: `SystemError`.
  ///
  /// asyncio: socket.socket.getsockname
  public func getsockname(
    file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) -> SocketAddress {
    try kernel.getsockname(descriptor, CallSite(file, line))
  }

  /// The address of the other end.
  ///
  /// - Throws: `SystemError`: ENOTCONN if there is none.
  ///
  /// asyncio: socket.socket.getpeername
  public func getpeername(
    file: StaticString = #fileID, line: UInt = #line
  ) throws(SystemError) -> SocketAddress {
    try kernel.getpeername(descriptor, CallSite(file, line))
  }
}

/// Somebody who remembers something about a descriptor for longer than anybody asked.
///
/// The kernel gives a number out again the moment it is free. So whoever remembers one
/// has to hear of its end from the object that owns it, while it still does.
package protocol DescriptorKeeper: AnyObject {
  /// The descriptor is about to be closed.
  func forget(_ fd: Int32, _ site: CallSite)
}
