import Asyncio
import Support
import Testing

@testable import Exercise13

@Suite struct GoodbyeTests {
  /// A writer, and its peer.
  private func connection(
    _ loop: EventLoop
  ) async throws -> (writer: StreamWriter, peer: Socket) {
    let (client, server) = try conversation()
    return (try await loop.openConnection(sock: server).writer, client)
  }

  @Test func `what was written arrives, and that is waited for`() throws {
    try inTime { loop in
      let (writer, peer) = try await connection(loop)
      let bytes = [UInt8](repeating: 97, count: 32_000_000)
      try writer.write(bytes)
      let goodbye = try loop.createTask {
        try await sayGoodbye(loop, writer, within: 50)
      }
      var received = 0
      while true {
        let piece = try await loop.sockRecv(peer, 1_000_000)
        if piece.isEmpty { break }
        received += piece.count
      }
      #expect(received == bytes.count)
      #expect(try await goodbye.value())
    }
  }

  @Test func `a peer that does not read is not waited for`() throws {
    try inTime { loop in
      let (writer, peer) = try await connection(loop)
      try writer.write([UInt8](repeating: 97, count: 32_000_000))
      let hasLeft = try? await loop.waitFor(5) {
        try await sayGoodbye(loop, writer, within: 0.02)
      }
      #expect(hasLeft == false, "it should have been over after 0.02 seconds")
      #expect(writer.transport.getWriteBufferSize() == 0)
      peer.close()
    }
  }
}
