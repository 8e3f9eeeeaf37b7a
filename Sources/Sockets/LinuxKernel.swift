import CLibrary

/// The real thing: each method is one system call (`setBlocking` needs two).
///
/// All of them follow one pattern. C answers -1 and leaves the reason in `errno`;
/// Swift throws the reason. There is no cleverness here on purpose: no retry, no
/// default, no wait that the caller did not ask for.
public final class LinuxKernel: Kernel, Sendable {
  /// The kernel has no state of ours; any two of these are alike.
  public init() {}

  // [kernel.check]
  /// Turns C's -1 into a thrown `SystemError`.
  @discardableResult
  func check<Number: SignedInteger>(
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
    // CLOEXEC: a program that this one starts must not inherit the descriptor.
    let type = type == .stream ? SOCK_STREAM : SOCK_DGRAM
    let flags = Int32(type.rawValue | SOCK_CLOEXEC.rawValue)
    return try check("socket", CLibrary.socket(family.number, flags, 0))
  }

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

  // [kernel.accept4]
  public func accept(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> (fd: Int32, address: SocketAddress) {
    var new: Int32 = -1
    // accept4 does in one call what asyncio does in two: accept, then
    // setblocking(False). Whether the listener blocks does not matter to the
    // new socket, on Linux it inherits no flag.
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let address = SocketAddress { new = accept4(fd, $0, &$1, flags) }
    return (try check("accept4", new), address)
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
    // with each call that it wants the error EPIPE and no signal.
    let flags = Int32(MSG_NOSIGNAL)
    return try check("send", CLibrary.send(fd, bytes.baseAddress, bytes.count, flags))
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
      message.msg_iovlen = list.count
      return CLibrary.sendmsg(fd, &message, Int32(MSG_NOSIGNAL))
    }
    return try check("sendmsg", sent)
  }

  public func shutdown(
    _ fd: Int32, _ direction: ShutdownDirection, _ site: CallSite
  ) throws(SystemError) {
    try check("shutdown", CLibrary.shutdown(fd, direction.rawValue))
  }

  // [kernel.close]
  public func close(_ fd: Int32, _ site: CallSite) {
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
}
