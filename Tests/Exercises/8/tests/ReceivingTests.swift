import Asyncio
import Support
import Testing

@testable import Exercise8

@Suite struct ReceivingTests {
  @Test func `what comes in pieces is put together, and the rest is left`() throws {
    try inTime { loop in
      let (client, server) = try conversation()
      let task = try loop.createTask { try await loop.recvExactly(server, 5) }
      for piece in ["h", "el", "lo, and more"] {
        try await loop.sockSendall(client, Array(piece.utf8))
        try await loop.turns(5)
      }
      let word = String(decoding: try await task.value(), as: UTF8.self)
      #expect(word == "hello")
      let rest = String(decoding: try await loop.sockRecv(server, 100), as: UTF8.self)
      #expect(rest == ", and more")
    }
  }

  @Test func `a stream that ends before says so, and what there was`() throws {
    try inTime { loop in
      let (client, server) = try conversation()
      try await loop.sockSendall(client, Array("hel".utf8))
      client.close()
      let task = try loop.createTask { try await loop.recvExactly(server, 5) }
      try await loop.turns(5)
      #expect(task.done())
      #expect(throws: IncompleteReadError(partial: Array("hel".utf8), expected: 5)) {
        try task.result()
      }
    }
  }

  @Test func `no bytes are no question`() throws {
    try inTime { loop in
      let (_, server) = try conversation()
      let task = try loop.createTask { try await loop.recvExactly(server, 0) }
      try await loop.turns(2)
      #expect(task.done())
    }
  }
}
