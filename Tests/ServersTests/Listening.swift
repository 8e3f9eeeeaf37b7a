import EventLoops
import Glibc
import Sockets
import TestSupport
import Testing
import Transports

/// What asyncio 3.11 to 3.13 get wrong: chapter 11, "What differs from asyncio".
@Suite struct Listening {
  private final class Silent: StreamProtocol {}

  @Test func `a server that cannot listen does not serve, and can be started later`()
    async throws
  {
    try await inThread {
      try run { loop in
        // Both bind to one port; only one of them can listen on it.
        let first = try await loop.createServer(
          { Silent() }, host: "127.0.0.1", port: 0, startServing: false)
        let port = try #require(try first.sockets[0].getsockname().port)
        let second = try await loop.createServer(
          { Silent() }, host: "127.0.0.1", port: port, startServing: false)
        try await first.startServing()
        let refusal = await #expect(throws: SystemError.self) {
          try await second.startServing()
        }
        #expect(refusal?.errno == EADDRINUSE)
        #expect(!second.isServing())
        first.close()
        try await first.waitClosed()
        try await second.startServing()
        #expect(second.isServing())
        second.close()
        try await second.waitClosed()
      }
    }
  }
}
