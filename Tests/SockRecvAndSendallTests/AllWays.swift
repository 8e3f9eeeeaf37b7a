import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// All ways through a tree of choices, one after the other. The program under test
/// is run once for each way, and asks `choose` whenever it comes to a fork.
final class Ways {
  private var way: [(taken: Int, of: Int)] = []
  private var position = 0
  private(set) var count = 0

  /// One of `count` branches: the first one, until all ways behind it are walked.
  func choose(_ count: Int) -> Int {
    if position == way.count { way.append((0, count)) }
    defer { position += 1 }
    return way[position].taken
  }

  /// Turns to the next way; false if there is none.
  func next() -> Bool {
    count += 1
    position = 0
    while let last = way.popLast() {
      if last.taken + 1 < last.of {
        way.append((last.taken + 1, last.of))
        return true
      }
    }
    return false
  }

  /// The way that is walked now: with it a failure can be found again.
  var description: String { way.map { "\($0.taken)" }.joined(separator: " ") }
}

/// A kernel that gives, at every call, each answer that the manual knows: all, a
/// part, not now, interrupted, every error. A few surprises a run, then it behaves.
final class MoodyKernel: ForwardingKernel {
  let ways: Ways
  var surprises = 5
  /// What is there to be received.
  var incoming = ArraySlice(UInt8(1)...9)
  /// What was received, call by call.
  private(set) var given: [[UInt8]] = []
  /// What was sent.
  private(set) var taken: [UInt8] = []
  private(set) var connects = 0
  private(set) var opened: [Int32] = []
  private(set) var closed: [Int32] = []

  init(_ ways: Ways, _ base: ScriptedKernel) {
    self.ways = ways
    super.init(to: base)
  }

  enum Mood { case all, part, end }

  /// - Parameter errors: besides EINTR; the first one means "not now".
  private func mood(
    _ call: String, _ moods: [Mood], _ errors: [Int32]
  ) throws(SystemError) -> Mood {
    if surprises == 0 { return .all }
    let errors = errors + [EINTR]
    let choice = ways.choose(moods.count + errors.count)
    if choice > 0 { surprises -= 1 }
    if choice < moods.count { return moods[choice] }
    throw SystemError(errors[choice - moods.count], in: call)
  }

  override func accept(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> (fd: Int32, address: SocketAddress) {
    _ = try mood(
      "accept4", [.all],
      [
        EAGAIN, EMFILE, ENFILE, ENOBUFS, ENOMEM, ECONNABORTED, EPERM, EPROTO, EBADF,
        EINVAL, ENOTSOCK, EOPNOTSUPP,
      ])
    opened.append(100 + Int32(opened.count))
    return (opened.last!, try! SocketAddress("127.0.0.1", port: 4711))
  }

  override func connect(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) {
    connects += 1
    _ = try mood(
      "connect", [.all],
      [
        EINPROGRESS, EALREADY, EAGAIN, ECONNREFUSED, ENETUNREACH, EHOSTUNREACH,
        ETIMEDOUT, EACCES, EPERM, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EISCONN,
        EBADF, ENOTSOCK, EPROTOTYPE,
      ])
  }

  override func getsockopt(
    _ fd: Int32, _ option: SocketOption, _ site: CallSite
  ) throws(SystemError) -> Int32 {
    switch try mood(
      "getsockopt", [.all, .part, .end], [EAGAIN, EBADF, ENOTSOCK, ENOPROTOOPT])
    {
    case .all: return 0
    case .part: return ECONNREFUSED
    case .end: return ETIMEDOUT
    }
  }

  override func recv(
    _ fd: Int32, into buffer: UnsafeMutableRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int {
    let mood = try mood(
      "recv", [.all, .part, .end],
      [
        EAGAIN, ECONNRESET, ETIMEDOUT, ECONNREFUSED, ENOTCONN, ENOMEM, EBADF, EFAULT,
        EINVAL, ENOTSOCK,
      ])
    let room = mood == .all ? buffer.count : mood == .part ? 1 : 0
    let bytes = incoming.prefix(room)
    incoming = incoming.dropFirst(room)
    buffer.copyBytes(from: bytes)
    given.append(Array(bytes))
    return bytes.count
  }

  override func send(
    _ fd: Int32, _ bytes: UnsafeRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int {
    let mood = try mood(
      "send", [.all, .part],
      [
        EAGAIN, EPIPE, ECONNRESET, ENOBUFS, ENOMEM, ENOTCONN, EDESTADDRREQ, EMSGSIZE,
        EACCES, EBADF, EFAULT, EINVAL, ENOTSOCK, EOPNOTSUPP,
      ])
    let some = bytes.prefix(mood == .part ? 2 : bytes.count)
    taken += some
    return some.count
  }

  override func close(_ fd: Int32, _ site: CallSite) { closed.append(fd) }
}
