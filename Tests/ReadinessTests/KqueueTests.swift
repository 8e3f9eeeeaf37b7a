import CLibrary
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

/// The selector of a Mac, against a kernel queue that follows a script: it answers what
/// the manual page allows.
@Suite struct KqueueTests {
  private let kernel = ScriptedKernel()
  private let selector: KqueueSelector
  private let site = CallSite()

  init() throws {
    kernel.queue = ScriptedKqueue()
    kernel.fail = { Issue.record(Comment(rawValue: $0)) }
    selector = try KqueueSelector(kernel: kernel)
  }

  /// The entries of the kernel's list: `7 read`.
  private var entries: [String] {
    kernel.queue!.entries.map { "\($0.fd) \($0.filter)" }
  }

  private func ready(_ timeout: Double? = 0) throws -> [String] {
    try selector.select(timeout: timeout, site).map {
      "\($0.key.fd) \($0.events == .read ? "read" : "write")"
    }
  }

  /// The changes of the list that were asked for so far: `add 7 read`.
  private var changes: [String] {
    kernel.calls.compactMap {
      guard case .kqueueControl(_, let change, let fd, let filter) = $0 else {
        return nil
      }
      return "\(change) \(fd) \(filter)"
    }
  }

  @Test func `each side is an entry, and a call of its own`() throws {
    try selector.register(7, .read, data: nil, site)
    try selector.register(8, [.read, .write], data: nil, site)
    #expect(changes == ["add 7 read", "add 8 read", "add 8 write"])
    try selector.unregister(8, site)
    #expect(changes.suffix(2) == ["delete 8 read", "delete 8 write"])
    #expect(entries == ["7 read"])
    #expect(selector.keys.keys.sorted() == [7])
  }

  @Test func `both sides of a descriptor are reported apart`() throws {
    try selector.register(7, [.read, .write], data: nil, site)
    kernel.queue!.ready = [KqueueReport(7, .write), KqueueReport(7, .read)]
    #expect(try ready() == ["7 write", "7 read"])
    // A level: it is told again.
    #expect(try ready(nil) == ["7 write", "7 read"])
    kernel.queue!.ready = []
    #expect(try ready() == [])
  }

  @Test func `only the side that is waited for is reported`() throws {
    try selector.register(7, .write, data: nil, site)
    kernel.queue!.ready = [KqueueReport(7, .read), KqueueReport(9, .read)]
    #expect(try ready() == [])
  }

  @Test(arguments: [
    KqueueReport(7, .read, isEnd: true),
    KqueueReport(7, .read, isEnd: true, error: ECONNRESET),
    KqueueReport(7, .write, isEnd: true, error: EPIPE),
    KqueueReport(7, .write, error: EBADF),
  ])
  func `an end or an error wakes whoever waits on that side`(
    report: KqueueReport
  ) throws {
    try selector.register(7, [.read, .write], data: nil, site)
    kernel.queue!.ready = [report]
    #expect(try ready(nil) == ["7 \(report.filter)"])
  }

  @Test func `a refused entry leaves nobody on either list`() throws {
    // The first change is made, the second is not: errors are per change.
    kernel.expect(
      (.kqueueControl(queue: 4, .add, fd: 7, .read), .done),
      (.kqueueControl(queue: 4, .add, fd: 7, .write), .error(ENOMEM)),
      (.kqueueControl(queue: 4, .delete, fd: 7, .read), .done))
    #expect(throws: SystemError.self) {
      try selector.register(7, [.read, .write], data: nil, site)
    }
    #expect(kernel.missing == [])
    #expect(selector.getKey(7) == nil)
    #expect(throws: SelectorError.notRegistered(7)) { try selector.unregister(7, site) }
  }

  @Test func `with other events the old entries go and the new ones come`() throws {
    let (one, other) = (Note(), Note())
    try selector.register(7, .read, data: one, site)
    try selector.modify(7, [.read, .write], data: other, site)
    #expect(
      changes == ["add 7 read", "delete 7 read", "add 7 read", "add 7 write"])
    #expect(selector.getKey(7)?.data === other)
    // With the same ones, nobody in the kernel hears of it.
    try selector.modify(7, [.read, .write], data: one, site)
    #expect(changes.count == 4)
    #expect(selector.getKey(7)?.data === one)
    #expect(throws: SelectorError.invalidEvents([])) {
      try selector.modify(7, [], data: nil, site)
    }
    #expect(entries == ["7 read", "7 write"])
  }

  @Test func `a change that the kernel refuses ends the registration`() throws {
    try selector.register(7, .read, data: nil, site)
    kernel.expect(
      (.kqueueControl(queue: 4, .delete, fd: 7, .read), .done),
      (.kqueueControl(queue: 4, .add, fd: 7, .write), .error(EBADF)))
    #expect(throws: SystemError.self) {
      try selector.modify(7, .write, data: nil, site)
    }
    #expect(selector.getKey(7) == nil)
  }

  @Test func `an entry leaves with its descriptor and may be unregistered after it`()
    throws
  {
    try selector.register(7, [.read, .write], data: nil, site)
    kernel.close(7, site)
    #expect(entries == [])
    // EBADF, and ENOENT once the number has an heir: neither is the caller's business.
    try selector.unregister(7, site)
    try selector.register(8, .read, data: nil, site)
    kernel.close(8, site)
    kernel.queue!.reopen(8)
    try selector.unregister(8, site)
    #expect(selector.keys.isEmpty)
  }

  @Test func `C1 kqueue hears nothing when the heir of a number is modified`() throws {
    try selector.register(7, .write, data: nil, site)
    kernel.close(7, site)  // and not unregistered: that is the mistake
    kernel.queue!.reopen(7)
    kernel.queue!.ready = [KqueueReport(7, .write)]
    try selector.modify(7, .write, data: Note(), site)
    #expect(try ready() == [])
    // With other events the heir gets its entries.
    try selector.modify(7, [.read, .write], data: nil, site)
    #expect(try ready() == ["7 write"])
  }

  @Test func `there is room for every entry, and never none`() throws {
    // With room for nothing `kevent` does not wait at all (bpo-29255).
    #expect(try ready(2) == [] && kernel.time == 2)
    for fd: Int32 in 10..<20 {
      try selector.register(fd, [.read, .write], data: nil, site)
      kernel.queue!.ready += [KqueueReport(fd, .read), KqueueReport(fd, .write)]
    }
    #expect(try ready().count == 20)
    for fd: Int32 in 10..<19 { try selector.unregister(fd, site) }
    #expect(try ready() == ["19 read", "19 write"])
  }

  @Test func `an interrupted wait goes on for the rest of the time`() throws {
    try selector.register(7, .read, data: nil, site)
    kernel.expect(
      (.kqueueWait(queue: 4, timeout: 1500), .error(EINTR)),
      (.kqueueWait(queue: 4, timeout: 1500), .reports([KqueueReport(7, .read)])))
    #expect(try ready(1.5) == ["7 read"])
    kernel.expect((.kqueueWait(queue: 4, timeout: -1), .error(EBADF)))
    #expect(throws: SystemError.self) { try ready(nil) }
    #expect(kernel.missing == [])
  }

  @Test func `a time that is over only looks and nothing is rounded away`() throws {
    _ = try ready(-3)
    _ = try ready(0.0001)
    #expect(
      kernel.calls.suffix(2)
        == [.kqueueWait(queue: 4, timeout: 0), .kqueueWait(queue: 4, timeout: 1)])
  }

  @Test func `closing gives the queue back, once`() throws {
    try selector.register(7, .read, data: nil, site)
    selector.close(site)
    selector.close(site)
    #expect(kernel.calls.count { $0 == .close(fd: 4) } == 1)
    #expect(selector.keys.isEmpty)
    #expect(throws: SelectorError.closed) {
      try selector.register(7, .read, data: nil, site)
    }
  }

  @Test func `a kernel with a queue and no epoll gets this selector`() throws {
    #expect(try defaultSelector(for: PortableKernel()) is KqueueSelector)
    #expect(try defaultSelector(for: PosixKernel()) is PollSelector)
    kernel.epoll = ScriptedEpoll()
    #expect(try defaultSelector(for: kernel) is EpollSelector)
  }
}
