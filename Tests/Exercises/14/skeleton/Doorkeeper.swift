// Exercise 14: find the scar.

import Asyncio

/// Hangs up on clients that have been here for too long. Each is known by its descriptor.
public final class Doorkeeper {
  private let loop: EventLoop
  private let patience: Double
  /// What hangs up on a client.
  private var clients: [Int32: () -> Void] = [:]

  /// - Parameter patience: in seconds.
  public init(_ loop: EventLoop, patience: Double) {
    self.loop = loop
    self.patience = patience
  }

  // Your turn. Sometimes a client is hung up on who has only just come. It has one of the
  // nine shapes.
  public func comes(_ fd: Int32, hangUp: @escaping () -> Void) throws {
    clients[fd] = hangUp
    try loop.callLater(patience, "too long") { [self] in
      clients.removeValue(forKey: fd)?()
    }
  }

  /// A client has left by itself.
  public func leaves(_ fd: Int32) {
    clients[fd] = nil
  }
}
