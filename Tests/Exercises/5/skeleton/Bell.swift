// Exercise 5: a bell for many, some of whom have left.

import Asyncio

/// Many wait for it; each ring wakes all who wait at that moment.
public final class Bell {
  private let loop: EventLoop
  private var waiters: [Future<Void>] = []
  /// How many wait.
  public var count: Int { waiters.count }

  public init(_ loop: EventLoop) { self.loop = loop }

  public func wait() async throws {
    let waiter = loop.createFuture(of: Void.self)
    waiters.append(waiter)
    try await waiter.value()
  }

  // Your turn. It rings for those who wait. And for the one who was cancelled?
  public func ring() throws {
    for waiter in waiters { try waiter.setResult(()) }
    waiters = []
  }
}
