import CLibrary
import Sockets
import TestSupport
import Testing

/// What the kernel says instead of yes: "not now", "somebody interrupted me", and no.
@Suite(.timeLimit(.minutes(10))) struct RefusalTests {
  @Test func `accept on a non-blocking listener without clients is EAGAIN`() throws {
    let listener = try listener()
    try listener.setBlocking(false)
    let error = #expect(throws: SystemError.self) { try listener.accept() }
    #expect(error?.name == "EAGAIN")
    #expect(error?.call.hasPrefix("accept") == true)
    #expect(error?.wouldBlock == true)
    #expect(error?.interrupted == false)
  }

  @Test func `recv of a non-blocking socket without data is EAGAIN`() throws {
    let (one, other) = try socketPair(isBlocking: false)
    let error = #expect(throws: SystemError.self) { try one.recv(1) }
    #expect(error == SystemError(EAGAIN, in: "recv"))
    #expect(error?.wouldBlock == true)
    _ = other  // open until here
  }

  @Test func `send to a peer that does not read is EAGAIN when the room is used up`()
    throws
  {
    let (one, other) = try socketPair(isBlocking: false)
    let block = [UInt8](repeating: 0, count: 100_000)
    let error = #expect(throws: SystemError.self) {
      while true { _ = try block.withUnsafeBytes { try one.send($0) } }
    }
    #expect(error == SystemError(EAGAIN, in: "send"))
    _ = other  // open until here
  }

  @Test func `a non-blocking connect is EINPROGRESS, and writable when it is done`()
    throws
  {
    let listener = try listener()
    let client = try Socket()
    try client.setBlocking(false)
    let place = try listener.getsockname()
    let error = #expect(throws: SystemError.self) { try client.connect(place) }
    #expect(error?.name == "EINPROGRESS")
    #expect(error?.about == place.description)
    #expect(error?.wouldBlock == true)
    try client.waitUntilWritable()
    #expect(try client.getsockopt(.error) == 0)
    #expect(try client.getpeername() == place)
  }

  @Test func `a non-blocking connect that fails leaves its error in the socket, once`()
    throws
  {
    // A port that is taken, so nobody else listens there, and that does not listen.
    let deaf = try Socket()
    try deaf.bind(SocketAddress("127.0.0.1", port: 0))
    let client = try Socket()
    try client.setBlocking(false)
    let place = try deaf.getsockname()
    let error = #expect(throws: SystemError.self) { try client.connect(place) }
    #expect(error?.errno == EINPROGRESS)
    try client.waitUntilWritable()
    #expect(try client.getsockopt(.error) == ECONNREFUSED)
    #expect(try client.getsockopt(.error) == 0)
  }

  @Test func `connect to a port where nobody listens is ECONNREFUSED and names it`()
    throws
  {
    let deaf = try Socket()
    try deaf.bind(SocketAddress("127.0.0.1", port: 0))
    let place = try deaf.getsockname()
    let client = try Socket()
    let error = #expect(throws: SystemError.self) { try client.connect(place) }
    #expect(error?.wouldBlock == false)
    #expect(
      error?.description == "connect \(place): ECONNREFUSED (Connection refused)")
  }

  @Test func `bind to a port that is taken is EADDRINUSE and names it`() throws {
    let first = try listener()
    let place = try first.getsockname()
    let second = try Socket()
    let error = #expect(throws: SystemError.self) { try second.bind(place) }
    #expect(
      error?.description == "bind \(place): EADDRINUSE (Address already in use)")
  }

  @Test func `bind to an address of another family is refused`() throws {
    let socket = try Socket(.ipv4)
    #expect(throws: SystemError.self) {
      try socket.bind(SocketAddress(path: "/tmp/nowhere"))
    }
  }

  @Test func `a client that resets while it waits is accepted, its recv tells`() throws
  {
    let listener = try listener()
    let client = try Socket()
    try client.connect(listener.getsockname())
    try client.setsockopt(.linger, 0)
    client.close()
    let (connection, _) = try listener.accept()
    try connection.waitUntilReadable()
    let error = #expect(throws: SystemError.self) { try connection.recv(1) }
    #expect(error == SystemError(ECONNRESET, in: "recv"))
  }

  @Test func `a signal ends a blocking recv with EINTR`() throws {
    let (one, other) = try socketPair()
    let error = interruptible { interrupter in
      alongside { isOver in
        // Nobody can know the moment at which the call really waits: so again and
        // again.
        while !isOver() {
          interrupter.interrupt()
          usleep(1000)
        }
      } _: {
        #expect(throws: SystemError.self) { try one.recv(1) }
      }
    }
    #expect(error == SystemError(EINTR, in: "recv"))
    #expect(error?.interrupted == true)
    #expect(error?.wouldBlock == false)
    _ = other  // open until here
  }

  @Test(arguments: [EAGAIN, EWOULDBLOCK, EINPROGRESS, EALREADY])
  func `four numbers mean not now`(number: Int32) {
    #expect(SystemError(number, in: "any").wouldBlock)
    #expect(!SystemError(number, in: "any").interrupted)
  }

  @Test(arguments: [EINTR, EPIPE, ECONNRESET, EBADF, ECONNREFUSED, EISCONN, 0])
  func `the others do not`(number: Int32) {
    #expect(!SystemError(number, in: "any").wouldBlock)
    #expect(SystemError(number, in: "any").interrupted == (number == EINTR))
  }

  @Test func `an error says what was tried, on what, and why it failed`() {
    let plain = SystemError(EAGAIN, in: "accept4")
    #expect(plain.name == "EAGAIN")
    #expect("\(plain)" == "accept4: EAGAIN (Resource temporarily unavailable)")
    let detailed = SystemError(EACCES, in: "bind", about: "127.0.0.1:80")
    #expect("\(detailed)" == "bind 127.0.0.1:80: EACCES (Permission denied)")
    #expect(SystemError(99999, in: "any").name == "errno 99999")
  }

  @Test func `an error takes the number that the last call left`() {
    errno = ENOENT
    #expect(SystemError(in: "open").errno == ENOENT)
  }
}
