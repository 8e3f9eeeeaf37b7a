import Asyncio
import Support
import Testing

@testable import Exercise10

@Suite struct RelayTests {
  @Test func `it keeps little, and in the end all of it arrives`() throws {
    try inTime { loop in
      let (sender, inside) = try conversation()
      let (receiver, outside) = try conversation()
      let outlet = Outlet()
      _ = try await loop.connectAcceptedSocket({ outlet }, sock: outside)
      _ = try await loop.connectAcceptedSocket({ Inlet(outlet) }, sock: inside)
      // More than the kernels on the way keep.
      let bytes = [UInt8](repeating: 97, count: 32_000_000)
      let sending = try loop.createTask {
        try await loop.sockSendall(sender, bytes)
        sender.close()
      }
      try await loop.turns(3000)
      let buffered = try #require(outlet.transport).getWriteBufferSize()
      // The mark, and one piece that was on its way.
      #expect(buffered < 1_000_000, "the relay keeps \(buffered) bytes")
      #expect(!sending.done(), "the sender should have to wait")

      var received = 0
      while true {
        let piece = try await loop.sockRecv(receiver, 1_000_000)
        if piece.isEmpty { break }
        received += piece.count
      }
      #expect(received == bytes.count)
    }
  }
}
