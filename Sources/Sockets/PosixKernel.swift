import CLibrary

/// The system calls that every Unix has, spelt so that every Unix understands them.
///
/// Each method is one system call, or two or three where flags are to be set. All of them
/// follow one pattern. C answers -1 and leaves the reason in `errno`; Swift throws the
/// reason. There is no cleverness here on purpose: no retry, no default, no wait that the
/// caller did not ask for.
///
/// A system's own kernel inherits all this and says better what it can say better.
open class PosixKernel: Kernel, @unchecked Sendable {
  // (Unchecked, because a subclass might add a state. A kernel has none of ours, and any
  // two of one kind are alike.)

  /// It has nothing to remember.
  public init() {}

  // [kernel.check]
  /// Turns C's -1 into a thrown `SystemError`.
  @discardableResult
  final func check<Number: SignedInteger>(
    _ call: String, _ result: Number, about address: SocketAddress? = nil
  ) throws(SystemError) -> Number {
    if result >= 0 { return result }
    // First of all, because whatever the C library does next may overwrite it:
    // writing the address down, for instance, allocates memory.
    let reason = errno
    throw SystemError(reason, in: call, about: address?.description)
  }

  // MARK: Sockets

  public func socket(
    _ family: AddressFamily, _ type: SocketType, _ site: CallSite
  ) throws(SystemError) -> Int32 {
    let type = type == .stream ? streamType : datagramType
    let fd = try check("socket", CLibrary.socket(family.number, type, 0))
    try prepare(fd, isBlocking: true)
    return fd
  }

  // [kernel.prepare]
  /// Sets the flags of a descriptor that was just made, or closes it again.
  ///
  /// Close-on-exec: a program that this one starts must not inherit the descriptor. What
  /// another thread starts between the two calls does inherit it; only a flag in the
  /// call that makes the descriptor would leave no gap.
  final func prepare(_ fd: Int32, isBlocking: Bool) throws(SystemError) {
    do throws(SystemError) {
      try silence(fd)
      try check("fcntl", fcntl(fd, F_SETFD, FD_CLOEXEC))
      // Said in either case: on the BSDs a new connection has its listener's flag.
      try setBlocking(fd, isBlocking, CallSite())
    } catch {
      _ = CLibrary.close(fd)
      throw error
    }
  }

  /// Sees to it that writing to this descriptor is never a signal. POSIX leaves nothing
  /// to be done: it has a flag for each `send`.
  func silence(_ fd: Int32) throws(SystemError) {}

  public func bind(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) {
    try check(
      "bind", address.withSockaddr { CLibrary.bind(fd, $0, $1) }, about: address)
  }

  public func listen(
    _ fd: Int32, _ backlog: Int32, _ site: CallSite
  ) throws(SystemError) {
    try check("listen", CLibrary.listen(fd, backlog))
  }

  // [kernel.accept]
  public func accept(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> (fd: Int32, address: SocketAddress) {
    var new: Int32 = -1
    // asyncio's own way: accept, then setblocking(False).
    let address = SocketAddress { new = CLibrary.accept(fd, $0, &$1) }
    try check("accept", new)
    do throws(SystemError) {
      try prepare(new, isBlocking: false)
      // A Mac hands over a client that has hung up already: without an address, and
      // without obeying when its flags are set. POSIX has a name for such a client.
      if !address.isEmpty { return (new, address) }
      _ = CLibrary.close(new)
    } catch {
      if error.errno != EINVAL { throw error }
    }
    throw SystemError(ECONNABORTED, in: "accept")
  }

  public func connect(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) {
    let result = address.withSockaddr { CLibrary.connect(fd, $0, $1) }
    try check("connect", result, about: address)
  }

  public func recv(
    _ fd: Int32, into buffer: UnsafeMutableRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int {
    try check("recv", CLibrary.recv(fd, buffer.baseAddress, buffer.count, 0))
  }

  // [kernel.no-sigpipe]
  public func send(
    _ fd: Int32, _ bytes: UnsafeRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int {
    // Writing to a peer that is gone raises SIGPIPE, and SIGPIPE kills. Python
    // ignores that signal for the whole process; a library may not, so it says
    // with each call that it wants the error EPIPE and no signal (MSG_NOSIGNAL).
    try check("send", CLibrary.send(fd, bytes.baseAddress, bytes.count, noSignal))
  }

  // [kernel.sendmsg]
  public func sendmsg(
    _ fd: Int32, _ chunks: [UnsafeRawBufferPointer], _ site: CallSite
  ) throws(SystemError) -> Int {
    // "Gathering": the kernel collects the pieces itself, so nobody has to copy
    // them into one. It only reads them; C has no `const` in this structure.
    var pieces = chunks.map {
      iovec(
        iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
    }
    let sent = pieces.withUnsafeMutableBufferPointer { list in
      var message = msghdr()
      message.msg_iov = list.baseAddress
      message.msg_iovlen = .init(list.count)  // an Int32 here, an Int there
      return CLibrary.sendmsg(fd, &message, noSignal)
    }
    return try check("sendmsg", sent)
  }

  public func shutdown(
    _ fd: Int32, _ direction: ShutdownDirection, _ site: CallSite
  ) throws(SystemError) {
    try check("shutdown", CLibrary.shutdown(fd, direction.rawValue))
  }

  // [kernel.close]
  open func close(_ fd: Int32, _ site: CallSite) {
    // The descriptor is gone even if close answers EINTR or EIO, and calling
    // again might hit a descriptor that another thread got meanwhile.
    _ = CLibrary.close(fd)
  }

  public func getsockopt(
    _ fd: Int32, _ option: SocketOption, _ site: CallSite
  ) throws(SystemError) -> Int32 {
    let (level, name) = option.numbers
    if option == .linger {
      var linger = CLibrary.linger()
      var size = socklen_t(MemoryLayout<CLibrary.linger>.size)
      try check("getsockopt", CLibrary.getsockopt(fd, level, name, &linger, &size))
      return linger.l_onoff == 0 ? -1 : linger.l_linger
    } else {
      var value: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      try check("getsockopt", CLibrary.getsockopt(fd, level, name, &value, &size))
      return value
    }
  }

  public func setsockopt(
    _ fd: Int32, _ option: SocketOption, _ value: Int32, _ site: CallSite
  ) throws(SystemError) {
    let (level, name) = option.numbers
    if option == .linger {
      // The one option that is two numbers: is it on, and for how long.
      var linger = CLibrary.linger(l_onoff: value < 0 ? 0 : 1, l_linger: max(0, value))
      let size = socklen_t(MemoryLayout<CLibrary.linger>.size)
      try check("setsockopt", CLibrary.setsockopt(fd, level, name, &linger, size))
    } else {
      var value = value
      let size = socklen_t(MemoryLayout<Int32>.size)
      try check("setsockopt", CLibrary.setsockopt(fd, level, name, &value, size))
    }
  }

  public func setBlocking(
    _ fd: Int32, _ blocking: Bool, _ site: CallSite
  ) throws(SystemError) {
    let flags = try check("fcntl", fcntl(fd, F_GETFL))
    let new = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK
    try check("fcntl", fcntl(fd, F_SETFL, new))
  }

  public func getsockname(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> SocketAddress {
    var result: Int32 = -1
    let address = SocketAddress { result = CLibrary.getsockname(fd, $0, &$1) }
    try check("getsockname", result)
    return address
  }

  public func getpeername(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> SocketAddress {
    var result: Int32 = -1
    let address = SocketAddress { result = CLibrary.getpeername(fd, $0, &$1) }
    try check("getpeername", result)
    return address
  }

  // MARK: Readiness

  public func poll(
    _ interest: [(fd: Int32, events: Int16)], timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: Int16)] {
    var list = interest.map { pollfd(fd: $0.fd, events: $0.events, revents: 0) }
    try check("poll", CLibrary.poll(&list, nfds_t(list.count), timeout))
    // poll hands the whole list back; most of it says "nothing".
    return list.filter { $0.revents != 0 }.map { ($0.fd, $0.revents) }
  }

  // [kernel.self-pipe]
  /// A pair of sockets, as in asyncio: two descriptors.
  public func selfPipe(_ site: CallSite) throws(SystemError) -> SelfPipe {
    let ends = try socketPair()
    return SelfPipe(readEnd: ends.0, writeEnd: ends.1)
  }

  /// Two sockets that are each other's peer.
  package final func socketPair(
    isBlocking: Bool = false
  ) throws(SystemError) -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    try check("socketpair", socketpair(AF_UNIX, streamType, 0, &ends))
    do throws(SystemError) {
      try prepare(ends[0], isBlocking: isBlocking)
    } catch {
      _ = CLibrary.close(ends[1])
      throw error
    }
    do throws(SystemError) {
      try prepare(ends[1], isBlocking: isBlocking)
    } catch {
      _ = CLibrary.close(ends[0])
      throw error
    }
    return (ends[0], ends[1])
  }

  public func raise(_ writeEnd: Int32, _ site: CallSite) throws(SystemError) {
    var byte: UInt8 = 0
    try check("send", CLibrary.send(writeEnd, &byte, 1, noSignal))
  }

  public func drain(_ readEnd: Int32, _ site: CallSite) throws(SystemError) -> Int {
    // As many wake-ups as asyncio takes at once. If there were more, the selector says
    // so again in the next turn.
    try withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) {
      bytes throws(SystemError) in
      try check("recv", CLibrary.recv(readEnd, bytes.baseAddress, bytes.count, 0))
    }
  }

  // MARK: The time

  public func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  public var clockResolution: Double {
    var step = timespec()
    clock_getres(CLOCK_MONOTONIC, &step)
    return Double(step.tv_sec) + Double(step.tv_nsec) * 1e-9
  }
}
