import CLibrary
import Selectors
public import Sockets

/// A kernel that follows a script: these calls, in this order, with these answers.
///
/// A call that the script does not expect is a failure of the test, and is
/// reported with both sides. The clock stands still until somebody moves it.
///
/// The calls that wake a loop up, and `close`, need not be scripted: they are
/// answered in the obvious way. They may be, and then they are part of the order.
public final class ScriptedKernel: EpollKernel, KqueueKernel {
  /// One line of a script.
  public typealias Line = (call: SystemCall, answer: SystemAnswer)

  /// What is still to come.
  public private(set) var script: [Line]
  /// What to do when a call and the script differ; by default the program ends.
  public var fail: (String) -> Void = { fatalError($0) }
  /// What `now()` answers, in seconds.
  public var time = 0.0
  /// What `clockResolution` answers, in seconds.
  public var clockResolution = 1e-9
  /// Whether the calls must come in the script's order. If not, each takes the first
  /// line that is about it: for a script that two programs follow which ask differently.
  public var isInOrder = true
  /// If there is one, the calls that wait and watch need no script.
  public var epoll: ScriptedEpoll?
  /// The same for a kernel queue.
  public var queue: ScriptedKqueue?
  /// Every call so far, also those that need no script.
  public private(set) var calls: [SystemCall] = []
  /// The descriptor of the self-pipe that the loop asks for: a counter.
  public static let selfPipe: Int32 = 3

  /// - Parameter script: the calls that are expected, with their answers.
  public init(_ script: [Line] = []) { self.script = script }

  /// Adds lines at the end of the script.
  public func expect(_ lines: Line...) { script += lines }

  /// What was expected and has not come.
  public var missing: [SystemCall] { script.map(\.call) }

  private func play(
    _ call: SystemCall, limit: Int = .max
  ) throws(SystemError) -> SystemAnswer {
    calls.append(call)
    let place = isInOrder ? 0 : script.firstIndex { $0.call == call } ?? 0
    let isNext = script.indices.contains(place) && script[place].call == call
    if !isNext, let answer = unscripted(call, limit) {
      if case .error(let number) = answer { throw SystemError(number, in: "kevent") }
      return answer
    }
    guard !script.isEmpty else {
      fail("the script is over, but the program calls \(call)")
      throw SystemError(ENOSYS, in: "\(call)")
    }
    let line = script.remove(at: place)
    if line.call != call {
      fail("the script expects \(line.call), the program calls \(call)")
    }
    if case .error(let number) = line.answer {
      if number == EAGAIN { epoll?.runDry(call) }
      throw SystemError(number, in: "\(call)".prefix { $0 != "(" }.description)
    }
    return line.answer
  }

  private func unscripted(_ call: SystemCall, _ limit: Int) -> SystemAnswer? {
    switch call {
    case .eventfd: return .descriptor(Self.selfPipe)
    case .raise: return .done
    case .close(let fd):
      epoll?.forget(fd)
      queue?.forget(fd)
      return .done
    case .drain: return .number(8)
    case .epollCreate where epoll != nil: return .descriptor(ScriptedEpoll.descriptor)
    case .epollControl(_, let change, let fd, let events) where epoll != nil:
      epoll?.change(change, fd, events)
      return .done
    case .epollWait(_, let timeout):
      guard let epoll else { return nil }
      // Nothing is ready, so the time passes.
      if epoll.news.isEmpty { time += max(0, Double(timeout)) / 1000 + epoll.delay }
      return .ready(epoll.news)
    case .kqueueCreate where queue != nil:
      return .descriptor(ScriptedKqueue.descriptor)
    case .kqueueControl(_, let change, let fd, let filter):
      return (queue?.change(change, fd, filter)).map { $0 == 0 ? .done : .error($0) }
    case .kqueueWait(_, let timeout):
      guard let news = queue?.news(limit) else { return nil }
      // (With room for nothing, the real call comes back at once.)
      if news.isEmpty && limit > 0 { time += max(0, Double(timeout)) / 1000 }
      return .reports(news)
    default: return nil
    }
  }

  private func wrong<Value>(_ answer: SystemAnswer, _ value: Value) -> Value {
    fail("\(answer) is no answer to \(calls.last!)")
    return value
  }

  // MARK: Kernel

  public func socket(
    _ family: AddressFamily, _ type: SocketType, _ site: CallSite
  ) throws(SystemError) -> Int32 {
    let answer = try play(.socket(family))
    if case .descriptor(let fd, _) = answer { return fd }
    return wrong(answer, -1)
  }

  public func bind(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) { _ = try play(.bind(fd: fd, address)) }

  public func listen(
    _ fd: Int32, _ backlog: Int32, _ site: CallSite
  ) throws(SystemError) { _ = try play(.listen(fd: fd, backlog: backlog)) }

  public func accept(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> (fd: Int32, address: SocketAddress) {
    let answer = try play(.accept(fd: fd))
    if case .descriptor(let new, let address?) = answer { return (new, address) }
    return wrong(answer, (-1, try! SocketAddress("0.0.0.0", port: 0)))
  }

  public func connect(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) { _ = try play(.connect(fd: fd, address)) }

  public func recv(
    _ fd: Int32, into buffer: UnsafeMutableRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int {
    let answer = try play(.recv(fd: fd, limit: buffer.count))
    if case .bytes(let bytes) = answer, bytes.count <= buffer.count {
      buffer.copyBytes(from: bytes)
      return bytes.count
    }
    return wrong(answer, 0)
  }

  public func send(
    _ fd: Int32, _ bytes: UnsafeRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int {
    let answer = try play(.send(fd: fd, count: bytes.count))
    if case .number(let count) = answer, count <= bytes.count { return count }
    return wrong(answer, 0)
  }

  public func sendmsg(
    _ fd: Int32, _ chunks: [UnsafeRawBufferPointer], _ site: CallSite
  ) throws(SystemError) -> Int {
    let counts = chunks.map(\.count)
    let answer = try play(.sendmsg(fd: fd, counts: counts))
    if case .number(let count) = answer, count <= counts.reduce(0, +) { return count }
    return wrong(answer, 0)
  }

  public func shutdown(
    _ fd: Int32, _ direction: ShutdownDirection, _ site: CallSite
  ) throws(SystemError) { _ = try play(.shutdown(fd: fd, direction)) }

  public func close(_ fd: Int32, _ site: CallSite) { _ = try? play(.close(fd: fd)) }

  public func getsockopt(
    _ fd: Int32, _ option: SocketOption, _ site: CallSite
  ) throws(SystemError) -> Int32 {
    let answer = try play(.getsockopt(fd: fd, option))
    if case .number(let value) = answer { return Int32(value) }
    return wrong(answer, 0)
  }

  public func setsockopt(
    _ fd: Int32, _ option: SocketOption, _ value: Int32, _ site: CallSite
  ) throws(SystemError) { _ = try play(.setsockopt(fd: fd, option, value)) }

  public func setBlocking(
    _ fd: Int32, _ blocking: Bool, _ site: CallSite
  ) throws(SystemError) { _ = try play(.setBlocking(fd: fd, blocking)) }

  public func getsockname(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> SocketAddress { try address(.getsockname(fd: fd)) }

  public func getpeername(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> SocketAddress { try address(.getpeername(fd: fd)) }

  private func address(_ call: SystemCall) throws(SystemError) -> SocketAddress {
    let answer = try play(call)
    if case .address(let address) = answer { return address }
    return wrong(answer, try! SocketAddress("0.0.0.0", port: 0))
  }

  /// What the resolver answers, by host. It is asked from another thread, so it is
  /// set before the loop runs and not touched afterwards.
  public var hosts: [String: [AddressInfo]] = [:]

  public func getaddrinfo(
    _ host: String, _ port: UInt16, _ family: AddressFamily?, _ type: SocketType
  ) throws -> [AddressInfo] {
    guard let found = hosts[host] else { throw ResolutionError(EAI_NONAME, host: host) }
    return found
  }

  public func epollCreate(_ site: CallSite) throws(SystemError) -> Int32 {
    let answer = try play(.epollCreate)
    if case .descriptor(let fd, _) = answer { return fd }
    return wrong(answer, -1)
  }

  public func epollControl(
    _ epoll: Int32, _ change: EpollChange, _ fd: Int32, _ events: UInt32,
    _ site: CallSite
  ) throws(SystemError) {
    _ = try play(.epollControl(epoll: epoll, change, fd: fd, events: events))
  }

  public func epollWait(
    _ epoll: Int32, limit: Int, timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: UInt32)] {
    let answer = try play(.epollWait(epoll: epoll, timeout: timeout))
    if case .ready(let list) = answer { return list.map { ($0.key, $0.value) } }
    return wrong(answer, [])
  }

  public func poll(
    _ interest: [(fd: Int32, events: Int16)], timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: Int16)] {
    let answer = try play(.poll(fds: interest.map(\.fd).sorted(), timeout: timeout))
    if case .ready(let list) = answer { return list.map { ($0.key, Int16($0.value)) } }
    return wrong(answer, [])
  }

  public func selfPipe(_ site: CallSite) throws(SystemError) -> SelfPipe {
    let answer = try play(.eventfd)
    if case .descriptor(let fd, _) = answer { return SelfPipe(readEnd: fd) }
    return wrong(answer, SelfPipe(readEnd: -1))
  }

  public func raise(_ counter: Int32, _ site: CallSite) throws(SystemError) {
    _ = try play(.raise(eventfd: counter))
  }

  public func drain(_ counter: Int32, _ site: CallSite) throws(SystemError) -> Int {
    let answer = try play(.drain(eventfd: counter))
    if case .number(let count) = answer { return count }
    return wrong(answer, 0)
  }

  public func now() -> Double { time }
}

extension ScriptedKernel {
  public func kqueueCreate(_ site: CallSite) throws(SystemError) -> Int32 {
    let answer = try play(.kqueueCreate)
    if case .descriptor(let fd, _) = answer { return fd }
    return wrong(answer, -1)
  }

  public func kqueueControl(
    _ queue: Int32, _ change: KqueueChange, _ fd: Int32, _ filter: KqueueFilter,
    _ site: CallSite
  ) throws(SystemError) {
    _ = try play(.kqueueControl(queue: queue, change, fd: fd, filter))
  }

  public func kqueueWait(
    _ queue: Int32, limit: Int, timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [KqueueReport] {
    let answer = try play(
      .kqueueWait(queue: queue, timeout: milliseconds(timeout)), limit: limit)
    if case .reports(let list) = answer { return list }
    return wrong(answer, [])
  }
}
