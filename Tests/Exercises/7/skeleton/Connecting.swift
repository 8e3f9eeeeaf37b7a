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
  // Your turn. A first address that never answers costs minutes.
  do {
    return try await connect(first)
  } catch is SystemError {
    return try await connect(second)
  }
}
