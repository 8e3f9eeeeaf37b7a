import CLibrary

/// The kernel's list of sockets that wait to be read, with nothing in between: epoll, or
/// kqueue on a Mac.
struct RawQueue {
  #if os(Linux)
    let fd = epoll_create1(0)
    private var events = [epoll_event](repeating: epoll_event(), count: 512)

    func add(_ socket: Int32) {
      var event = epoll_event(
        events: EPOLLIN.rawValue, data: epoll_data_t(fd: socket))
      epoll_ctl(fd, EPOLL_CTL_ADD, socket, &event)
    }
    func remove(_ socket: Int32) { epoll_ctl(fd, EPOLL_CTL_DEL, socket, nil) }

    /// Waits so many milliseconds at the most, or, with -1, without limit.
    mutating func wait(_ milliseconds: Int32) -> Int {
      Int(epoll_wait(fd, &events, 512, milliseconds))
    }
    /// What the last wait has found.
    func socket(_ place: Int) -> Int32 { events[place].data.fd }
  #else
    let fd = kqueue()
    private var events: [kevent] = .init(repeating: kevent(), count: 512)

    private func change(_ socket: Int32, _ flag: Int32) {
      var event = kevent(
        ident: UInt(socket), filter: Int16(EVFILT_READ), flags: UInt16(flag), fflags: 0,
        data: 0, udata: nil)
      kevent(fd, &event, 1, nil, 0, nil)
    }
    func add(_ socket: Int32) { change(socket, EV_ADD) }
    func remove(_ socket: Int32) { change(socket, EV_DELETE) }

    /// Waits so many milliseconds at the most, or, with -1, without limit.
    mutating func wait(_ milliseconds: Int32) -> Int {
      if milliseconds < 0 { return Int(kevent(fd, nil, 0, &events, 512, nil)) }
      var limit = timespec(
        tv_sec: Int(milliseconds) / 1000, tv_nsec: Int(milliseconds) % 1000 * 1_000_000)
      return Int(kevent(fd, nil, 0, &events, 512, &limit))
    }
    /// What the last wait has found.
    func socket(_ place: Int) -> Int32 { Int32(events[place].ident) }
  #endif
}
