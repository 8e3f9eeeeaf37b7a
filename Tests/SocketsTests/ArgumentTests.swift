import CLibrary
import Sockets
import TestSupport
import Testing

/// What cannot be meant: text that C would cut off, sizes below zero, sizes that no
/// machine has room for.
@Suite(.timeLimit(.minutes(10))) struct ArgumentTests {
  @Test(arguments: [
    "localhost\0.evil.example", "127.0.0.1\0x", "\0", "::1\0", "::1%lo\0",
  ])
  func `a host with a zero byte is refused, and nobody is asked`(host: String) throws {
    for ask: () throws -> Void in [
      { _ = try systemKernel.getaddrinfo(host, 80, nil, .stream) },
      { _ = try SocketAddress(host, port: 80) },
    ] {
      let error = #expect(throws: ValueError.self) { try ask() }
      #expect(error?.description.contains("zero byte") == true)
      #expect(error?.description.contains(#"\0"#) == true)
    }
  }

  @Test func `recv refuses a negative count, and a huge one gets what there is`() throws
  {
    let (one, other) = try socketPair(isBlocking: false)
    _ = try one.send("abc")
    for count in [-1, Int.min] {
      #expect(throws: ValueError.self) { try other.recv(count) }
    }
    #expect(try other.recv(1 << 40) == Array("abc".utf8))
    #expect(throws: SystemError(EAGAIN, in: "recv")) { try other.recv(.max) }
  }

  /// A kernel that writes the backlog down.
  private final class Backlogs: ForwardingKernel {
    var seen: [Int32] = []
    override func listen(
      _ fd: Int32, _ backlog: Int32, _ site: CallSite
    ) throws(SystemError) {
      seen.append(backlog)
      try super.listen(fd, backlog, site)
    }
  }

  @Test func `less than no backlog is no backlog, as in Python`() throws {
    let kernel = Backlogs()
    let listener = try Socket(kernel: kernel)
    try listener.bind(SocketAddress("127.0.0.1", port: 0))
    for backlog: Int32 in [-1, .min, 0, 7] { try listener.listen(backlog) }
    #expect(kernel.seen == [0, 0, 0, 7])
  }

  #if os(Linux)
    @Test func `a wait for no descriptor at all, or for very many`() throws {
      let kernel = LinuxKernel()
      let epoll = try kernel.epollCreate(CallSite())
      defer { kernel.close(epoll, CallSite()) }
      for limit in [0, -1, Int.min] {
        #expect(throws: SystemError(EINVAL, in: "epoll_wait")) {
          try kernel.epollWait(epoll, limit: limit, timeout: 0, CallSite())
        }
      }
      let news = try kernel.epollWait(epoll, limit: .max, timeout: 0, CallSite())
      #expect(news.isEmpty)
    }
  #endif
}
