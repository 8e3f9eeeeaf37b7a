import CLibrary
import Sockets
import TestSupport
import Testing

/// Who owns the number, what its flags are, and what happens when it is given back.
///
/// Descriptors belong to the whole process, and tests run side by side. So a test
/// that counts on a number being free, or used again, runs in a process of its own.
@Suite(.timeLimit(.minutes(10))) struct DescriptorTests {
  @Test func `a new socket blocks and does not outlive an exec`() throws {
    let socket = try Socket()
    #expect(socket.isBlocking)
    #expect(fcntl(socket.descriptor, F_GETFL) & O_NONBLOCK == 0)
    #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
  }

  @Test(arguments: [true, false])
  func `an accepted socket does not block, whether or not the listener does`(
    listenerBlocks: Bool
  ) throws {
    let listener = try listener()
    try listener.setBlocking(listenerBlocks)
    let client = try Socket()
    try client.connect(listener.getsockname())
    try listener.waitUntilReadable()
    let (connection, _) = try listener.accept()
    #expect(!connection.isBlocking)
    #expect(fcntl(connection.descriptor, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(connection.descriptor, F_GETFD) & FD_CLOEXEC != 0)
  }

  @Test func `setBlocking changes one flag, there and back`() throws {
    let socket = try Socket()
    let before = fcntl(socket.descriptor, F_GETFL)
    try socket.setBlocking(false)
    #expect(!socket.isBlocking)
    #expect(fcntl(socket.descriptor, F_GETFL) == before | O_NONBLOCK)
    try socket.setBlocking(true)
    #expect(socket.isBlocking)
    #expect(fcntl(socket.descriptor, F_GETFL) == before)
  }

  @Test func `options can be set and read back`() throws {
    let socket = try Socket()
    for option in [SocketOption.reuseAddress, .noDelay] {
      #expect(try socket.getsockopt(option) == 0)
      try socket.setsockopt(option, 1)
      #expect(try socket.getsockopt(option) != 0)
      try socket.setsockopt(option, 0)
      #expect(try socket.getsockopt(option) == 0)
    }
    for option in [SocketOption.sendBuffer, .receiveBuffer] {
      try socket.setsockopt(option, 20_000)
      #expect(try socket.getsockopt(option) == 40_000)
    }
    for seconds: Int32 in [5, 0, -1] {
      try socket.setsockopt(.linger, seconds)
      #expect(try socket.getsockopt(.linger) == seconds)
    }
  }

  @Test(.enabled(if: hasIPv6, "this machine has no IPv6 address of its own"))
  func `an IPv6 socket can be told to leave IPv4 alone`() throws {
    let socket = try Socket(.ipv6)
    for value: Int32 in [1, 0, 1] {
      try socket.setsockopt(.ipv6Only, value)
      #expect(try socket.getsockopt(.ipv6Only) == value)
    }
  }

  @Test func `close gives the descriptor back once, however often it is called`() throws
  {
    let kernel = WatchedKernel()
    do {
      let socket = try Socket(kernel: kernel)
      let descriptor = socket.descriptor
      socket.close()
      #expect(socket.descriptor == -1)
      socket.close()
      #expect(kernel.closed == [descriptor])
    }
    #expect(kernel.closed.count == 1)
  }

  @Test func `a socket that nobody holds closes: the peer sees the end`() throws {
    var (one, other): (Socket?, Socket) = try socketPair(isBlocking: false)
    let error = #expect(throws: SystemError.self) { try other.recv(1) }
    #expect(error?.wouldBlock == true)
    #expect(one != nil)
    one = nil
    // At once, if it were not for the tests in processes of their own: a process that
    // is being started holds copies of all our descriptors, up to its exec.
    try other.waitUntilReadable()
    #expect(try other.recv(1) == [])
  }

  @Test func `an accepted socket belongs to the kernel that accepted it`() throws {
    let kernel = WatchedKernel()
    var (client, server): (Socket, Socket?) = try tcpPair(kernel: kernel)
    let descriptor = try #require(server).descriptor
    server = nil
    #expect(kernel.closed.last == descriptor)
    _ = client  // open until here
  }

  @Test func `a closed socket answers EBADF to everything`() throws {
    let socket = try Socket()
    socket.close()
    let place = try SocketAddress("127.0.0.1", port: 9)
    let calls: [(String, () throws -> Void)] = [
      ("bind", { try socket.bind(place) }),
      ("listen", { try socket.listen() }),
      ("accept", { _ = try socket.accept() }),
      ("connect", { try socket.connect(place) }),
      ("recv", { _ = try socket.recv(1) }),
      ("send", { _ = try socket.send("x") }),
      ("shutdown", { try socket.shutdown(.both) }),
      ("fcntl", { try socket.setBlocking(false) }),
      ("getsockopt", { _ = try socket.getsockopt(.error) }),
      ("setsockopt", { try socket.setsockopt(.noDelay, 1) }),
      ("getsockname", { _ = try socket.getsockname() }),
      ("getpeername", { _ = try socket.getpeername() }),
    ]
    for (name, call) in calls {
      let error = #expect(throws: SystemError.self) { try call() }
      #expect(error?.errno == EBADF)
      // Linux has a fourth accept.
      #expect(error?.call.hasPrefix(name) == true)
    }
    #expect(socket.isBlocking)  // a refused setBlocking changes nothing
  }

  @Test func `a closed socket does not hit the one that got its number`() async {
    await #expect(processExitsWith: .success) {
      let (low, other) = try socketPair(isBlocking: false)
      let one = try renumbered(low)
      let number = one.descriptor
      one.close()
      let (next, peer) = try socketPair(isBlocking: false)
      let heir = try renumbered(next)
      try #require(heir.descriptor == number)
      #expect(throws: SystemError.self) { try one.send("not for you") }
      one.close()
      let error = #expect(throws: SystemError.self) { try peer.recv(100) }
      #expect(error?.wouldBlock == true)  // neither a message nor the end
      _ = other  // open until here
    }
  }

  @Test func `a conversation leaves no socket behind`() async {
    await #expect(processExitsWith: .success) {
      var open: Int { (0..<Int32(1000)).count(where: isSocket) }
      let before = open
      do {
        let (client, server) = try tcpPair()
        _ = try client.send("x")
        try server.waitUntilReadable()
        #expect(try server.recv(1).count == 1)
        #expect(throws: SystemError.self) { try client.connect(server.getsockname()) }
        #expect(open == before + 2)
      }
      #expect(open == before)
    }
  }

  @Test func `T14 send to a peer that is gone is EPIPE and no signal`() async {
    await #expect(processExitsWith: .success) {
      // The default action, which kills. Whoever started us may have chosen another.
      signal(SIGPIPE, SIG_DFL)
      let (one, other) = try socketPair()
      other.close()
      let error = unblocking(SIGPIPE) {
        #expect(throws: SystemError.self) { try one.send("hello?") }
      }
      #expect(error == SystemError(EPIPE, in: "send"))
    }
  }

  @Test func `T14 send after our own shutdown is EPIPE too`() async {
    await #expect(processExitsWith: .success) {
      signal(SIGPIPE, SIG_DFL)
      let (client, server) = try tcpPair()
      try client.shutdown(.write)
      let error = unblocking(SIGPIPE) {
        #expect(throws: SystemError.self) { try client.send("too late") }
      }
      #expect(error == SystemError(EPIPE, in: "send"))
      _ = server  // open until here
    }
  }

  @Test func `T14 over TCP the first send hears of the reset, the next is EPIPE`() async
  {
    await #expect(processExitsWith: .success) {
      signal(SIGPIPE, SIG_DFL)
      let (client, server) = try tcpPair()
      try server.setsockopt(.linger, 0)
      server.close()
      try client.waitUntilReadable()
      let first = #expect(throws: SystemError.self) { try client.send("hello?") }
      #expect(first == SystemError(ECONNRESET, in: "send"))
      let second = unblocking(SIGPIPE) {
        #expect(throws: SystemError.self) { try client.send("hello?") }
      }
      #expect(second == SystemError(EPIPE, in: "send"))
    }
  }
}

private func isSocket(_ descriptor: Int32) -> Bool {
  var status = stat()
  return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
}
