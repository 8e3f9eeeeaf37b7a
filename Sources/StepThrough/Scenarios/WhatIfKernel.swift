// The place where something is made otherwise: between the kernel, real or scripted, and
// the recorder. The loop is not touched: it gets an answer and does the rest.

import CLibrary
import EventLoops
import Recording
import Simulation
import Sockets

/// A kernel that hands every call on, but for those that are to be answered otherwise.
///
/// An answer has its effect. A handshake that is interrupted goes on, and a connection
/// that is reset is dead from then on: otherwise one would see what cannot be.
final class WhatIfKernel: EpollKernel, KqueueKernel {
  private let kernel: any Kernel
  private let whatIf: WhatIfCourse
  private let epoll: (any EpollKernel)?
  private let queue: (any KqueueKernel)?
  var asEpoll: (any EpollKernel)? { epoll == nil ? nil : self }
  var asKqueue: (any KqueueKernel)? { queue == nil ? nil : self }
  private let isReal: Bool
  /// Connections on which nothing will come any more, and those that take nothing.
  private var ended: Set<Int32> = []
  private var dead: Set<Int32> = []

  init(_ kernel: any Kernel, _ whatIf: WhatIfCourse) {
    self.kernel = kernel
    self.whatIf = whatIf
    isReal = kernel is PosixKernel
    epoll = kernel.asEpoll
    queue = kernel.asKqueue
    // Another course asks in another order.
    if whatIf.isOtherwise { (kernel as? ScriptedKernel)?.isInOrder = false }
  }

  /// Makes a call, or answers it otherwise.
  ///
  /// - Parameter instead: what another answer does, and gives; an error is thrown here.
  private func ask<Answer>(
    _ call: SystemCall, _ site: CallSite, _ make: () throws(SystemError) -> Answer,
    instead: (Otherwise) throws(SystemError) -> Answer? = {
      (_) throws(SystemError) in nil
    }
  ) throws(SystemError) -> Answer {
    guard let other = whatIf.take(call, at: site) else { return try make() }
    if let answer = try instead(other) { return answer }
    guard case .error(let number) = other else { return try make() }
    throw SystemError(number, in: whatIf.name(of: call))
  }

  private func number(_ fd: Int32) -> Int32 { whatIf.recorder.number(of: fd) }

  /// The connection is gone, or its other end will send nothing more. To the real
  /// kernel that is the same as if we had ended it ourselves.
  private func end(_ fd: Int32, _ direction: ShutdownDirection, _ site: CallSite) {
    ended.insert(fd)
    if direction == .both { dead.insert(fd) }
    if isReal { try? kernel.shutdown(fd, direction, site) }
  }

  // MARK: Connections

  func accept(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> (fd: Int32, address: SocketAddress) {
    try ask(.accept(fd: number(fd)), site) { () throws(SystemError) in
      try kernel.accept(fd, site)
    }
  }

  func connect(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) {
    try ask(.connect(fd: number(fd), address), site) { () throws(SystemError) in
      try kernel.connect(fd, address, site)
    } instead: { other in
      if [.error(EINPROGRESS), .error(EINTR)].contains(other) {
        try? kernel.connect(fd, address, site)
      }
      return nil
    }
  }

  func recv(
    _ fd: Int32, into buffer: UnsafeMutableRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int {
    try ask(.recv(fd: number(fd), limit: buffer.count), site) {
      () throws(SystemError) in
      ended.contains(fd) ? 0 : try kernel.recv(fd, into: buffer, site)
    } instead: { (other) throws(SystemError) in
      switch other {
      case .bytes(let count):
        return try kernel.recv(fd, into: .init(rebasing: buffer[..<count]), site)
      case .end:
        end(fd, .read, site)
        return 0
      case .error(ECONNRESET), .error(ETIMEDOUT): end(fd, .both, site)
      default: break
      }
      return nil
    }
  }

  func send(
    _ fd: Int32, _ bytes: UnsafeRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int {
    try sending(.send(fd: number(fd), count: bytes.count), fd, site) {
      (limit) throws(SystemError) in
      let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(limit ?? bytes.count))
      return try kernel.send(fd, part, site)
    }
  }

  func sendmsg(
    _ fd: Int32, _ chunks: [UnsafeRawBufferPointer], _ site: CallSite
  ) throws(SystemError) -> Int {
    try sending(.sendmsg(fd: number(fd), counts: chunks.map(\.count)), fd, site) {
      (limit) throws(SystemError) in
      guard let limit, let first = chunks.first(where: { !$0.isEmpty }) else {
        return try kernel.sendmsg(fd, chunks, site)
      }
      return try kernel.sendmsg(fd, [.init(rebasing: first.prefix(limit))], site)
    }
  }

  private func sending(
    _ call: SystemCall, _ fd: Int32, _ site: CallSite,
    _ make: (_ limit: Int?) throws(SystemError) -> Int
  ) throws(SystemError) -> Int {
    try ask(call, site) { () throws(SystemError) in
      if dead.contains(fd) { throw SystemError(EPIPE, in: whatIf.name(of: call)) }
      return try make(nil)
    } instead: { (other) throws(SystemError) in
      if case .bytes(let count) = other { return try make(count) }
      if [.error(EPIPE), .error(ECONNRESET)].contains(other) { end(fd, .both, site) }
      return nil
    }
  }

  func shutdown(
    _ fd: Int32, _ direction: ShutdownDirection, _ site: CallSite
  ) throws(SystemError) {
    try ask(.shutdown(fd: number(fd), direction), site) { () throws(SystemError) in
      try kernel.shutdown(fd, direction, site)
    } instead: { _ in
      end(fd, .both, site)
      return nil
    }
  }

  func close(_ fd: Int32, _ site: CallSite) {
    ended.remove(fd)
    dead.remove(fd)
    kernel.close(fd, site)
  }

  func getsockopt(
    _ fd: Int32, _ option: SocketOption, _ site: CallSite
  ) throws(SystemError) -> Int32 {
    try ask(.getsockopt(fd: number(fd), option), site) { () throws(SystemError) in
      try kernel.getsockopt(fd, option, site)
    } instead: { (other) throws(SystemError) in
      guard case .error(let pending) = other else { return nil }
      _ = try kernel.getsockopt(fd, option, site)
      end(fd, .both, site)
      return pending
    }
  }

  // MARK: Readiness

  func epollControl(
    _ epoll: Int32, _ change: EpollChange, _ fd: Int32, _ events: UInt32,
    _ site: CallSite
  ) throws(SystemError) {
    let call = SystemCall.epollControl(
      epoll: number(epoll), change, fd: number(fd), events: events)
    try ask(call, site) { () throws(SystemError) in
      try self.epoll!.epollControl(epoll, change, fd, events, site)
    } instead: { _ in
      // What the kernel does not find on its list is not on it.
      if change != .add {
        try? self.epoll!.epollControl(epoll, .delete, fd, 0, site)
      }
      return nil
    }
  }

  func epollWait(
    _ epoll: Int32, limit: Int, timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: UInt32)] {
    let call = SystemCall.epollWait(epoll: number(epoll), timeout: timeout)
    return try ask(call, site) { () throws(SystemError) in
      try self.epoll!.epollWait(epoll, limit: limit, timeout: timeout, site)
    } instead: { (other) throws(SystemError) in
      switch other {
      case .nothing: return []
      case .one:
        let ready = try self.epoll!.epollWait(
          epoll, limit: limit, timeout: timeout, site)
        return Array(ready.sorted { $0.fd < $1.fd }.prefix(1))
      default: return nil
      }
    }
  }
}

// MARK: Calls that are made or refused

extension WhatIfKernel {
  func socket(
    _ family: AddressFamily, _ type: SocketType, _ site: CallSite
  ) throws(SystemError) -> Int32 {
    try ask(.socket(family), site) { () throws(SystemError) in
      try kernel.socket(family, type, site)
    }
  }

  func bind(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) {
    try ask(.bind(fd: number(fd), address), site) { () throws(SystemError) in
      try kernel.bind(fd, address, site)
    }
  }

  func listen(
    _ fd: Int32, _ backlog: Int32, _ site: CallSite
  ) throws(SystemError) {
    try ask(.listen(fd: number(fd), backlog: backlog), site) {
      () throws(SystemError) in
      try kernel.listen(fd, backlog, site)
    }
  }

  func getsockname(_ fd: Int32, _ site: CallSite) throws(SystemError) -> SocketAddress {
    try ask(.getsockname(fd: number(fd)), site) { () throws(SystemError) in
      try kernel.getsockname(fd, site)
    }
  }

  func getpeername(_ fd: Int32, _ site: CallSite) throws(SystemError) -> SocketAddress {
    try ask(.getpeername(fd: number(fd)), site) { () throws(SystemError) in
      try kernel.getpeername(fd, site)
    }
  }

  func epollCreate(_ site: CallSite) throws(SystemError) -> Int32 {
    try ask(.epollCreate, site) { () throws(SystemError) in
      try epoll!.epollCreate(site)
    }
  }

  func selfPipe(_ site: CallSite) throws(SystemError) -> SelfPipe {
    try ask(epoll == nil ? .socketpair : .eventfd, site) { () throws(SystemError) in
      try kernel.selfPipe(site)
    }
  }

  // A kernel queue is not asked what else it could have said.

  func kqueueCreate(_ site: CallSite) throws(SystemError) -> Int32 {
    try queue!.kqueueCreate(site)
  }
  func kqueueControl(
    _ queue: Int32, _ change: KqueueChange, _ fd: Int32, _ filter: KqueueFilter,
    _ site: CallSite
  ) throws(SystemError) {
    try self.queue!.kqueueControl(queue, change, fd, filter, site)
  }
  func kqueueWait(
    _ queue: Int32, limit: Int, timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [KqueueReport] {
    try self.queue!.kqueueWait(queue, limit: limit, timeout: timeout, site)
  }

  // The rest is not refused by any kernel in the state in which it is asked.

  func setsockopt(
    _ fd: Int32, _ option: SocketOption, _ value: Int32, _ site: CallSite
  ) throws(SystemError) { try kernel.setsockopt(fd, option, value, site) }
  func setBlocking(
    _ fd: Int32, _ blocking: Bool, _ site: CallSite
  ) throws(SystemError) { try kernel.setBlocking(fd, blocking, site) }
  func poll(
    _ interest: [(fd: Int32, events: Int16)], timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: Int16)] {
    try kernel.poll(interest, timeout: timeout, site)
  }
  func raise(_ writeEnd: Int32, _ site: CallSite) throws(SystemError) {
    try kernel.raise(writeEnd, site)
  }
  func drain(_ readEnd: Int32, _ site: CallSite) throws(SystemError) -> Int {
    try kernel.drain(readEnd, site)
  }
  func adopt(_ fd: Int32, _ site: CallSite) { kernel.adopt(fd, site) }
  func getaddrinfo(
    _ host: String, _ port: UInt16, _ family: AddressFamily?, _ type: SocketType
  ) throws -> [AddressInfo] { try kernel.getaddrinfo(host, port, family, type) }
  func now() -> Double { kernel.now() }
  var clockResolution: Double { kernel.clockResolution }
}
