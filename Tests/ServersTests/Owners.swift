import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// A server owns its listeners, from its making to its end; and what the kernel refuses
/// leaves neither a deaf server nor a noisy one.
@Suite struct Owners {
  private let client = ScriptedLoop.client
  private let first = RuntimeError(
    "descriptor 5 belongs to a server: make a listener of your own")

  @Test func `two servers on one socket: the second is refused, the first goes on`()
    throws
  {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    let server = try stage.server { Echo() }
    let listener = try #require(server.sockets.first)
    for starts in [true, false] {
      let making = try loop.createTask {
        _ = try await loop.createServer(
          { Echo() }, sock: listener, startServing: starts)
      }
      stage.settle()
      #expect(throws: first) { try making.result() }
    }
    #expect(server.isServing() && listener.descriptor == 5)
    #expect(stage.selector.keys[5]?.events == .read)
    server.close()
    try loop.close()
  }

  @Test func `a server that has not begun owns its listener as well`() throws {
    try run { loop in
      let server = try await loop.createServer(
        { Echo() }, host: "127.0.0.1", port: 0, startServing: false)
      let listener = server.sockets[0]
      #expect(throws: RuntimeError.self) { try loop.addReader(listener.descriptor) {} }
      await #expect(throws: RuntimeError.self) {
        _ = try await loop.createConnection({ Echo() }, sock: listener)
      }
      try await server.startServing()
      let client = try plainClient(server)
      try client.send("hello")
      #expect(try await loop.sockRecv(client, 10) == Array("hello".utf8))
      let number = listener.descriptor
      server.close()
      #expect(loop.owners[number] == nil)
      client.close()
      try await server.waitClosed()
    }
  }

  @Test func `sockAccept on a server's listener is refused, and the server serves`()
    throws
  {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    let club = Club()
    let server = try stage.server(club.join)
    let listener = try #require(server.sockets.first)
    stage.kernel.expect((.accept(fd: 5), .error(EAGAIN)))
    let accepting = try loop.createTask { _ = try await loop.sockAccept(listener) }
    stage.settle()
    #expect(throws: first) { try accepting.result() }
    #expect(throws: first) { try loop.removeReader(5) }
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(6, client)), (.accept(fd: 5), .error(EAGAIN)))
    stage.expectBirth(6)
    stage.turnWithClients()
    stage.settle()
    #expect(club.members.map(\.entries) == [["made"]])
    server.close()
    server.abortClients()
    stage.settle()
    try loop.close()
  }

  @Test func `a listener that is closed under its server leaves nothing on the list`()
    throws
  {
    let stage = try ScriptedLoop()
    let server = try stage.server { Echo() }
    try #require(server.sockets.first).close()
    // Until the server goes, too, its number is barred (T13).
    let heir = stage.socket(5)
    stage.kernel.expect((.recv(fd: 5, limit: 9), .error(EAGAIN)))
    let early = try stage.loop.createTask { try await stage.loop.sockRecv(heir, 9) }
    stage.settle()
    #expect(throws: first) { try early.result() }
    server.close()
    #expect(stage.selector.keys[5] == nil)
    stage.kernel.expect(
      (.recv(fd: 5, limit: 9), .error(EAGAIN)), (.recv(fd: 5, limit: 9), .bytes([1])))
    let late = try stage.loop.createTask { try await stage.loop.sockRecv(heir, 9) }
    stage.loop.runOnce()
    stage.selector.report([5: .read])
    stage.loop.runOnce()
    stage.settle()
    #expect(try late.result() == [1])
    heir.close()
    try stage.loop.close()
  }

  // MARK: What the kernel refuses

  @Test func `a server that cannot be watched has not begun, and may try again`() throws
  {
    let stage = try ScriptedLoop(
      (.setBlocking(fd: 5, false), .done), (.listen(fd: 5, backlog: 100), .done),
      (.listen(fd: 5, backlog: 100), .done))
    let loop = stage.loop
    let listener = stage.socket(5)
    let making = try loop.createTask {
      try await loop.createServer({ Echo() }, sock: listener, startServing: false)
    }
    stage.settle()
    let server = try making.result()
    stage.selector.refusal = SystemError(ENOSPC, in: "epoll_ctl")
    let starting = try loop.createTask { try await server.startServing() }
    stage.settle()
    #expect(throws: SystemError(ENOSPC, in: "epoll_ctl")) { try starting.result() }
    #expect(!server.isServing())
    stage.selector.refusal = nil
    let again = try loop.createTask { try await server.startServing() }
    stage.settle()
    #expect(throws: Never.self) { try again.result() }
    #expect(server.isServing() && stage.selector.keys[5]?.events == .read)
    server.close()
    try loop.close()
  }

  /// A kernel whose list can be full.
  private final class Full: ForwardingKernel {
    var room = Int.max
    override func epollControl(
      _ epoll: Int32, _ change: EpollChange, _ fd: Int32, _ events: UInt32,
      _ site: CallSite
    ) throws(SystemError) {
      if change == .add {
        if room == 0 { throw SystemError(ENOSPC, in: "epoll_ctl") }
        room -= 1
      }
      try super.epollControl(epoll, change, fd, events, site)
    }
  }

  @Test(.enabled(if: systemKernel.asEpoll != nil, "only epoll refuses so"))
  func `of two listeners the first is let go when the second is refused`() throws {
    let kernel = Full()
    let loop = try EventLoop(kernel: kernel)
    defer { try? loop.close() }
    let making = try loop.createTask {
      try await loop.createServer(
        { Echo() }, hosts: ["127.0.0.1", "127.0.0.2"], port: 0, startServing: false)
    }
    let server = try loop.runUntilComplete(making)
    kernel.room = 1
    #expect(throws: SystemError(ENOSPC, in: "epoll_ctl")) { try server.start() }
    // The self-pipe is left.
    #expect(!server.isServing() && loop.selector.keys.count == 1)
    kernel.room = 2
    try server.start()
    #expect(server.isServing() && loop.selector.keys.count == 3)
    server.close()
    #expect(loop.selector.keys.count == 1)
  }

  @Test func `A6 after the pause a refused registration is another pause`() throws {
    let stage = try ScriptedLoop()
    let server = try stage.server { Echo() }
    stage.kernel.expect((.accept(fd: 5), .error(EMFILE)))
    stage.turnWithClients()
    stage.selector.refusal = SystemError(ENOMEM, in: "epoll_ctl")
    for _ in 1...3 { stage.loop.runOnce() }
    // Three seconds, and one report for each kind of trouble.
    #expect(stage.kernel.time == 3 && stage.loop.scheduled.count == 1)
    #expect(
      stage.reports.map { ($0.exception as? SystemError)?.errno } == [EMFILE, ENOMEM])
    stage.selector.refusal = nil
    stage.loop.runOnce()
    #expect(stage.selector.keys[5]?.events == .read && stage.loop.scheduled.isEmpty)
    server.close()
    try stage.loop.close()
  }

  @Test(arguments: [EINVAL, EPERM, EBADF])
  func `an accept that is refused for ever is one report, and a try a second`(
    number: Int32
  ) throws {
    let stage = try ScriptedLoop()
    let server = try stage.server { Echo() }
    for _ in 1...3 {
      stage.kernel.expect((.accept(fd: 5), .error(number)))
      stage.turnWithClients()
      #expect(stage.selector.keys[5] == nil && stage.loop.scheduled.count == 1)
      stage.loop.runOnce()  // a second later
    }
    #expect(stage.kernel.time == 3 && stage.reports.count == 1)
    // Should it work again and fail again, that is news.
    stage.kernel.expect(
      (.accept(fd: 5), .descriptor(6, client)), (.accept(fd: 5), .error(number)))
    stage.expectBirth(6)
    stage.turnWithClients()
    #expect(stage.reports.count == 2 && server.isServing())
    stage.settle()
    server.close()
    server.abortClients()
    stage.settle()
    try stage.loop.close()
  }

  @Test func `a listener that was shut down does not keep the loop busy`() throws {
    try run { loop in
      let reports = loop.reports()
      let server = try await loop.createServer({ Echo() }, host: "127.0.0.1", port: 0)
      try server.sockets[0].shutdown(.both)
      try await loop.turns(100)
      #expect(
        reports.contexts.map { ($0.exception as? SystemError)?.errno } == [EINVAL])
      #expect(loop.selector.keys.count == 1)
      server.close()
    }
  }

  // MARK: The file of a Unix server

  private func inode(_ path: String) -> ino_t? {
    var file = stat()
    return stat(path, &file) == 0 ? file.st_ino : nil
  }

  @Test(arguments: [true, false], [true, false])
  func `a Unix server removes its file when it is closed`(
    cleanup: Bool, bySock: Bool
  ) throws {
    try run { loop in
      let folder = try TemporaryFolder()
      let path = folder.file("socket")
      var sock: Socket?
      if bySock {
        sock = try Socket(.unix)
        try sock?.bind(SocketAddress(path: path))
      }
      let server = try await loop.createUnixServer(
        { Echo() }, path: bySock ? nil : path, sock: sock, cleanupSocket: cleanup)
      let client = try plainClient(server)
      try client.send("hello")
      #expect(try await loop.sockRecv(client, 10) == Array("hello".utf8))
      #expect(inode(path) != nil)
      server.close()
      #expect((inode(path) == nil) == cleanup)
      client.close()
      try await server.waitClosed()
    }
  }

  @Test func `a file that is another server's by now stays`() throws {
    try run { loop in
      let folder = try TemporaryFolder()
      let path = folder.file("socket")
      let old = try await loop.createUnixServer({ Echo() }, path: path)
      // The old one holds its file open, so the new one cannot get its number.
      #expect(rename(path, folder.file("old")) == 0)
      let new = try await loop.createUnixServer({ Echo() }, path: path)
      old.close()
      #expect(inode(path) != nil)
      new.close()
      #expect(inode(path) == nil)
    }
  }

  @Test func `a file that cannot be removed is told of, one that has gone is not`()
    throws
  {
    try run { loop in
      let folder = try TemporaryFolder()
      let reports = loop.reports()
      let path = folder.file("socket")
      let one = try await loop.createUnixServer({ Echo() }, path: path)
      #expect(unlink(path) == 0)
      one.close()
      #expect(reports.contexts.isEmpty)

      let inner = folder.file("inner")
      #expect(mkdir(inner, 0o700) == 0)
      let two = try await loop.createUnixServer({ Echo() }, path: inner + "/socket")
      // Its folder is none any more, so nobody can look.
      #expect(rename(inner, folder.file("elsewhere")) == 0)
      #expect(close(open(inner, O_CREAT | O_WRONLY, 0o600)) == 0)
      two.close()
      #expect(
        reports.contexts.map { ($0.exception as? SystemError)?.errno } == [ENOTDIR])
      reports.forget()
    }
  }

  @Test func `a path or a Unix stream socket, but one of them`() throws {
    try run { loop in
      let unix = try Socket(.unix)
      let ip = try Socket()
      for (path, sock) in [(nil, nil), ("there", unix), (nil, ip)]
        as [(String?, Socket?)]
      {
        await #expect(throws: ValueError.self) {
          _ = try await loop.createUnixServer({ Echo() }, path: path, sock: sock)
        }
      }
      #expect(unix.descriptor >= 0 && ip.descriptor >= 0)
    }
  }
}
