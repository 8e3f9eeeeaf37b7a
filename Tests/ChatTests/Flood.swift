import CLibrary
import SocketOperations
import Sockets
import TestSupport
import Testing

/// One client that writes without pause and reads every answer: the server never has to
/// wait for it.
@Suite struct Flood {
  private static let answer = Array("got message".utf8)

  /// A client whose first message was answered.
  private static func client(_ port: String) throws -> Socket {
    let client = try Socket()
    try client.connect(SocketAddress("127.0.0.1", port: UInt16(port)!))
    try client.send("hello")
    try #require(try client.recv(99) == answer)
    return client
  }

  @Test func `a message behind sixty-four of another client is answered second`()
    async throws
  {
    try await inThread {
      let (server, port) = try startServer()
      let (flood, other) = (try Self.client(port), try Self.client(port))
      for _ in 1...4 { _ = try #require(try server.line()) }
      // Asleep, so that everything is there before anything is answered.
      server.send(SIGSTOP)
      let messages = [UInt8](repeating: 120, count: 65_536)
      let sent = try messages.withUnsafeBytes { try flood.send($0) }
      try #require(sent == messages.count)
      try other.send("and me?")
      server.send(SIGCONT)
      #expect(try other.recv(99) == Self.answer)
      var before = 0
      while let line = try server.line(), !line.hasSuffix("and me?") { before += 1 }
      // A turn for each, in whichever order.
      #expect(before <= 2)
    }
  }

  @Test func `others are answered meanwhile, and Ctrl-C ends the server`() async throws
  {
    try await inThread {
      let (server, port) = try startServer(isQuiet: true)
      let other = try Self.client(port)
      try alongside({ isOver in try? Self.flood(port, until: isOver) }) {
        for _ in 1...20 {
          try other.send("and me?")
          try other.waitUntilReadable()
          #expect(try other.recv(99) == Self.answer)
        }
        server.send(SIGINT)
        #expect(try server.wait() == 130)
        #expect(try server.rest(.error) == "")
      }
    }
  }

  /// Writes whenever there is room, and reads whatever is there.
  private static func flood(_ port: String, until isOver: () -> Bool) throws {
    let client = try client(port)
    try client.setBlocking(false)
    let messages = [UInt8](repeating: 120, count: 65_536)
    while !isOver() {
      let sent = try unlessBlocked {
        try messages.withUnsafeBytes { try client.send($0) }
      }
      // The server has more than it can answer. Its next answer means that there is
      // room again.
      if sent == nil { try client.waitUntilReadable() }
      if try unlessBlocked({ try client.recv(65_536) }) == [] { return }
    }
  }

  /// `nil` if it would have to wait.
  private static func unlessBlocked<Value>(_ call: () throws -> Value) throws -> Value?
  {
    do { return try call() } catch {
      if let error = error as? SystemError, error.wouldBlock { return nil }
      throw error
    }
  }
}
