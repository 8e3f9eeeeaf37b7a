import CLibrary

/// The calls that wait for many descriptors at once, and the two that wake
/// such a wait: see the chapter on readiness.
extension LinuxKernel {
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

  public func poll(
    _ interest: [(fd: Int32, events: Int16)], timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: Int16)] {
    var list = interest.map { pollfd(fd: $0.fd, events: $0.events, revents: 0) }
    try check("poll", CLibrary.poll(&list, nfds_t(list.count), timeout))
    // poll hands the whole list back; most of it says "nothing".
    return list.filter { $0.revents != 0 }.map { ($0.fd, $0.revents) }
  }

  public func eventfd(_ site: CallSite) throws(SystemError) -> Int32 {
    try check("eventfd", CLibrary.eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)))
  }

  public func raise(_ eventfd: Int32, _ site: CallSite) throws(SystemError) {
    var one: UInt64 = 1  // the counter takes steps of eight bytes, always
    try check("write", write(eventfd, &one, MemoryLayout<UInt64>.size))
  }

  public func drain(_ eventfd: Int32, _ site: CallSite) throws(SystemError) -> Int {
    var count: UInt64 = 0
    return try check("read", read(eventfd, &count, MemoryLayout<UInt64>.size))
  }

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
