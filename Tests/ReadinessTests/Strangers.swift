import CLibrary
import Selectors
import Sockets
import TestSupport
import Testing

/// What the kernel reports and nobody here knows, and times that are none.
@Suite(.timeLimit(.minutes(10))) struct Strangers {
  #if os(Linux)
    /// Counts how often a selector asks, and how often it begins anew.
    private final class Counting: ForwardingKernel {
      var lists = 0
      var closes = 0
      var questions = 0
      override func close(_ fd: Int32, _ site: CallSite) {
        closes += 1
        super.close(fd, site)
      }
      override func epollCreate(_ site: CallSite) throws(SystemError) -> Int32 {
        lists += 1
        return try super.epollCreate(site)
      }
      override func epollWait(
        _ epoll: Int32, limit: Int, timeout: Int32, _ site: CallSite
      ) throws(SystemError) -> [(fd: Int32, events: UInt32)] {
        questions += 1
        return try super.epollWait(epoll, limit: limit, timeout: timeout, site)
      }
    }

    @Test func `what is closed here and open elsewhere is reported once to nobody`()
      throws
    {
      let kernel = Counting(to: LinuxKernel())
      let selector = try EpollSelector(kernel: kernel)
      let (one, other) = try socketPair()
      let (quiet, peer) = try socketPair()
      let copy = dup(one.descriptor)
      defer { close(copy) }
      let number = one.descriptor
      try selector.register(one, .read)
      try selector.register(quiet, .read)
      _ = try other.send("x")
      // In the wrong order.
      one.close()
      try selector.unregister(number, CallSite())
      #expect(try selector.ready(10) == [:])
      #expect(kernel.questions == 1)
      // From now on it sleeps as it should, and hears what it should.
      let begun = kernel.now()
      #expect(try selector.ready(0.05) == [:])
      #expect(kernel.now() - begun >= 0.05)
      #expect(kernel.questions == 2)
      _ = try peer.send("x")
      #expect(try selector.ready(10) == [quiet.descriptor: .read])
      #expect(kernel.lists == 2 && kernel.closes == 1)
      try selector.modify(quiet, .write)
      #expect(try selector.ready() == [quiet.descriptor: .write])
    }

    @Test func `a forgotten number is not in the way of beginning anew`() throws {
      let selector = try EpollSelector(kernel: LinuxKernel())
      let (one, other) = try socketPair()
      let (forgotten, _) = try socketPair()
      let (alive, peer) = try socketPair()
      let copy = dup(one.descriptor)
      defer { close(copy) }
      let number = one.descriptor
      try selector.register(one, .read)
      try selector.register(forgotten, .read)
      try selector.register(alive, .read)
      // Closed and not unregistered: perhaps the new list itself gets its number.
      forgotten.close()
      _ = try other.send("x")
      one.close()
      try selector.unregister(number, CallSite())
      #expect(try selector.ready(10) == [:])
      _ = try peer.send("x")
      #expect(try selector.ready(10) == [alive.descriptor: .read])
    }
  #endif

  @Test(arguments: SelectorKind.allCases)
  func `a timeout that is not a number is refused, an infinite one is no limit`(
    kind: SelectorKind
  ) throws {
    let selector = try kind.make()
    let error = #expect(throws: SystemError.self) { try selector.ready(.nan) }
    #expect(error?.errno == EINVAL)
    #expect(try selector.ready(-.infinity) == [:])
    let (one, other) = try socketPair()
    try selector.register(one, .read)
    _ = try other.send("x")
    for timeout in [Double.infinity, 1e300] {
      #expect(try selector.ready(timeout) == [one.descriptor: .read])
    }
  }
}
