import CLibrary
import Selectors
import Sockets
import TestSupport
import Testing

/// The selector's list: how descriptors get on it, change, and leave.
@Suite(.timeLimit(.minutes(10))) struct ListTests {
  @Test(arguments: SelectorKind.allCases)
  func `SEL-01 register returns a key and getKey an equal one`(
    kind: SelectorKind
  ) throws {
    let selector = try kind.make()
    let (one, _) = try socketPair()
    let note = Note()
    let made = try selector.register(one, .read, data: note)
    let found = try #require(selector.getKey(one.descriptor))
    for key in [made, found, try selector.key(of: one.descriptor)] {
      #expect(key.fd == one.descriptor)
      #expect(key.events == .read)
      #expect(key.data === note)
    }
    #expect(Array(selector.keys.keys) == [one.descriptor])
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-02 a bad argument of register leaves nothing registered`(
    kind: SelectorKind
  ) throws {
    let selector = try kind.make()
    let (one, _) = try socketPair()
    for bad: Events in [[], Events(rawValue: 4), [.read, Events(rawValue: 999_996)]] {
      #expect(throws: SelectorError.invalidEvents(bad)) {
        try selector.register(one, bad)
      }
    }
    for bad: Int32 in [-1, -10] {
      #expect(throws: SelectorError.invalidDescriptor(bad)) {
        try selector.register(bad, .read, data: nil, CallSite())
      }
    }
    #expect(selector.keys.isEmpty)
    // And nothing that would be in the way of doing it right.
    try selector.register(one, .write)
    #expect(try selector.ready() == [one.descriptor: .write])
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-03 a descriptor can be registered once`(kind: SelectorKind) throws {
    let selector = try kind.make()
    let (one, _) = try socketPair()
    let note = Note()
    try selector.register(one, .write, data: note)
    #expect(throws: SelectorError.alreadyRegistered(one.descriptor)) {
      try selector.register(one, .write)
    }
    // By its number, and for something else: no difference.
    #expect(throws: SelectorError.alreadyRegistered(one.descriptor)) {
      try selector.register(one.descriptor, .read, data: nil, CallSite())
    }
    let key = try selector.key(of: one.descriptor)
    #expect(key.events == .write)
    #expect(key.data === note)
    #expect(try selector.ready() == [one.descriptor: .write])
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-05 a descriptor that was closed can be unregistered`(
    kind: SelectorKind
  ) throws {
    let selector = try kind.make()
    let (one, other) = try socketPair()
    let (a, b) = (one.descriptor, other.descriptor)
    try selector.register(one, .read)
    try selector.register(other, .write)
    one.close()
    other.close()
    #expect(try selector.unregister(a, CallSite()).events == .read)
    #expect(try selector.unregister(b, CallSite()).events == .write)
    #expect(selector.keys.isEmpty)
    #expect(try selector.ready() == [:])
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-05 also when somebody else has got the number`(
    kind: SelectorKind
  ) async {
    // In a process of its own: nobody else there takes the number.
    await #expect(processExitsWith: .success) { [kind] in
      let selector = try kind.make()
      let (low, other) = try socketPair()
      let one = try renumbered(low)
      let number = one.descriptor
      try selector.register(one, .write)
      one.close()
      let (next, peer) = try socketPair()
      let heir = try renumbered(next)
      try #require(heir.descriptor == number)
      try selector.unregister(number, CallSite())
      #expect(selector.keys.isEmpty)
      try selector.register(heir, .write)
      #expect(try selector.ready() == [number: .write])
      _ = (other, peer)  // open until here
    }
  }

  @Test(arguments: SelectorKind.allCases)
  func `unregister takes off the list, and only what is on it`(
    kind: SelectorKind
  ) throws {
    let selector = try kind.make()
    let (one, other) = try socketPair()
    let note = Note()
    try selector.register(one, .write, data: note)
    #expect(try selector.unregister(one.descriptor, CallSite()).data === note)
    #expect(try selector.ready() == [:])
    #expect(throws: SelectorError.notRegistered(one.descriptor)) {
      try selector.unregister(one.descriptor, CallSite())
    }
    _ = other  // open until here
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-07 modify replaces events and data, from then on`(
    kind: SelectorKind
  ) throws {
    let selector = try kind.make()
    let (one, other) = try socketPair()
    _ = try other.send("data")
    let (first, second) = (Note(), Note())
    try selector.register(one, .read, data: first)
    #expect(try selector.ready() == [one.descriptor: .read])

    let changed = try selector.modify(one, .write, data: second)
    let found = try selector.key(of: one.descriptor)
    for key in [changed, found] {
      #expect(key.events == .write)
      #expect(key.data === second)
    }
    // The data is still there to be read, and nobody has asked.
    #expect(try selector.ready() == [one.descriptor: .write])

    try selector.modify(one, [.read, .write])
    #expect(try selector.ready() == [one.descriptor: [.read, .write]])
    #expect(try selector.key(of: one.descriptor).data == nil)
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-07 modify of the data alone keeps the events`(kind: SelectorKind) throws {
    let kernel = kind.watchedKernel()
    let selector = try kind.make(kernel: kernel)
    let (one, other) = try socketPair()
    try selector.register(one, .write, data: Note())
    let note = Note()
    try selector.modify(one, .write, data: note)
    #expect(try selector.key(of: one.descriptor).data === note)
    #expect(try selector.ready() == [one.descriptor: .write])
    // The kernel knows nothing of data, so it was not told.
    #expect(!kernel.changes.contains(.modify))
    _ = other  // open until here
  }

  @Test(arguments: SelectorKind.allCases)
  func `SEL-09 modify and key of an unknown descriptor are errors`(
    kind: SelectorKind
  ) throws {
    let selector = try kind.make()
    let (one, _) = try socketPair()
    #expect(throws: SelectorError.notRegistered(one.descriptor)) {
      try selector.modify(one, .read)
    }
    #expect(throws: SelectorError.notRegistered(one.descriptor)) {
      try selector.key(of: one.descriptor)
    }
    #expect(selector.getKey(one.descriptor) == nil)
    #expect(selector.keys.isEmpty)
  }

  @Test(arguments: SelectorKind.allCases)
  func `modify to no events is refused and changes nothing`(kind: SelectorKind) throws {
    let selector = try kind.make()
    let (one, other) = try socketPair()
    try selector.register(one, .write)
    #expect(throws: SelectorError.invalidEvents([])) { try selector.modify(one, []) }
    #expect(try selector.key(of: one.descriptor).events == .write)
    #expect(try selector.ready() == [one.descriptor: .write])
    _ = other  // open until here
  }

  #if os(Linux)
    @Test func `a change that the kernel refuses ends the registration`() throws {
      // CPython: bpo-30014.
      let selector = try EpollSelector(kernel: LinuxKernel())
      let (one, _) = try socketPair()
      let number = one.descriptor
      try selector.register(one, .read)
      one.close()
      #expect(throws: SystemError.self) {
        try selector.modify(number, .write, data: nil, CallSite())
      }
      #expect(selector.getKey(number) == nil)
    }

    @Test func `SEL-20 epoll refuses a regular file and no key stays behind`() throws {
      let folder = try TemporaryFolder()
      let number = open(folder.file("plain"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      try #require(number >= 0)
      let file = Socket(owning: number, .unix, isBlocking: true)
      let selector = try EpollSelector(kernel: LinuxKernel())
      #expect(throws: SystemError(EPERM, in: "epoll_ctl")) {
        try selector.register(file, .read)
      }
      #expect(selector.getKey(number) == nil)
      #expect(selector.keys.isEmpty)
      // poll has nothing against files. They are always ready, which is no help.
      let poll = PollSelector()
      try poll.register(file, [.read, .write])
      #expect(try poll.ready() == [number: [.read, .write]])
    }
  #endif

  @Test(arguments: SelectorKind.allCases)
  func `close empties the list and gives back what the selector holds, once`(
    kind: SelectorKind
  ) throws {
    let kernel = kind.watchedKernel()
    do {
      let selector = try kind.make(kernel: kernel)
      let (one, _) = try socketPair()
      try selector.register(one, .read)
      selector.close(CallSite())
      #expect(selector.keys.isEmpty)
      #expect(selector.getKey(one.descriptor) == nil)
      selector.close(CallSite())
    }
    #expect(kernel.closed.count == (kind == .poll ? 0 : 1))
  }

  #if os(Linux)
    @Test func `an epoll selector that nobody holds gives its descriptor back`() throws
    {
      let kernel = WatchedKernel(to: LinuxKernel())
      var selector: EpollSelector? = try EpollSelector(kernel: kernel)
      #expect(kernel.closed == [])
      #expect(selector?.keys.count == 0)
      selector = nil
      #expect(kernel.closed.count == 1)
    }
  #endif

  @Test func `what is wrong, in words`() {
    let nothing = SelectorError.invalidEvents([])
    #expect("\(nothing)" == "events 0: wait for .read, .write, or both")
    #expect("\(SelectorError.invalidDescriptor(-1))".contains("is the socket closed?"))
    #expect("\(SelectorError.alreadyRegistered(7))".contains("use modify"))
    #expect("\(SelectorError.notRegistered(7))" == "descriptor 7 is not registered")
  }

  @Test(arguments: SelectorKind.allCases)
  func `a closed selector says so, and a copy of its list stays what it was`(
    kind: SelectorKind
  ) throws {
    let selector = try kind.make()
    let (one, other) = try socketPair()
    try selector.register(one, .read)
    let before = selector.keys
    try selector.register(other, .read)
    selector.close(CallSite())
    #expect(Array(before.keys) == [one.descriptor])
    #expect(selector.keys.isEmpty)
    #expect(selector.getKey(one.descriptor) == nil)
    for use: () throws -> Void in [
      { _ = try selector.key(of: one.descriptor) },
      { try selector.register(one, .read) },
      { try selector.modify(one, .write) },
      { try selector.unregister(one.descriptor, CallSite()) },
    ] {
      #expect(throws: SelectorError.closed) { try use() }
    }
    #expect(SelectorError.closed.description.contains("closed"))
    selector.close(CallSite())
  }
}
