// Exercise 13: say goodbye, but not for ever.

import Asyncio

/// Closes a connection when all that was written has left, and waits for that.
///
/// - Parameter seconds: after these it is over, whatever has not left.
/// - Returns: whether everything has left.
public func sayGoodbye(
  _ loop: EventLoop, _ writer: StreamWriter, within seconds: Double
) async throws -> Bool {
  writer.close()
  do {
    try await loop.waitFor(seconds) { try await writer.waitClosed() }
    return true
  } catch is TimeoutError {
    // `close` has been said, and waits for the peer. This waits for nobody.
    writer.transport.abort()
    return false
  }
}
