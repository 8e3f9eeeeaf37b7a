import CLibrary
import EventLoops
public import Sockets

/// A Mac's ways, on Linux: `accept` and then `fcntl`, a pair of sockets as self-pipe, and
/// a kernel queue, made of `poll` and a list.
///
/// The sockets are real ones. The list keeps what a Mac's manual page promises: an entry
/// for a descriptor and a filter, which goes when the descriptor is closed.
public final class PortableKernel: PosixKernel, KqueueKernel, @unchecked Sendable {
  private struct Entry: Equatable {
    let fd: Int32
    let filter: KqueueFilter
  }
  /// The entries of each queue. (A queue's descriptor is an open file with nothing in it.)
  private let queues = Locked<[Int32: [Entry]]>([:])

  public override init() { super.init() }

  public override func close(_ fd: Int32, _ site: CallSite) {
    queues.withLock { queues in
      queues[fd] = nil
      for queue in queues.keys { queues[queue]!.removeAll { $0.fd == fd } }
    }
    super.close(fd, site)
  }

  public func kqueueCreate(_ site: CallSite) throws(SystemError) -> Int32 {
    let fd = open("/dev/null", O_RDONLY | O_CLOEXEC)
    if fd < 0 { throw SystemError(errno, in: "kqueue") }
    queues.withLock { $0[fd] = [] }
    return fd
  }

  public func kqueueControl(
    _ queue: Int32, _ change: KqueueChange, _ fd: Int32, _ filter: KqueueFilter,
    _ site: CallSite
  ) throws(SystemError) {
    let entry = Entry(fd: fd, filter: filter)
    let error = queues.withLock { queues -> Int32 in
      if queues[queue] == nil || fcntl(fd, F_GETFD) < 0 { return EBADF }
      let place = queues[queue]!.firstIndex(of: entry)
      switch change {
      case .add: if place == nil { queues[queue]!.append(entry) }
      case .delete:
        guard let place else { return ENOENT }
        queues[queue]!.remove(at: place)
      }
      return 0
    }
    if error != 0 { throw SystemError(error, in: "kevent") }
  }

  public func kqueueWait(
    _ queue: Int32, limit: Int, timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [KqueueReport] {
    let deadline = timeout.map { now() + $0 }
    while true {
      guard let entries = queues.withLock({ $0[queue] }) else {
        throw SystemError(EBADF, in: "kevent")
      }
      let rest = deadline.map { max(0, $0 - now()) }
      let wait = rest.map { Int32((min($0, 1e6) * 1000).rounded(.up)) } ?? -1
      let answers = try poll(
        entries.map { ($0.fd, Int16($0.filter == .read ? POLLIN : POLLOUT)) },
        timeout: wait, site)
      var reports: [KqueueReport] = []
      for (fd, bits) in answers {
        let bits = Int32(bits)
        // Closed by somebody else than us: the entry has gone.
        if bits & POLLNVAL != 0 {
          queues.withLock { $0[queue]?.removeAll { $0.fd == fd } }
          continue
        }
        let isEnd = bits & (POLLHUP | POLLERR) != 0
        for entry in entries
        where entry.fd == fd
          && !reports.contains(where: {
            $0.fd == fd && $0.filter == entry.filter
          })
        {
          let wanted = entry.filter == .read ? POLLIN : POLLOUT
          if bits & wanted != 0 || isEnd {
            reports.append(KqueueReport(fd, entry.filter, isEnd: isEnd))
          }
        }
      }
      if !reports.isEmpty || answers.isEmpty { return Array(reports.prefix(limit)) }
    }
  }
}

/// Called before any test begins, if the environment says so: see choose.c.
@_cdecl("chooseKernel") public func chooseKernel(_ name: UnsafePointer<CChar>) {
  switch String(cString: name) {
  case "portable": systemKernel = PortableKernel()
  case "poll": systemKernel = PosixKernel()
  default: fatalError("WALKTHROUGH_KERNEL is portable or poll")
  }
}
