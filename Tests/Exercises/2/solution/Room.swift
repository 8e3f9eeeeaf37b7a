// Exercise 2: a chat in which one who does not listen keeps nobody waiting.

import Asyncio

/// A room: what one guest says, all the others hear, in that order.
public final class Room {
  private let loop: EventLoop
  private var guests: [Guest] = []

  /// Somebody who listens, and what they have not heard yet.
  private final class Guest {
    let socket: Socket
    var unheard: [UInt8] = []
    var isSending = false
    init(_ socket: Socket) { self.socket = socket }
  }

  public init(_ loop: EventLoop) { self.loop = loop }

  /// One guest, from the first message to the last.
  public func visit(_ socket: Socket) async throws {
    let guest = Guest(socket)
    guests.append(guest)
    defer {
      guests.removeAll { $0 === guest }
      socket.close()
    }
    while true {
      let bytes = try await loop.sockRecv(socket, 65_536)
      if bytes.isEmpty { return }
      for other in guests where other !== guest { try say(bytes, to: other) }
      // And one who speaks without pause keeps nobody waiting either.
      try await loop.sleep(0)
    }
  }

  /// Each listener has a task that sends, as long as there is something to send; the
  /// speaker waits for none of them. (A room for strangers would need a limit to
  /// `unheard`: chapter 10.)
  private func say(_ bytes: [UInt8], to guest: Guest) throws {
    guest.unheard += bytes
    if guest.isSending { return }
    guest.isSending = true
    try loop.createTask { [loop] in
      defer { guest.isSending = false }
      while !guest.unheard.isEmpty {
        let bytes = guest.unheard
        guest.unheard = []
        // Whoever cannot be reached any more is about to be missed by `visit`.
        do { try await loop.sockSendall(guest.socket, bytes) } catch is SystemError {}
      }
    }
  }
}
