#if os(macOS)
  import CLibrary

  /// macOS, which keeps the list of descriptors that somebody waits for, and has a signal
  /// to be switched off socket by socket.
  public final class DarwinKernel: PosixKernel, KqueueKernel, @unchecked Sendable {
    // [kernel.no-sigpipe-here]
    /// Writing to a peer that is gone raises SIGPIPE, and SIGPIPE kills. Here it is an
    /// option of the socket that makes it the error EPIPE, for `write` as for `send`.
    override func silence(_ fd: Int32) throws(SystemError) {
      var one: Int32 = 1
      let size = socklen_t(MemoryLayout<Int32>.size)
      try check(
        "setsockopt",
        CLibrary.setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &one, size))
    }

    /// For a socket that was made elsewhere. For what is no socket it is not done, and
    /// nobody can `send` to that.
    public func adopt(_ fd: Int32, _ site: CallSite) { try? silence(fd) }

    // MARK: Readiness

    public func kqueueCreate(_ site: CallSite) throws(SystemError) -> Int32 {
      let queue = try check("kqueue", CLibrary.kqueue())
      // (A child that is forked does not inherit it: a queue is the process's own.)
      _ = fcntl(queue, F_SETFD, FD_CLOEXEC)
      return queue
    }

    public func kqueueControl(
      _ queue: Int32, _ change: KqueueChange, _ fd: Int32, _ filter: KqueueFilter,
      _ site: CallSite
    ) throws(SystemError) {
      var entry = kevent(
        ident: UInt(bitPattern: Int(fd)), filter: filter.rawValue,
        flags: change.rawValue, fflags: 0, data: 0, udata: nil)
      // There is no room for a report: so what the kernel has against the change is this
      // call's error, and no event.
      try check("kevent", kevent(queue, &entry, 1, nil, 0, nil))
    }

    public func kqueueWait(
      _ queue: Int32, limit: Int, timeout: Double?, _ site: CallSite
    ) throws(SystemError) -> [KqueueReport] {
      let limit = min(max(0, limit), 1 << 20)
      return try withUnsafeTemporaryAllocation(
        of: kevent.self, capacity: limit
      ) { events throws(SystemError) in
        let count: Int32
        if var time = span(timeout) {
          count = kevent(
            queue, nil, 0, events.baseAddress, Int32(limit), &time)
        } else {
          count = kevent(queue, nil, 0, events.baseAddress, Int32(limit), nil)
        }
        return try events.prefix(Int(check("kevent", count))).compactMap(report)
      }
    }

    /// Seconds, as seconds and nanoseconds, rounded up: nobody wakes too early.
    private func span(_ timeout: Double?) -> timespec? {
      guard let timeout, timeout < .infinity else { return nil }
      // The longest wait of a kernel is a year and more; the loop asks for a day.
      let nanoseconds = Int((min(max(0, timeout), 1e7) * 1e9).rounded(.up))
      return timespec(
        tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
    }

    private func report(_ event: kevent) -> KqueueReport? {
      guard let filter = KqueueFilter(rawValue: event.filter) else { return nil }
      let isEnd = event.flags & UInt16(EV_EOF) != 0
      let isRefused = event.flags & UInt16(EV_ERROR) != 0
      return KqueueReport(
        Int32(truncatingIfNeeded: event.ident), filter, isEnd: isEnd,
        error: isRefused
          ? Int32(event.data) : isEnd ? Int32(bitPattern: event.fflags) : 0)
    }
  }

  /// The kernel of this machine.
  public typealias SystemKernel = DarwinKernel
#else
  /// The kernel of this machine.
  public typealias SystemKernel = LinuxKernel
#endif
