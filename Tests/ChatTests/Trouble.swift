import CLibrary
import Foundation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// What the document's program did not think of.
@Suite struct Trouble {
  /// A client without a loop: its calls wait.
  private static func client(_ port: String) throws -> Socket {
    let client = try Socket()
    try client.connect(SocketAddress("127.0.0.1", port: UInt16(port)!))
    return client
  }

  private static func say(_ text: String, _ client: Socket) throws {
    let sent = try Array(text.utf8).withUnsafeBytes { try client.send($0) }
    try #require(sent == text.utf8.count)
  }

  private static func name(_ client: Socket) throws -> String {
    "('127.0.0.1', \(try client.getsockname().port!))"
  }

  @Test func `Ctrl-C ends the server with 130, its clients hear of it`() async throws {
    try await inThread {
      let (server, port) = try startServer()
      let client = try Self.client(port)
      try Self.say("hello", client)
      #expect(try client.recv(99) == Array("got message".utf8))
      server.send(SIGINT)
      #expect(try client.recv(99) == [])
      #expect(try server.wait() == 130)
      #expect(try server.rest(.error) == "")
      #expect(throws: SystemError.self) { try Self.client(port) }
    }
  }

  @Test func `a client whose output is full says why it ends`() async throws {
    try await inThread {
      let (server, port) = try startServer()
      let script = "exec \"$0\" --port \(port) > /dev/full"
      let client = try Program(
        path: "/bin/sh", ["-c", script, builtProgram("chat-client")])
      #expect(try client.wait() == 1)
      let reason = "the output cannot be written: No space left on device\n"
      #expect(try client.rest(.error) == reason)
      server.send(SIGINT)
      #expect(try server.wait() == 130)
    }
  }

  @Test func `Ctrl-C ends a client that waits for the keyboard`() async throws {
    try await inThread {
      let (server, port) = try startServer()
      let client = try Program("chat-client", ["--port", port])
      #expect(try client.line() == "got message")
      client.send(SIGINT)
      #expect(try client.wait() == 130)
      #expect(try client.rest(.error) == "")
      server.send(SIGINT)
      #expect(try server.wait() == 130)
    }
  }

  @Test(arguments: 4...12)
  func `a client with hardly any descriptors says what is missing`(descriptors: Int)
    async throws
  {
    try await inThread {
      let client = try Program(
        path: "sh",
        [
          "-c",
          "ulimit -n \(descriptors); exec '\(builtProgram("chat-client"))' --host "
            + "localhost --port 1",
        ])
      let code = try client.wait()
      let lines = try client.rest(.error).split(separator: "\n")
      // Whoever started the tests may have left descriptors open. Then, with very few,
      // not even the program's libraries can be opened: the loader's 127.
      if code == 127 && descriptors < 8 && "\(lines)".contains("shared libraries") {
        return
      }
      // From some number on there are enough, and nobody listens. Never a signal.
      #expect(code == 2)
      #expect(lines.count == 1)
      let words = ["EMFILE", "ECONNREFUSED"]
      #expect(words.contains { lines.first?.contains($0) == true }, "\(lines)")
    }
  }

  @Test func `a thread that cannot be had is an error that names it`() async throws {
    try await inThread {
      // A stack for each thread that no machine has room for.
      let client = try Program(
        path: "sh",
        [
          "-c",
          "ulimit -s 200000000000 && exec '\(builtProgram("chat-client"))' --host "
            + "localhost --port 1",
        ])
      let code = try client.wait()
      let error = try client.rest(.error)
      // With such stacks there is no room for what the thread sanitizer writes down.
      if error.hasPrefix("FATAL: ThreadSanitizer") { return }
      #expect(code == 2)
      #expect(error.contains("pthread_create"))
      #expect(error.contains("EAGAIN"))
    }
  }

  @Test
  func `the end of the keyboard ends the client, and empty lines are no messages`()
    async throws
  {
    try await inThread {
      let (server, port) = try startServer()
      let client = try Program("chat-client", ["--port", port])
      try client.type("\n\nhello")
      client.closeInput()
      #expect(try client.wait() == 0)
      #expect(
        try client.rest(.standard)
          == "got message\ngot message from server:  got message\n")
      #expect(try client.rest(.error) == "")
      server.send(SIGINT)
      #expect(try server.wait() == 130)
      #expect(try server.rest(.standard).split(separator: "\n").count == 3)
    }
  }

  @Test func `a client is told when its server has gone`() async throws {
    try await inThread {
      let (server, port) = try startServer()
      let client = try Program("chat-client", ["--port", port])
      #expect(try client.line() == "got message")
      server.send(SIGINT)
      #expect(try server.wait() == 130)
      try client.type("is anybody there?")
      #expect(try client.wait() == 2)
      let lines = try client.rest(.error).split(separator: "\n")
      #expect(lines.count == 1 && lines[0].hasPrefix("chat-client: "))
    }
  }

  @Test func `bytes that are no text do not end the conversation`() async throws {
    try await inThread {
      let (server, port) = try startServer()
      let client = try Self.client(port)
      let name = try Self.name(client)
      _ = try [UInt8]([0x68, 0x69, 0xff, 0xfe]).withUnsafeBytes { try client.send($0) }
      #expect(try client.recv(99) == Array("got message".utf8))
      try Self.say("still here", client)
      #expect(try client.recv(99) == Array("got message".utf8))
      #expect(try server.line() == "connected to client:  \(name)")
      #expect(try server.line() == "got from \(name): hi\u{fffd}\u{fffd}")
      #expect(try server.line() == "got from \(name): still here")
    }
  }

  @Test func `a client that hangs up is no message, and its handler ends`() async throws
  {
    try await inThread {
      let (server, port) = try startServer()
      let client = try Self.client(port)
      let name = try Self.name(client)
      try client.shutdown(.write)
      // The handler has ended: it closed its end, and said nothing before.
      #expect(try client.recv(99) == [])
      #expect(try server.line() == "connected to client:  \(name)")
      server.send(SIGINT)
      #expect(try server.line() == nil)
      #expect(try server.rest(.error) == "")
    }
  }

  @Test func `a client that vanishes hurts nobody else, and is reported`() async throws
  {
    try await inThread {
      let (server, port) = try startServer()
      let one = try Self.client(port)
      let other = try Self.client(port)
      let name = try Self.name(one)
      for client in [one, other] {
        try Self.say("hello", client)
        #expect(try client.recv(99) == Array("got message".utf8))
      }
      // A reset, in the middle of the conversation.
      try one.setsockopt(.linger, 0)
      one.close()
      #expect(
        try server.line(.error)
          == "lost \(name): recv: ECONNRESET (Connection reset by peer)")
      try Self.say("hello again", other)
      #expect(try other.recv(99) == Array("got message".utf8))
      // And newcomers are welcome.
      let third = try Self.client(port)
      try Self.say("hello", third)
      #expect(try third.recv(99) == Array("got message".utf8))
    }
  }

  @Test func `clients that always wait do not keep the others from their turn`()
    async throws
  {
    try await inThread {
      let (server, port) = try startServer()
      // Asleep, so that all of them wait at once, each with a message sent.
      server.send(SIGSTOP)
      let clients = try (1...5).map { _ in try Self.client(port) }
      for client in clients { try Self.say("hello", client) }
      server.send(SIGCONT)
      for client in clients {
        #expect(try client.recv(99) == Array("got message".utf8))
      }
      // The first one was answered before the last one was accepted.
      let lines = try (1...10).map { _ in try #require(try server.line()) }
      let firstAnswer = try #require(lines.firstIndex { $0.hasPrefix("got from") })
      let lastAccept = try #require(lines.lastIndex { $0.hasPrefix("connected") })
      #expect(firstAnswer < lastAccept, "\(lines)")
    }
  }

  @Test func `no descriptor left: the others talk on, the newcomer comes later`()
    async throws
  {
    try await inThread {
      let limit = 32
      let (server, port) = try startServer(descriptors: limit)
      // One client for each descriptor: some of them find none left.
      let clients = try (0..<limit).map { _ in try Self.client(port) }
      for client in clients { try Self.say("hello", client) }
      #expect(try #require(try server.line(.error)).contains("EMFILE"))
      // Those who are in talk on.
      for _ in 1...2 {
        #expect(try clients[0].recv(99) == Array("got message".utf8))
        try Self.say("hello", clients[0])
      }
      // The others leave, and there is room for the one who came last.
      for client in clients[1..<(limit - 1)] { client.close() }
      #expect(try clients.last!.recv(99) == Array("got message".utf8))
    }
  }

  @Test func `the port in use is one line`() async throws {
    try await inThread {
      let holder = try Socket()
      try holder.bind(SocketAddress("127.0.0.1", port: 0))
      try holder.listen()
      let taken = "\(try holder.getsockname().port!)"
      let late = try Program("chat-server", ["--port", taken])
      #expect(try late.wait() == 2)
      let lines = try late.rest(.error).split(separator: "\n")
      #expect(lines.count == 1 && lines[0].hasPrefix("port \(taken) is in use"))
    }
  }

  @Test(arguments: [
    ["chat-server", "--port", "70000"], ["chat-server", "--port", "x"],
    ["chat-server", "--port", "-1"], ["chat-server", "--port", ""],
    ["chat-server", "--port"], ["chat-server", "--host", ""],
    ["chat-server", "--prot"],
    ["chat-server", "--host", "nowhere.invalid"], ["chat-server", "--host", "1.2.3"],
    ["chat-client", "--port", "0"], ["chat-client", "--port", "x"],
    ["chat-client", "9"],
    ["chat-client", "--host", "nowhere.invalid"], ["chat-client", "--host", "::x"],
  ])
  func `what cannot be is one clear line, and exit code 2`(words: [String]) async throws
  {
    try await inThread {
      let program = try Program(words[0], Array(words.dropFirst()))
      #expect(try program.wait() == 2)
      let lines = try program.rest(.error).split(separator: "\n")
      #expect(lines.count == 1 && lines[0].hasPrefix("\(words[0]): "), "\(lines)")
      #expect(try program.rest(.standard) == "")
    }
  }

  @Test func `nobody listens: the line says what to do`() async throws {
    try await inThread {
      let (holder, place) = try deserted()
      let client = try Program("chat-client", ["--port", "\(place.port!)"])
      #expect(try client.wait() == 2)
      let line = try client.rest(.error)
      #expect(line.hasPrefix("connect \(place): ECONNREFUSED"))
      #expect(line.hasSuffix("start `swift run chat-server` first\n"))
      holder.close()
    }
  }

  @Test func `a server whose output nobody reads ends quietly`() async throws {
    try await inThread {
      let (server, port) = try startServer(withoutReader: true)
      let client = try Self.client(port)
      #expect(try [1, 128 + SIGPIPE].contains(server.wait()))
      #expect(try server.rest(.error) == "")
      client.close()
    }
  }
}
