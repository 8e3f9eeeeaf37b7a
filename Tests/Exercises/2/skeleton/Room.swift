// Exercise 2: a chat in which one who does not listen keeps nobody waiting.

import Asyncio

/// A room: what one guest says, all the others hear, in that order.
public final class Room {
  private let loop: EventLoop
  private var guests: [Socket] = []

  public init(_ loop: EventLoop) { self.loop = loop }

  /// One guest, from the first message to the last.
  public func visit(_ guest: Socket) async throws {
    guests.append(guest)
    defer {
      guests.removeAll { $0 === guest }
      guest.close()
    }
    while true {
      let bytes = try await loop.sockRecv(guest, 65_536)
      if bytes.isEmpty { return }
      try await say(bytes, toAllBut: guest)
    }
  }

  // Your turn. Somewhere in here the speaker, and with them everybody who would listen,
  // waits for one who does not.
  private func say(_ bytes: [UInt8], toAllBut speaker: Socket) async throws {
    for guest in guests where guest !== speaker {
      try await loop.sockSendall(guest, bytes)
    }
  }
}
