// The recorder's place at the kernel's door. It hands on what is asked and what is
// answered; it must not change an answer, nor know what one means.

import CLibrary
import Simulation
package import Sockets

/// A kernel that hands every call on to another one and tells the recorder what
/// was asked and what was answered.
///
/// The loop and the sockets do not know that it is there: that is what the
/// `Kernel` boundary is for. It works the same around the real kernel and around
/// a scripted one.
package final class RecordingKernel: EpollKernel, KqueueKernel {
  let kernel: any Kernel
  // What it is beside a kernel, so is this one.
  let epoll: (any EpollKernel)?
  let queue: (any KqueueKernel)?
  package var asEpoll: (any EpollKernel)? { epoll == nil ? nil : self }
  package var asKqueue: (any KqueueKernel)? { queue == nil ? nil : self }
  /// The one that makes the calls in the end. It is asked directly where nobody's
  /// question is recorded.
  let ground: any Kernel
  let recorder: Recorder
  /// Its answers are the machine's and not a script's.
  let isReal: Bool
  private var thread: UInt?
  /// From now on only this thread's calls are written down: the recorder has no lock, and
  /// a program may take its sockets anywhere.
  package func listenOnlyHere() { thread = thisThread }
  private var isElsewhere: Bool { thread.map { $0 != thisThread } ?? false }

  /// - Parameters:
  ///   - kernel: who makes the calls.
  ///   - recorder: who is told.
  package init(_ kernel: any Kernel, _ recorder: Recorder) {
    self.kernel = recorder.between(kernel)
    epoll = self.kernel.asEpoll
    queue = self.kernel.asKqueue
    ground = kernel
    self.recorder = recorder
    isReal = kernel is PosixKernel
    recorder.origin = kernel.now()
    switch kernel {
    case is PosixKernel: recorder.kernelFacts = { KernelFacts(of: $0) }
    case let script as ScriptedKernel:
      recorder.kernelFacts = { [weak script] in script?.facts(of: $0) }
    default: recorder.kernelFacts = nil
    }
  }

  /// Makes a call and writes it down. A refusal is an answer like any other, often
  /// the most interesting one, so it is written down before it is thrown.
  func record<Result>(
    _ call: @autoclosure () -> SystemCall, _ site: CallSite,
    _ body: () throws(SystemError) -> Result,
    answer: (Result) -> SystemAnswer = { _ in .done }
  ) throws(SystemError) -> Result {
    if isElsewhere { return try body() }
    let call = call()
    do {
      let result = try body()
      recorder.called(call, answer(result), at: site)
      return result
    } catch {
      let isWanted = recorder.steps.last?.event.isFork ?? false
      recorder.called(call, .error(error.errno), at: site)
      // No story on a real kernel is about this: whatever came of it would be untrue.
      let isShortage = [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(error.errno)
      if isReal && isShortage && !isWanted && recorder.patience != nil {
        recorder.fail(error, at: site)
      }
      throw error
    }
  }

  func number(_ fd: Int32) -> Int32 { recorder.number(of: fd) }

  /// Not a step: there is nothing in it for the story.
  package func adopt(_ fd: Int32, _ site: CallSite) { kernel.adopt(fd, site) }

  // MARK: Sockets

  package func socket(
    _ family: AddressFamily, _ type: SocketType, _ site: CallSite
  ) throws(SystemError) -> Int32 {
    try record(.socket(family), site) { () throws(SystemError) in
      try kernel.socket(family, type, site)
    } answer: {
      .descriptor(recorder.opened($0, "socket", isCounted: true))
    }
  }

  package func bind(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) {
    try record(.bind(fd: number(fd), address), site) { () throws(SystemError) in
      try kernel.bind(fd, address, site)
    }
  }

  package func listen(
    _ fd: Int32, _ backlog: Int32, _ site: CallSite
  ) throws(SystemError) {
    try record(.listen(fd: number(fd), backlog: backlog), site) {
      () throws(SystemError) in
      try kernel.listen(fd, backlog, site)
    }
  }

  package func accept(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> (fd: Int32, address: SocketAddress) {
    try record(.accept(fd: number(fd)), site) { () throws(SystemError) in
      try kernel.accept(fd, site)
    } answer: {
      .descriptor(recorder.opened($0.fd, "connection", isCounted: true), $0.address)
    }
  }

  package func connect(
    _ fd: Int32, _ address: SocketAddress, _ site: CallSite
  ) throws(SystemError) {
    try record(.connect(fd: number(fd), address), site) { () throws(SystemError) in
      try kernel.connect(fd, address, site)
    }
  }

  package func recv(
    _ fd: Int32, into buffer: UnsafeMutableRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int {
    try record(.recv(fd: number(fd), limit: buffer.count), site) {
      () throws(SystemError) in
      try kernel.recv(fd, into: buffer, site)
    } answer: {
      .number($0)
    }
  }

  package func send(
    _ fd: Int32, _ bytes: UnsafeRawBufferPointer, _ site: CallSite
  ) throws(SystemError) -> Int {
    try record(.send(fd: number(fd), count: bytes.count), site) {
      () throws(SystemError) in
      try kernel.send(fd, bytes, site)
    } answer: {
      .number($0)
    }
  }

  package func sendmsg(
    _ fd: Int32, _ chunks: [UnsafeRawBufferPointer], _ site: CallSite
  ) throws(SystemError) -> Int {
    try record(.sendmsg(fd: number(fd), counts: chunks.map(\.count)), site) {
      () throws(SystemError) in
      try kernel.sendmsg(fd, chunks, site)
    } answer: {
      .number($0)
    }
  }

  package func shutdown(
    _ fd: Int32, _ direction: ShutdownDirection, _ site: CallSite
  ) throws(SystemError) {
    try record(.shutdown(fd: number(fd), direction), site) { () throws(SystemError) in
      try kernel.shutdown(fd, direction, site)
    }
  }

  package func close(_ fd: Int32, _ site: CallSite) {
    if isElsewhere { return kernel.close(fd, site) }
    // Asked for before the call: afterwards the number may be somebody else's.
    let number = number(fd)
    kernel.close(fd, site)
    recorder.called(.close(fd: number), .done, at: site)
  }

  // MARK: Questions and settings

  package func getsockopt(
    _ fd: Int32, _ option: SocketOption, _ site: CallSite
  ) throws(SystemError) -> Int32 {
    try record(.getsockopt(fd: number(fd), option), site) { () throws(SystemError) in
      try kernel.getsockopt(fd, option, site)
    } answer: {
      .number(Int($0))
    }
  }

  package func setsockopt(
    _ fd: Int32, _ option: SocketOption, _ value: Int32, _ site: CallSite
  ) throws(SystemError) {
    try record(.setsockopt(fd: number(fd), option, value), site) {
      () throws(SystemError) in
      try kernel.setsockopt(fd, option, value, site)
    }
  }

  package func setBlocking(
    _ fd: Int32, _ blocking: Bool, _ site: CallSite
  ) throws(SystemError) {
    try record(.setBlocking(fd: number(fd), blocking), site) {
      () throws(SystemError) in
      try kernel.setBlocking(fd, blocking, site)
    }
  }

  package func getsockname(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> SocketAddress {
    try record(.getsockname(fd: number(fd)), site) { () throws(SystemError) in
      try kernel.getsockname(fd, site)
    } answer: {
      .address($0)
    }
  }

  package func getpeername(
    _ fd: Int32, _ site: CallSite
  ) throws(SystemError) -> SocketAddress {
    try record(.getpeername(fd: number(fd)), site) { () throws(SystemError) in
      try kernel.getpeername(fd, site)
    } answer: {
      .address($0)
    }
  }
}
