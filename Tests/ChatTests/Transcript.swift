import CLibrary
import Foundation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// The document's conversation, line for line, in all four pairings.
@Suite struct Transcript {
  /// The document's server, as chapter 2 has it. Two things are mended: the kernel
  /// chooses the port, and `print` tells it.
  static let pythonServer = original("server.py")
    .replacing(#"server.bind(("", port))"#, with: #"server.bind(("127.0.0.1", 0))"#)
    .replacing(
      "server.setblocking(False)",
      with: "server.setblocking(False)\n    print(server.getsockname()[1])")

  /// The document's client; the port comes from the command line.
  static let pythonClient = original("client.py")
    .replacing("import asyncio", with: "import asyncio\nimport sys")
    .replacing("9006", with: "int(sys.argv[1])")

  /// A program of chapter 2, which stands beside this package's tests.
  private static func original(_ name: String) -> String {
    let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    let file = root.appending(path: "chapters/02-the-program/\(name)")
    return try! String(contentsOf: file, encoding: .utf8)
  }

  /// Types the document's lines, and expects the document's lines.
  private static func converse(_ server: Program, _ client: Program) throws {
    let connected = try #require(try server.line())
    let pair = try #require(
      connected.wholeMatch(of: /connected to client:  (\('127\.0\.0\.1', \d+\))/)
    ).1
    #expect(try server.line() == "got from \(pair): ack from client connect success")
    #expect(try client.line() == "got message")
    try client.type("hello world")
    #expect(try server.line() == "got from \(pair): hello world")
    #expect(try client.line() == "got message from server:  got message")
    try client.type("quit")
    #expect(try server.line() == "got from \(pair): quit")
    #expect(try client.line() == nil)
    #expect(try client.wait() == 0)
    #expect(try client.rest(.error) == "")
  }

  @Test func `server and client, both in Swift, twice`() async throws {
    try await inThread {
      let (server, port) = try startServer()
      for _ in 1...2 {
        try Self.converse(server, try Program("chat-client", ["--port", port]))
      }
      server.send(SIGINT)
      #expect(try server.wait() == 130)
      #expect(try server.rest(.error) == "")
    }
  }

  @Test(.enabled(if: hasPython, "python3 is not installed"))
  func `the document's client in Python, the server in Swift`() async throws {
    try await inThread {
      let (server, port) = try startServer()
      try Self.converse(server, try Program(python: Self.pythonClient, port))
    }
  }

  @Test(.enabled(if: hasPython, "python3 is not installed"))
  func `the document's server in Python, the client in Swift`() async throws {
    try await inThread {
      let server = try Program(python: Self.pythonServer)
      let port = try #require(try server.line())
      try Self.converse(server, try Program("chat-client", ["--port", port]))
    }
  }

  @Test(.enabled(if: hasPython, "python3 is not installed"))
  func `the document's server and client, both in Python`() async throws {
    // That the expectations above are the document's, and not only ours.
    try await inThread {
      let server = try Program(python: Self.pythonServer)
      let port = try #require(try server.line())
      try Self.converse(server, try Program(python: Self.pythonClient, port))
    }
  }
}
