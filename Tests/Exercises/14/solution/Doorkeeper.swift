// Exercise 14: find the scar.

import Asyncio

/// Hangs up on clients that have been here for too long. Each is known by its descriptor.
public final class Doorkeeper {
  private let loop: EventLoop
  private let patience: Double
  /// When each client is to be hung up on.
  private var clients: [Int32: TimerHandle] = [:]

  /// - Parameter patience: in seconds.
  public init(_ loop: EventLoop, patience: Double) {
    self.loop = loop
    self.patience = patience
  }

  public func comes(_ fd: Int32, hangUp: @escaping () -> Void) throws {
    clients[fd] = try loop.callLater(patience, "too long") { [self] in
      clients[fd] = nil
      hangUp()
    }
  }

  /// A client has left by itself. Its timer named a number, and the number is somebody
  /// else's in a moment (shape 2); so the timer goes with the client.
  public func leaves(_ fd: Int32) {
    clients.removeValue(forKey: fd)?.cancel()
  }
}
