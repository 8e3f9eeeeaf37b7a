#if os(Linux)
  import CLibrary
  import Selectors
  import Sockets
  import TestSupport
  import Testing

  /// What lingers: on the kernel's list and not on ours.
  @Suite(.timeLimit(.minutes(10))) struct LazyTests {
    let kernel = WatchedKernel(to: LinuxKernel())
    let selector: LazySelector
    let one: Socket
    let peer: Socket

    init() throws {
      selector = try LazySelector(kernel: kernel)
      (one, peer) = try socketPair(kernel: kernel)
    }

    /// Waits for the socket, and no more.
    private func linger() throws {
      try selector.register(one, .read)
      try selector.release(one, CallSite())
    }

    private func send(_ socket: Socket) throws {
      let bytes: [UInt8] = [1]
      #expect(try bytes.withUnsafeBytes { try socket.send($0) } == 1)
    }

    @Test func `a socket that comes back costs nothing`() throws {
      let note = Note()
      for _ in 0..<10 {
        try linger()
        #expect(selector.getKey(one.descriptor) == nil)
        #expect(selector.keys.isEmpty)
      }
      try selector.register(one, .read, data: note, CallSite())
      #expect(kernel.changes == [.add])
      #expect(selector.getKey(one.descriptor)?.data === note)
      #expect(try selector.ready() == [:])
      try send(peer)
      #expect(try selector.ready() == [one.descriptor: .read])
      #expect(try selector.ready() == [one.descriptor: .read])
    }

    @Test func `what lingers is not registered`() throws {
      try linger()
      let error = SelectorError.notRegistered(one.descriptor)
      #expect(throws: error) { try selector.modify(one, .write) }
      #expect(throws: error) { try selector.unregister(one.descriptor, CallSite()) }
      #expect(throws: error) { try selector.release(one, CallSite()) }
    }

    @Test func `news that nobody wants ends the lingering and not the wait`() throws {
      try linger()
      try send(peer)
      let start = kernel.now()
      #expect(try selector.ready(0.05) == [:])
      #expect(kernel.now() - start >= 0.05)
      #expect(kernel.timeouts.count == 2)
      #expect(kernel.changes == [.add, .delete])
      // It is not lost: level-triggered, it is there for who comes later.
      try selector.register(one, .read)
      #expect(try selector.ready() == [one.descriptor: .read])
    }

    @Test func `news that nobody wants does not hide the other news`() throws {
      try linger()
      let (other, otherPeer) = try socketPair()
      try selector.register(other, .read)
      try send(peer)
      try send(otherPeer)
      #expect(try selector.ready(nil) == [other.descriptor: .read])
      #expect(kernel.timeouts.count == 1)
    }

    @Test func `what is not a number is no timeout, also while something lingers`()
      throws
    {
      try linger()
      let error = #expect(throws: SystemError.self) { try selector.ready(.nan) }
      #expect(error?.errno == EINVAL)
      #expect(try selector.ready(-.infinity) == [:])
    }

    @Test func `C8 a copy of a closed socket is not reported for ever`() throws {
      try linger()
      let copy = dup(one.descriptor)
      defer { CLibrary.close(copy) }
      kernel.beforeClose = { [kernel] _ in #expect(kernel.changes == [.add, .delete]) }
      one.close()
      #expect(kernel.changes == [.add, .delete])
      try send(peer)
      #expect(try selector.ready(0.01) == [:])
      #expect(kernel.timeouts.count == 1)
    }

    @Test(arguments: [true, false])
    func `C1 the heir of a stolen number is watched`(isSocket: Bool) throws {
      try linger()
      let number = one.descriptor
      // Somebody closes the number behind its owner's back, and it is given out again.
      let (other, otherPeer) = try socketPair()
      #expect(dup2(other.descriptor, number) == number)
      let heir = Socket(owning: number, .unix, isBlocking: true)
      if isSocket {
        try selector.register(heir, .read)
      } else {
        try selector.register(number, .read, data: nil, CallSite())
      }
      try send(otherPeer)
      #expect(try selector.ready() == [number: .read])
      // The first owner still believes to have the number: let it go, unclosed.
      _ = Unmanaged.passRetained(one)
    }

    @Test func `T13 the number of a socket that nobody holds any more is free`() throws
    {
      var socket: Socket? = Socket(
        owning: dup(one.descriptor), .unix, isBlocking: true, kernel: kernel)
      try selector.register(socket!, .read)
      try selector.release(socket!, CallSite())
      socket = nil
      #expect(kernel.changes == [.add, .delete])
      #expect(kernel.closed.count == 1)
    }

    @Test func `only readers linger`() throws {
      for events: Events in [.write, [.read, .write]] {
        try selector.register(one, events)
        try selector.release(one, CallSite())
      }
      #expect(kernel.changes == [.add, .delete, .add, .delete])
      // One that lingers is not in the way of a writer.
      try linger()
      try selector.register(one, .write)
      #expect(try selector.ready() == [one.descriptor: .write])
    }

    @Test func `a socket lingers with one selector`() throws {
      try linger()
      let second = WatchedKernel(to: LinuxKernel())
      let other = try LazySelector(kernel: second)
      try other.register(one, .read)
      try other.release(one, CallSite())
      #expect(second.changes == [.add, .delete])
      // And what it tells at its end, it tells the first.
      one.close()
      #expect(kernel.changes == [.add, .delete])
    }

    @Test func `a selector that is closed hears of nothing`() throws {
      try linger()
      selector.close(CallSite())
      one.close()
      #expect(kernel.changes == [.add])
    }

    @Test func `a forked child that closes its copies takes nothing from us`() throws {
      try linger()
      // Swift hides `fork`, with reason. The child does one thing, and is gone.
      typealias Fork = @convention(c) () -> pid_t
      let fork = unsafeBitCast(dlsym(nil, "fork"), to: Fork.self)
      let child = fork()
      if child == 0 {
        one.close()
        _exit(selector.keys.isEmpty ? 0 : 1)
      }
      var status: Int32 = -1
      #expect(waitpid(child, &status, 0) == child)
      #expect(status == 0)
      try selector.register(one, .read)
      try send(peer)
      #expect(try selector.ready() == [one.descriptor: .read])
    }
  }

  /// A thing to find again.
  private final class Note {}

  /// Shorter to write, for those who know which line they are on.
  extension LazySelector {
    fileprivate func register(_ socket: Socket, _ events: Events) throws {
      try register(socket, events, data: nil, CallSite())
    }

    fileprivate func modify(_ socket: Socket, _ events: Events) throws {
      try modify(socket.descriptor, events, data: nil, CallSite())
    }

    /// What is ready, as descriptors and what they are ready for.
    fileprivate func ready(_ timeout: Double? = 0) throws -> [Int32: Events] {
      let pairs = try select(timeout: timeout, CallSite())
      return Dictionary(uniqueKeysWithValues: pairs.map { ($0.key.fd, $0.events) })
    }
  }
#endif
