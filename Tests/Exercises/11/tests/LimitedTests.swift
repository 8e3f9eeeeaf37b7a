import Asyncio
import Support
import Testing

@testable import Exercise11

@Suite struct LimitedTests {
  private typealias Client = (reader: StreamReader, writer: StreamWriter)

  /// Welcomes a client, and answers whatever it says; "crash" is too much.
  private func serve(_ reader: StreamReader, _ writer: StreamWriter) async throws {
    try writer.write(Array("welcome\n".utf8))
    for try await line in reader {
      if line == Array("crash\n".utf8) { throw RuntimeError("this is too much") }
      try writer.write(line)
    }
  }

  private func come(to server: Server) async throws -> Client {
    try await server.getLoop().openConnection(
      host: "127.0.0.1", port: server.sockets[0].getsockname().port)
  }

  /// The next line, without its newline; nothing at the end.
  private func line(_ client: Client) async throws -> String {
    String(decoding: try await client.reader.readline().dropLast(), as: UTF8.self)
  }

  @Test func `the third of two is told, and hung up on`() throws {
    try inTime { loop in
      let server = try await startLimitedServer(loop, limit: 2, serve)
      let served = [try await come(to: server), try await come(to: server)]
      for client in served { #expect(try await line(client) == "welcome") }
      for _ in 1...3 {
        let refused = try await come(to: server)
        let word = try await line(refused)
        #expect(word == "busy")
        if word == "busy" { #expect(try await line(refused) == "") }
      }
      // Those who were there first have not noticed.
      for client in served {
        try client.writer.write(Array("hello\n".utf8))
        #expect(try await line(client) == "hello")
      }
    }
  }

  @Test(arguments: ["leaves", "crash"])
  func `who goes makes room`(how: String) throws {
    try inTime { loop in
      let server = try await startLimitedServer(loop, limit: 1, serve)
      let first = try await come(to: server)
      #expect(try await line(first) == "welcome")
      #expect(try await line(come(to: server)) == "busy")
      if how == "crash" { try first.writer.write(Array("crash\n".utf8)) }
      first.writer.writeEof()
      #expect(try await line(first) == "")
      #expect(try await line(come(to: server)) == "welcome")
    }
  }
}
