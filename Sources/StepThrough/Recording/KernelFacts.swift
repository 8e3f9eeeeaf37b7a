// The kernel's half of a connection: what has arrived and was not fetched, who stands in
// a listener's backlog. It is asked after every system call and after every act of the
// world, in ways that change nothing, and must never take anything out.

import CLibrary
import Simulation

/// What the kernel keeps for a socket, as far as it tells.
package struct KernelFacts: Sendable, Equatable {
  /// Clients with whom the kernel has shaken hands and whom nobody has accepted.
  package var backlog: Int?
  /// Bytes that have arrived and that nobody has fetched.
  package var received: Int?
  /// The first of those bytes, where they are text.
  package var text: String?
  /// Bytes that were taken from the program and have not left: the other end's kernel
  /// has no room for them.
  package var unsent: Int?
  /// The other end has said that it will send nothing more.
  package var isEnded = false

  package init() {}

  /// How many bytes are looked at for a text.
  static let room = 24
}

extension KernelFacts {
  /// Asks the real kernel.
  ///
  /// - Returns: `nil` for what is no socket.
  init?(of fd: Int32) {
    guard let listens = Self.option(fd, SOL_SOCKET, SO_ACCEPTCONN) else { return nil }
    if listens != 0 {
      backlog = Self.backlog(fd)
      return
    }
    var question = pollfd(fd: fd, events: Int16(POLLIN) | Self.endBit, revents: 0)
    poll(&question, 1, 0)
    isEnded = question.revents & Self.endBit != 0
    received = Self.received(fd)
    unsent = Self.unsent(fd)
    // An error that is pending would be taken away by this look. Then there is none.
    if Int32(question.revents) & POLLERR == 0, let received, received > 0 {
      text = Self.peek(fd)
    }
  }

  #if os(Linux)
    private static let endBit: Int16 = 0x2000  // POLLRDHUP
    private static func number(_ fd: Int32, _ request: UInt) -> Int? {
      var count: Int32 = 0
      return ioctl(fd, request, &count) == 0 ? Int(count) : nil
    }
    private static func received(_ fd: Int32) -> Int? { number(fd, UInt(FIONREAD)) }
    /// SIOCOUTQNSD. (SIOCOUTQ would count what has arrived there and is not confirmed
    /// yet, and that is another number in every run.)
    private static func unsent(_ fd: Int32) -> Int? { number(fd, 0x894B) }
    /// For a listener TCP counts its backlog where else it counts what is on its way.
    private static func backlog(_ fd: Int32) -> Int? {
      var info = tcp_info()
      var size = socklen_t(MemoryLayout<tcp_info>.size)
      return getsockopt(fd, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0
        ? Int(info.tcpi_unacked) : nil
    }
  #else
    // A Mac tells less: not how long a backlog is; and it counts what is on its way with
    // what has not left.
    private static let endBit = Int16(POLLHUP)
    private static func received(_ fd: Int32) -> Int? {
      option(fd, SOL_SOCKET, SO_NREAD).map { Int($0) }
    }
    private static func unsent(_ fd: Int32) -> Int? { nil }
    private static func backlog(_ fd: Int32) -> Int? { nil }
  #endif

  private static func option(_ fd: Int32, _ level: Int32, _ name: Int32) -> Int32? {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(fd, level, name, &value, &size) == 0 ? value : nil
  }

  private static func peek(_ fd: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: room)
    let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
    let count = recv(fd, &bytes, bytes.count, flags)
    return count > 0 ? readable(bytes.prefix(count)) : nil
  }

  /// The bytes as text, if they are some that a person could read.
  static func readable(_ bytes: ArraySlice<UInt8>) -> String? {
    let text = String(decoding: bytes, as: UTF8.self)
    let isText = text.unicodeScalars.allSatisfy {
      ($0.value >= 32 && $0.value != 127 && $0 != "\u{FFFD}") || $0 == "\n"
        || $0 == "\r"
    }
    return isText
      ? text.replacing("\r", with: "\\r").replacing("\n", with: "\\n") : nil
  }
}

extension ScriptedKernel {
  /// What follows from the script: a descriptor that is readable has something to give,
  /// and the next line about it says what.
  func facts(of fd: Int32) -> KernelFacts? {
    guard let bits = epoll?.ready[fd], bits & 1 != 0 else { return KernelFacts() }
    var facts = KernelFacts()
    for line in script {
      switch line {
      case (.accept(fd), .descriptor): facts.backlog = (facts.backlog ?? 0) + 1
      case (.recv(fd, _), .bytes(let bytes)) where facts.received == nil:
        facts.received = bytes.count
        facts.isEnded = bytes.isEmpty
        facts.text = KernelFacts.readable(bytes.prefix(KernelFacts.room))
      default: break
      }
    }
    return facts
  }
}
