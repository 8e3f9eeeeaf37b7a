import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// Descriptors, and who is called when they are ready.
@Suite struct Readers {
  @Test func `LOOP-36 a literal address needs no resolver`() throws {
    let stream = try #require(ipaddrInfo("1.2.3.4", "80", .stream))
    #expect(stream.family == .ipv4)
    #expect(stream.type == .stream)
    #expect(stream.protocol == Int32(IPPROTO_TCP))
    #expect(stream.address.description == "1.2.3.4:80")
    let datagram = try #require(ipaddrInfo("1.2.3.4", "80", .datagram))
    #expect(datagram.type == .datagram)
    #expect(datagram.protocol == Int32(IPPROTO_UDP))

    let six = try #require(ipaddrInfo("::3", "1", .stream))
    #expect(six.family == .ipv6)
    #expect(six.address.description == "[::3]:1")
    let raw = withUnsafeBytes(of: six.address) {
      $0.loadUnaligned(as: sockaddr_in6.self)
    }
    #expect(raw.sin6_family == UInt16(AF_INET6))
    #expect(raw.sin6_flowinfo == 0)
    #expect(raw.sin6_scope_id == 0)
  }

  @Test(
    arguments: [(nil, 0), ("", 0), ("0", 0), ("65535", 65535)] as [(String?, UInt16)])
  func `LOOP-36 a port in digits, or none`(port: String?, number: UInt16) throws {
    #expect(ipaddrInfo("1.2.3.4", port, .stream)?.address.port == number)
  }

  @Test(
    arguments: [
      ("localhost", "80"), ("1.2.3", "80"), ("::3%lo0", "80"), (nil, "80"),
      ("1.2.3.4", "http"),
    ] as [(String?, String)])
  func `LOOP-36 anything else is for the resolver`(host: String?, port: String) {
    #expect(ipaddrInfo(host, port, .stream) == nil)
  }

  @Test func `LOOP-38 a reader runs in every turn until the data is read`() throws {
    let loop = try EventLoop()
    defer { try? loop.close() }
    let (here, there) = try socketPair(isBlocking: false)
    var runs = 0
    try loop.addReader(here.descriptor) { runs += 1 }
    try loop.oneTurn()
    #expect(runs == 0)
    try there.send("data")
    for turn in 1...3 {
      loop.runOnce()
      #expect(runs == turn)
    }
    #expect(try here.recv(100) == Array("data".utf8))
    try loop.oneTurn()
    #expect(runs == 3)

    try there.send("more")
    loop.runOnce()
    #expect(runs == 4)
    #expect(try loop.removeReader(here.descriptor))
    try loop.oneTurn()
    #expect(runs == 4)
    #expect(try !loop.removeReader(here.descriptor))
  }

  @Test func `a reader that throws is called in each turn, until it is removed`() throws
  {
    let loop = try EventLoop()
    defer { try? loop.close() }
    let reports = loop.reports()
    let (here, there) = try socketPair(isBlocking: false)
    try loop.addReader(here.descriptor) { throw SystemError(EIO, in: "reader") }
    try there.send("data")
    for turn in 1...3 {
      loop.runOnce()
      #expect(reports.contexts.count == turn)
    }
    #expect(try loop.removeReader(here.descriptor))
    try loop.oneTurn()
    #expect(reports.contexts.count == 3)
    reports.forget()
  }

  @Test(arguments: [Events.read, .write])
  func `LOOP-40 a second reader or writer replaces the first`(side: Events) throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    func add(_ side: Events, _ name: String) throws -> Handle {
      side == .read
        ? try loop.addReader(5, name) { log.append(name) }
        : try loop.addWriter(5, name) { log.append(name) }
    }
    let other = try add(side == .read ? .write : .read, "other")
    let old = try add(side, "old")
    let new = try add(side, "new")
    #expect(old.cancelled())
    #expect(!new.cancelled())
    #expect(!other.cancelled())
    #expect(stage.selector.getKey(5)?.events == [.read, .write])
    #expect(stage.selector.keys.count == 2)  // this one and the self-pipe
    stage.selector.report([5: [.read, .write]])
    loop.runOnce()
    #expect(log.sorted() == ["new", "other"])
  }

  @Test(arguments: [Events.read, .write])
  func `LOOP-43 removing one side leaves the other`(side: Events) throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    func remove(_ side: Events) throws -> Bool {
      try side == .read ? loop.removeReader(5) : loop.removeWriter(5)
    }
    let rest: Events = side == .read ? .write : .read
    var log: [Events] = []
    let reader = try loop.addReader(5) { log.append(.read) }
    let writer = try loop.addWriter(5) { log.append(.write) }
    let (gone, left) = side == .read ? (reader, writer) : (writer, reader)

    #expect(try remove(side))
    #expect(gone.cancelled())
    #expect(!left.cancelled())
    #expect(stage.selector.getKey(5)?.events == rest)
    stage.selector.report([5: [.read, .write]])
    loop.runOnce()
    #expect(log == [rest])

    #expect(try !remove(side))
    #expect(stage.selector.getKey(5)?.events == rest)
    #expect(try remove(rest))
    #expect(left.cancelled())
    #expect(stage.selector.getKey(5) == nil)
    #expect(try !remove(rest))
  }

  @Test(arguments: [true, false])
  func `LOOP-46 the reader runs before the writer`(readerIsFirst: Bool) throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    if readerIsFirst { try loop.addReader(5) { log.append("reader") } }
    try loop.addWriter(5) { log.append("writer") }
    if !readerIsFirst { try loop.addReader(5) { log.append("reader") } }
    stage.selector.report([5: [.read, .write]])
    loop.runOnce()
    #expect(log == ["reader", "writer"])
  }

  @Test func `LOOP-48 a transport's descriptor is the transport's`() throws {
    final class Owner: DescriptorOwner {
      var isGone = false
      func claim(on fd: Int32) -> String? { isGone ? nil : "a transport" }
    }
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    let socket = stage.socket(5)
    let owner = Owner()
    loop.owners[5] = owner
    for fd in [5, socket.descriptor] {
      #expect(throws: RuntimeError.self) { try loop.addReader(fd) {} }
      #expect(throws: RuntimeError.self) { try loop.addWriter(fd) {} }
      #expect(throws: RuntimeError.self) { try loop.removeReader(fd) }
      #expect(throws: RuntimeError.self) { try loop.removeWriter(fd) }
    }
    #expect(stage.selector.getKey(5) == nil)
    // Another descriptor is free, and so is this one once the transport is gone.
    try loop.addReader(6) {}
    owner.isGone = true
    try loop.addReader(5) {}
    #expect(try loop.removeReader(5))
  }

  @Test(arguments: [Events.read, .write])
  func `a handle that was cancelled leaves the selector's list`(side: Events) throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    let reader = try loop.addReader(5) {}
    let writer = try loop.addWriter(5) {}
    (side == .read ? reader : writer).cancel()
    // The first report takes that side off; nothing is queued for it.
    stage.selector.report([5: side])
    loop.runOnce()
    #expect(stage.selector.getKey(5)?.events == (side == .read ? .write : .read))
    (side == .read ? writer : reader).cancel()
    stage.selector.report([5: [.read, .write]])
    loop.runOnce()
    #expect(stage.selector.getKey(5) == nil)
  }

  // (`poll` refuses nothing: the list is ours alone.)
  @Test(.enabled(if: systemKernel.asEpoll != nil || systemKernel.asKqueue != nil))
  func `a descriptor that the kernel refuses is not watched`() throws {
    let loop = try EventLoop()
    defer { try? loop.close() }
    #expect(throws: SystemError.self) { try loop.addReader(Int32.max) {} }
    #expect(throws: SelectorError.invalidDescriptor(-1)) { try loop.addReader(-1) {} }
    #expect(loop.handlers(of: Int32.max) == nil)
  }
}
