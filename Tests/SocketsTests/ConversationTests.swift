import Sockets
import TestSupport
import Testing

/// The flow of a conversation, as the chapter draws it: bind, listen, connect,
/// accept, send, recv, and the end.
@Suite(.timeLimit(.minutes(10))) struct ConversationTests {
  @Test func `client and server talk over IPv4`() throws {
    try converse(at: SocketAddress("127.0.0.1", port: 0))
  }

  @Test(.enabled(if: hasIPv6, "this machine has no IPv6 address of its own"))
  func `client and server talk over IPv6`() throws {
    try converse(at: SocketAddress("::1", port: 0))
  }

  @Test func `client and server talk over a Unix socket`() throws {
    let folder = try TemporaryFolder()
    let address = try SocketAddress(path: folder.file("listener"))
    try converse(at: address)
    let unnamed = try Socket(.unix).getsockname()
    #expect(unnamed.path == "")
    #expect(unnamed.description == "unnamed")
  }

  private func converse(at address: SocketAddress) throws {
    let listener = try Socket(address.family)
    try listener.bind(address)
    try listener.listen()
    let place = try listener.getsockname()
    if let port = place.port {
      #expect(port != 0)
      #expect(place.host == address.host)
    } else {
      #expect(place == address)
    }

    let client = try Socket(address.family)
    try client.connect(place)
    let (server, clientAddress) = try listener.accept()
    #expect(server.family == address.family)
    #expect(server.type == .stream)
    #expect(try client.getpeername() == place)
    #expect(try server.getsockname() == place)
    #expect(try client.getsockname() == clientAddress)
    #expect(try server.getpeername() == clientAddress)

    #expect(try client.send("ping") == 4)
    try server.waitUntilReadable()
    #expect(try server.recv(100) == Array("ping".utf8))
    #expect(try server.send("pong!") == 5)
    try client.waitUntilReadable()
    #expect(try client.recv(100) == Array("pong!".utf8))
  }

  @Test func `accept takes the clients in the order in which they came`() throws {
    let listener = try listener()
    let clients = try (1...3).map { _ in try Socket() }
    for client in clients { try client.connect(listener.getsockname()) }
    for client in clients {
      #expect(try listener.accept().address == client.getsockname())
    }
  }

  @Test func `the end of the stream is an empty recv, again and again`() throws {
    let (client, server) = try tcpPair()
    _ = try client.send("last words")
    client.close()
    try server.waitUntilReadable()
    #expect(try server.recv(100) == Array("last words".utf8))
    try server.waitUntilReadable()
    #expect(try server.recv(100) == [])
    #expect(try server.recv(100) == [])
  }

  @Test func `shutdown ends one direction and leaves the other`() throws {
    let (client, server) = try tcpPair()
    try client.shutdown(.write)
    try server.waitUntilReadable()
    #expect(try server.recv(100) == [])
    _ = try server.send("still here")
    try client.waitUntilReadable()
    #expect(try client.recv(100) == Array("still here".utf8))
  }

  @Test func `shutdown of reading ends our own recv only`() throws {
    let (one, other) = try socketPair(isBlocking: false)
    try one.shutdown(.read)
    #expect(try one.recv(100) == [])
    #expect(try one.send("x") == 1)
    #expect(try other.recv(100) == Array("x".utf8))
  }

  @Test func `recv takes at most as much as it was asked for`() throws {
    let (one, other) = try socketPair(isBlocking: false)
    _ = try one.send("0123456789")
    #expect(try other.recv(4) == Array("0123".utf8))
    #expect(try other.recv(0) == [])
    #expect(try other.recv(100) == Array("456789".utf8))
  }

  @Test func `recv of nothing is empty at once, whether or not there is something`()
    throws
  {
    let (one, other) = try socketPair(isBlocking: false)
    #expect(try other.recv(0) == [])
    let empty = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    #expect(try other.recv(into: empty) == 0)
    _ = try one.send("x")
    #expect(try other.recv(0) == [])
    #expect(try other.recv(1) == Array("x".utf8))
  }

  @Test func `recv into a buffer touches only what it reports`() throws {
    let (one, other) = try socketPair(isBlocking: false)
    _ = try one.send("abc")
    var buffer = [UInt8](repeating: 9, count: 5)
    let count = try buffer.withUnsafeMutableBytes { try other.recv(into: $0) }
    #expect(count == 3)
    #expect(buffer == Array("abc".utf8) + [9, 9])
  }

  @Test func `send takes what there is room for and says how much`() throws {
    let (one, other) = try socketPair(isBlocking: false)
    let large = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) }
    let taken = try large.withUnsafeBytes { try one.send($0) }
    #expect((1..<large.count).contains(taken))
    var received: [UInt8] = []
    while received.count < taken { received += try other.recv(1_000_000) }
    #expect(received == Array(large[..<taken]))
    let error = #expect(throws: SystemError.self) { try other.recv(1) }
    #expect(error?.wouldBlock == true)
  }

  @Test func `a datagram socket keeps messages apart`() throws {
    let receiver = try Socket(.ipv4, .datagram)
    try receiver.bind(SocketAddress("127.0.0.1", port: 0))
    let sender = try Socket(.ipv4, .datagram)
    try sender.connect(receiver.getsockname())
    _ = try sender.send("one")
    _ = try sender.send("two")
    try receiver.waitUntilReadable()
    #expect(try receiver.recv(100) == Array("one".utf8))
    try receiver.waitUntilReadable()
    #expect(try receiver.recv(100) == Array("two".utf8))
  }
}
