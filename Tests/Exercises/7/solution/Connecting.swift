// Exercise 7: happy eyeballs for two addresses.

import Asyncio

/// Connects to whichever of two addresses answers first. The second one is only tried
/// when the first has failed, or has not answered within its head start.
///
/// - Parameters:
///   - headStart: in seconds.
///   - connect: how to connect: in a program, a `Socket()` and `loop.sockConnect`. It
///     closes the socket when it is cancelled.
/// - Throws: if both fail, what the last one failed with.
public func connectToFaster(
  _ loop: EventLoop, _ first: SocketAddress, _ second: SocketAddress,
  headStart: Double = 0.25,
  _ connect: @escaping (SocketAddress) async throws -> Socket
) async throws -> Socket {
  let outcome = loop.createFuture(of: Socket.self)
  let firstFailed = loop.createFuture(of: Void.self)
  var failures = 0

  func attempt(_ address: SocketAddress) async {
    do {
      let socket = try await connect(address)
      // Both may have answered in the same turn, and nobody wants two.
      if outcome.done() { socket.close() } else { try outcome.setResult(socket) }
    } catch is CancellationError {
      // The other one was faster.
    } catch {
      failures += 1
      if failures == 2 && !outcome.done() { try? outcome.setException(error) }
      if !firstFailed.done() { try? firstFailed.setResult(()) }
    }
  }

  let tasks = try [
    loop.createTask { await attempt(first) },
    loop.createTask {
      // (`try?` would swallow the cancellation, too, and connect for nobody.)
      do {
        try await loop.waitFor(headStart) { try await firstFailed.value() }
      } catch is TimeoutError {}
      await attempt(second)
    },
  ]
  defer { for task in tasks { task.cancel() } }
  return try await outcome.value()
}
