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
    // However the wait ends, also when somebody cancels it.
    defer { waiters.removeAll { $0 === waiter } }
    try await waiter.value()
  }

  public func ring() throws {
    // One who was cancelled a moment ago is still on the list, until their task runs.
    for waiter in waiters { try waiter.setResultUnlessCancelled(()) }
    waiters = []
  }
}
