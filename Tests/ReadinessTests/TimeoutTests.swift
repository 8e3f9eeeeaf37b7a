import CLibrary
import Sockets
import TestSupport
import Testing

@testable import Selectors

/// How long `select` waits. The real clock is asked only whether it was long enough;
/// whether it was too long shows in what the kernel was asked for.
@Suite(.timeLimit(.minutes(10))) struct TimeoutTests {
  @Test(arguments: SelectorKind.allCases)
  func `SEL-15 zero or less only looks`(kind: SelectorKind) throws {
    let kernel = kind.watchedKernel()
    let selector = try kind.make(kernel: kernel)
    let (one, other) = try socketPair()
    try selector.register(one, .read)
    #expect(try selector.ready(0) == [:])
    #expect(try selector.ready(-1) == [:])
    try selector.register(other, .write)
    #expect(try selector.ready(0) == [other.descriptor: .write])
    #expect(try selector.ready(-1) == [other.descriptor: .write])
    #expect(kernel.timeouts == [0, 0, 0, 0])
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-15 with nothing ready select returns empty when the time is up`(
    kind: SelectorKind
  ) throws {
    let kernel = kind.watchedKernel()
    let selector = try kind.make(kernel: kernel)
    let (one, other) = try socketPair()
    try selector.register(one, .read)
    let began = kernel.now()
    #expect(try selector.ready(0.05) == [:])
    #expect(kernel.now() - began >= 0.05)
    #expect(kernel.timeouts == [50])
    _ = other  // open until here
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-15 without a timeout select waits for an event`(
    kind: SelectorKind
  ) throws {
    let kernel = kind.watchedKernel()
    let selector = try kind.make(kernel: kernel)
    let (one, other) = try socketPair()
    try selector.register(one, .read)
    let (waits, peer) = (kernel.waits, other.descriptor)
    let ready = try alongside { _ in
      while waits.begun == 0 { sched_yield() }
      write(peer, "x", 1)
    } _: {
      try selector.ready(nil)
    }
    #expect(ready == [one.descriptor: .read])
    #expect(kernel.timeouts == [-1])
    _ = other  // open until here
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-15 an empty list can be asked too`(kind: SelectorKind) throws {
    let kernel = kind.watchedKernel()
    let selector = try kind.make(kernel: kernel)
    #expect(try selector.ready(0) == [:])
    let began = kernel.now()
    #expect(try selector.ready(0.002) == [:])
    #expect(kernel.now() - began >= 0.002)
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-17 select never returns before the time is up`(kind: SelectorKind) throws {
    let kernel = kind.watchedKernel()
    let selector = try kind.make(kernel: kernel)
    let (one, other) = try socketPair()
    try selector.register(one, .read)
    for timeout in [0.0003, 0.000_001, 0.0011, 0.0003] {
      let began = kernel.now()
      #expect(try selector.ready(timeout) == [:])
      #expect(kernel.now() - began >= timeout)
    }
    #expect(kernel.timeouts == [1, 1, 2, 1])
    _ = other  // open until here
  }

  @Test func `L7a milliseconds are rounded up`() {
    #expect(milliseconds(0.0004) == 1)
    #expect(milliseconds(0.0104) == 11)
    #expect(milliseconds(0.0105) == 11)
    #expect(milliseconds(1e-300) == 1)
    // What is whole stays whole.
    #expect(milliseconds(0.25) == 250)
    #expect(milliseconds(1) == 1000)
    // Just look, and without limit, in either of its two spellings.
    #expect(milliseconds(0) == 0)
    #expect(milliseconds(-0.5) == 0)
    #expect(milliseconds(nil) == -1)
    #expect(milliseconds(.infinity) == -1)
    // More than the kernel can count (L7c).
    #expect(milliseconds(1e12) == .max)
  }

  @Test(arguments: SelectorKind.allCases)
  func `L7a one wait is enough to reach a timer`(kind: SelectorKind) throws {
    // The scar: poll(10), too early, poll(0), too early, poll(0), ... 26 times.
    let kernel = kind.watchedKernel()
    let selector = try kind.make(kernel: kernel)
    let due = kernel.now() + 0.0105
    while kernel.now() < due { #expect(try selector.ready(due - kernel.now()) == [:]) }
    #expect(kernel.timeouts.count == 1)
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-18 a signal does not shorten the wait`(kind: SelectorKind) throws {
    let kernel = kind.watchedKernel()
    let selector = try kind.make(kernel: kernel)
    let (one, other) = try socketPair()
    try selector.register(one, .read)
    let waits = kernel.waits
    let began = kernel.now()
    let ready = try interruptible { interrupter in
      try alongside { isOver in
        while waits.begun == 0 { sched_yield() }
        usleep(100_000)  // a good part of the time: that is what this is about
        // Once should do. Should the thread not have come that far yet, once more.
        while waits.interrupted == 0, !isOver() {
          interrupter.interrupt()
          usleep(10_000)
        }
      } _: {
        // So long that the other thread gets its turn on any machine.
        try selector.ready(3)
      }
    }
    #expect(ready == [:])
    #expect(kernel.now() - began >= 3)
    #expect(waits.interrupted >= 1)
    // And the second wait was for the rest, not for everything again.
    try #require(kernel.timeouts.count >= 2)
    #expect(kernel.timeouts[0] == 3000)
    #expect(kernel.timeouts[1] <= 2901)
    _ = other  // open until here
  }

  @Test func `SEL-18 every wait after a signal is for the rest of the time`() throws {
    let kernel = WatchedKernel()
    kernel.time = 100
    var asked: [Double?] = []
    let ready = try waitRetrying(0.5, kernel) {
      (rest) throws(SystemError) -> [Int] in
      asked.append(rest)
      if asked.count > 5 { return [] }
      kernel.time! += 0.125
      throw SystemError(EINTR, in: "epoll_wait")
    }
    #expect(ready == [])
    // When nothing is left of the time, one last look: news may have come meanwhile.
    #expect(asked == [0.5, 0.375, 0.25, 0.125, 0, 0])
  }

  @Test func `SEL-18 a wait without limit stays without limit`() throws {
    var asked: [Double?] = []
    let ready = try waitRetrying(nil, WatchedKernel()) {
      (rest) throws(SystemError) -> [Int] in
      asked.append(rest)
      if asked.count == 1 { throw SystemError(EINTR, in: "poll") }
      return [7]
    }
    #expect(ready == [7])
    #expect(asked == [nil, nil])
  }

  @Test func `an error that is no interruption ends the wait`() {
    var count = 0
    #expect(throws: SystemError(EBADF, in: "epoll_wait")) {
      try waitRetrying(1, WatchedKernel()) {
        (_) throws(SystemError) -> [Int] in
        count += 1
        throw SystemError(EBADF, in: "epoll_wait")
      }
    }
    #expect(count == 1)
  }
}
