import CLibrary
import Selectors
import Sockets
import TestSupport
import Testing

/// The selector's answers: who is ready, for what, and why.
@Suite(.timeLimit(.minutes(10))) struct SelectTests {
  @Test(arguments: SelectorKind.allCases)
  func `SEL-13 select tells of the ready ones only`(kind: SelectorKind) throws {
    let selector = try kind.make()
    let (one, other) = try socketPair()
    let note = Note()
    try selector.register(one, .read)
    try selector.register(other, .write, data: note)
    let ready = try selector.select(timeout: nil, CallSite())
    try #require(ready.count == 1)
    #expect(ready[0].key.fd == other.descriptor)
    #expect(ready[0].key.data === note)
    #expect(ready[0].events == .write)
    _ = one  // open until here
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-13 select tells of no event that was not asked for`(
    kind: SelectorKind
  ) throws {
    let selector = try kind.make()
    let (one, other) = try socketPair()
    _ = try one.send("x")
    _ = try other.send("x")
    // Both are readable and writable.
    try selector.register(one, .read)
    try selector.register(other, .write)
    #expect(
      try selector.ready() == [one.descriptor: .read, other.descriptor: .write])
    // Also when there is an error, which counts as both.
    one.close()
    #expect(try selector.ready()[other.descriptor] == .write)
    try selector.modify(other, .read)
    #expect(try selector.ready()[other.descriptor] == .read)
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-14 readable and writable come in one answer`(kind: SelectorKind) throws {
    let selector = try kind.make()
    let (one, other) = try socketPair()
    _ = try other.send("foo")
    try selector.register(one, [.read, .write])
    let ready = try selector.select(timeout: nil, CallSite())
    // Of kqueue's list they are two entries.
    #expect(ready.count == (kind == .kqueue ? 2 : 1))
    #expect(ready.reduce(Events()) { $0.union($1.events) } == [.read, .write])
  }

  @Test(arguments: SelectorKind.allCases)
  func `a descriptor stays ready until somebody does something about it`(
    kind: SelectorKind
  ) throws {
    let selector = try kind.make()
    let (one, other) = try socketPair()
    try selector.register(one, .read)
    #expect(try selector.ready() == [:])
    _ = try other.send("ab")
    for _ in 1...3 { #expect(try selector.ready() == [one.descriptor: .read]) }
    _ = try one.recv(1)
    #expect(try selector.ready() == [one.descriptor: .read])
    _ = try one.recv(1)
    #expect(try selector.ready() == [:])
  }

  @Test(arguments: SelectorKind.allCases)
  func `a listener is readable when a client waits, a client writable when connected`(
    kind: SelectorKind
  ) throws {
    let selector = try kind.make()
    let listener = try listener()
    let client = try Socket()
    try client.setBlocking(false)
    try selector.register(listener, .read)
    #expect(try selector.ready() == [:])
    #expect(throws: SystemError.self) { try client.connect(listener.getsockname()) }
    try selector.register(client, .write)
    // One may be seen before the other.
    var seen: [Int32: Events] = [:]
    while seen.count < 2 { seen.merge(try selector.ready(nil)) { $1 } }
    #expect(seen == [listener.descriptor: .read, client.descriptor: .write])
  }

  @Test(arguments: SelectorKind.allCases)
  func `a hang-up is reported to the reader and to the writer`(
    kind: SelectorKind
  ) throws {
    // An empty pipe without a writer: POLLHUP, and nothing else.
    let (reading, writing) = try pipePair()
    writing.close()
    for events: Events in [.read, .write, [.read, .write]] {
      let selector = try kind.make()
      try selector.register(reading, events)
      #expect(try selector.ready(nil) == [reading.descriptor: events])
    }
  }

  @Test(arguments: SelectorKind.allCases)
  func `an error is reported to the reader and to the writer`(
    kind: SelectorKind
  ) throws {
    // A full pipe without a reader: POLLERR, and nothing else.
    let (reading, writing) = try pipePair()
    let block = [UInt8](repeating: 0, count: 65_536)
    while write(writing.descriptor, block, block.count) > 0 {}
    #expect(errno == EAGAIN)
    reading.close()
    for events: Events in [.read, .write, [.read, .write]] {
      let selector = try kind.make()
      try selector.register(writing, events)
      #expect(try selector.ready(nil) == [writing.descriptor: events])
    }
  }

  @Test(arguments: SelectorKind.allCases)
  func `a connect that fails is reported to the reader and to the writer`(
    kind: SelectorKind
  ) throws {
    let deaf = try Socket()
    try deaf.bind(SocketAddress("127.0.0.1", port: 0))
    let client = try Socket()
    try client.setBlocking(false)
    #expect(throws: SystemError.self) { try client.connect(deaf.getsockname()) }
    let selector = try kind.make()
    try selector.register(client, [.read, .write])
    #expect(try selector.ready(nil) == [client.descriptor: [.read, .write]])
    #expect(try client.getsockopt(.error) == ECONNREFUSED)
  }

  #if os(Linux)
    @Test func `a closed descriptor is news for poll and silence for epoll`() async {
      // In a process of its own: nobody else there takes the number.
      await #expect(processExitsWith: .success) {
        let (epoll, poll) = (try EpollSelector(kernel: LinuxKernel()), PollSelector())
        let (low, other) = try socketPair()
        let one = try renumbered(low)
        let number = one.descriptor
        try epoll.register(one, [.read, .write])
        try poll.register(one, [.read, .write])
        one.close()
        #expect(try epoll.ready() == [:])
        #expect(try poll.ready() == [number: [.read, .write]])
        _ = other  // open until here
      }
    }

    @Test func `a closed descriptor that is open elsewhere is nobody's news`() throws {
      let selector = try EpollSelector(kernel: LinuxKernel())
      let (one, other) = try socketPair()
      let number = one.descriptor
      let copy = Socket(owning: dup(number), .unix, isBlocking: true)
      try selector.register(one, .write)
      one.close()
      try selector.unregister(number, CallSite())
      // The kernel's list holds the open socket, not its number, and that one is alive.
      #expect(try copy.send("x") == 1)
      #expect(try selector.ready() == [:])
      _ = other  // open until here
    }

    @Test func `C1 epoll hears nothing when the heir of a number is modified`() async {
      // In a process of its own: nobody else there takes the number.
      await #expect(processExitsWith: .success) {
        let kernel = WatchedKernel(to: LinuxKernel())
        let selector = try EpollSelector(kernel: kernel)
        let (low, other) = try socketPair()
        let dead = try renumbered(low)
        let number = dead.descriptor
        try selector.register(dead, .write)
        #expect(try selector.ready() == [number: .write])
        // Closed, and not unregistered: that is the mistake. The kernel has forgotten
        // the number, the map has not.
        dead.close()
        let (next, peer) = try socketPair()
        let heir = try renumbered(next)
        try #require(heir.descriptor == number)
        // So this is a change of the data, and no business of the kernel's.
        let note = Note()
        try selector.modify(heir, .write, data: note)
        #expect(try selector.key(of: number).data === note)
        #expect(kernel.changes == [.add])
        // The heir is writable, its key is in the map, and nobody watches.
        #expect(try selector.ready() == [:])
        // Unregistering first would have made the difference.
        try selector.unregister(number, CallSite())
        try selector.register(heir, .write)
        #expect(try selector.ready() == [number: .write])
        _ = (other, peer)  // open until here
      }
    }
  #endif

  @Test(.serialized, arguments: SelectorKind.allCases)
  func `SEL-21 one select tells of thousands`(kind: SelectorKind) throws {
    // Two descriptors a pair. The process may open so many, of which the tests that
    // run at the same time need some.
    let limit = descriptorLimit()
    let count = min(2000, (limit - 300) / 2)
    if count < 2000 {
      let said = "only \(count) pairs: this process may open \(limit) descriptors"
      Issue.record(Comment(rawValue: said), severity: .warning)
    }
    let selector = try kind.make()
    var pairs: [(Socket, Socket)] = []
    var expected: [Int32: Events] = [:]
    for _ in 0..<count {
      let (one, other) = try socketPair()
      pairs.append((one, other))
      try selector.register(one, .write)
      try selector.register(other, [.read, .write])
      expected[one.descriptor] = .write
      expected[other.descriptor] = .write
    }
    let ready = try selector.ready(nil)
    #expect(ready.count == 2 * count)
    #expect(ready == expected)
    // FD_SETSIZE, the end of the world for select(2).
    if count == 2000 { #expect(expected.keys.contains { $0 > 1024 }) }
  }
}

/// Asks for as many descriptors as this process can get, and says how many that is.
private func descriptorLimit() -> Int {
  var limit = rlimit()
  getrlimit(descriptorResource, &limit)
  limit.rlim_cur = limit.rlim_max
  setrlimit(descriptorResource, &limit)
  getrlimit(descriptorResource, &limit)
  return Int(min(limit.rlim_cur, 1_000_000))
}
