#if os(Linux)
  import CLibrary

  /// Linux, which can make a descriptor and set its flags in one call, counts wake-ups,
  /// and keeps the list of descriptors that somebody waits for.
  public final class LinuxKernel: PosixKernel, EpollKernel, @unchecked Sendable {
    public override func socket(
      _ family: AddressFamily, _ type: SocketType, _ site: CallSite
    ) throws(SystemError) -> Int32 {
      // CLOEXEC: a program that this one starts must not inherit the descriptor.
      let type = type == .stream ? SOCK_STREAM : SOCK_DGRAM
      let flags = Int32(type.rawValue | SOCK_CLOEXEC.rawValue)
      return try check("socket", CLibrary.socket(family.number, flags, 0))
    }

    // [kernel.accept4]
    public override func accept(
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

    // MARK: Waking up

    /// A counter that the kernel keeps.
    public override func selfPipe(_ site: CallSite) throws(SystemError) -> SelfPipe {
      let flags = Int32(EFD_NONBLOCK | EFD_CLOEXEC)
      return SelfPipe(readEnd: try check("eventfd", eventfd(0, flags)))
    }

    public override func raise(_ counter: Int32, _ site: CallSite) throws(SystemError) {
      var one: UInt64 = 1  // the counter takes steps of eight bytes, always
      try check("write", write(counter, &one, MemoryLayout<UInt64>.size))
    }

    public override func drain(
      _ counter: Int32, _ site: CallSite
    ) throws(SystemError) -> Int {
      var count: UInt64 = 0
      return try check("read", read(counter, &count, MemoryLayout<UInt64>.size))
    }

    // MARK: Readiness

    public func epollCreate(_ site: CallSite) throws(SystemError) -> Int32 {
      try check("epoll_create1", epoll_create1(Int32(EPOLL_CLOEXEC)))
    }

    public func epollControl(
      _ epoll: Int32, _ change: EpollChange, _ fd: Int32, _ events: UInt32,
      _ site: CallSite
    ) throws(SystemError) {
      // `data` comes back from epoll_wait untouched. It could be any 64 bits, a
      // pointer to our own records for instance; the number is all we need. (For a
      // deletion there is nothing to say, and the kernel does not look.)
      var event = epoll_event(events: events, data: epoll_data_t(fd: fd))
      try check("epoll_ctl", epoll_ctl(epoll, change.rawValue, fd, &event))
    }

    public func epollWait(
      _ epoll: Int32, limit: Int, timeout: Int32, _ site: CallSite
    ) throws(SystemError) -> [(fd: Int32, events: UInt32)] {
      // Scratch memory, on the stack if it is little: the kernel writes at most
      // `limit` entries into it, and only those are looked at. (No process has more
      // descriptors than the number here; and for none the kernel answers EINVAL.)
      let limit = min(max(0, limit), 1 << 20)
      return try withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: limit) {
        events throws(SystemError) in
        let count = epoll_wait(epoll, events.baseAddress, Int32(limit), timeout)
        return try events.prefix(Int(check("epoll_wait", count))).map {
          (fd: $0.data.fd, events: $0.events)
        }
      }
    }
  }
#endif
