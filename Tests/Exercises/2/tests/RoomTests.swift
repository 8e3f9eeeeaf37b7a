import Asyncio
import Support
import Testing

@testable import Exercise2

@Suite struct RoomTests {
  @Test func `the others hear what one says, and the speaker does not`() throws {
    try inTime { loop in
      let room = Room(loop)
      let (ada, bo) = (try conversation(), try conversation())
      for guest in [ada, bo] {
        try loop.createTask { try await room.visit(guest.server) }
      }
      try await loop.turns(2)
      let words = ["hello ", "Bo, ", "how are ", "you?"].map { Array($0.utf8) }
      for word in words { try await loop.sockSendall(ada.client, word) }
      var heard: [UInt8] = []
      while heard.count < 20 { heard += try await loop.sockRecv(bo.client, 100) }
      #expect(heard == words.flatMap { $0 })
      #expect(throws: SystemError.self) { try ada.client.recv(100) }
      ada.client.close()
      try await loop.turns(5)
      try await loop.sockSendall(bo.client, Array("is anybody there?".utf8))
      try await loop.turns(5)
      bo.client.close()
    }
  }

  @Test func `one who does not listen keeps nobody waiting`() throws {
    try inTime { loop in
      let room = Room(loop)
      let (ada, bo, cy) = (try conversation(), try conversation(), try conversation())
      for guest in [ada, bo, cy] {
        try loop.createTask { try await room.visit(guest.server) }
      }
      try await loop.turns(2)
      // More than the kernel keeps for Bo, who never listens.
      let speech = [UInt8](repeating: 97, count: 32_000_000)
      try loop.createTask { try await loop.sockSendall(ada.client, speech) }
      var heard = 0
      _ = try? await loop.waitFor(5) {
        while heard < speech.count {
          heard += try await loop.sockRecv(cy.client, 1_000_000).count
        }
      }
      #expect(heard == speech.count, "Cy has not heard all that Ada said")
    }
  }
}
