import EventLoops
import Sockets
import Streams
import Testing
import Transports

struct WritingSmoke {
  @Test func `an echo server and its client`() throws {
    let answer = try run { loop in
      let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
        reader, writer in
        for try await line in reader {
          try writer.write(line)
          try await writer.drain()
        }
        writer.close()
        try await writer.waitClosed()
      }
      let port = try server.sockets[0].getsockname().port
      let (reader, writer) = try await loop.openConnection(
        host: "127.0.0.1", port: port)
      try writer.write(Array("hello\n".utf8))
      try await writer.drain()
      let answer = try await reader.readline()
      writer.close()
      try await writer.waitClosed()
      server.close()
      try await server.waitClosed()
      return String(decoding: answer, as: UTF8.self)
    }
    #expect(answer == "hello\n")
  }
}
