// Exercise 13: say goodbye, but not for ever.

import Asyncio

/// Closes a connection when all that was written has left, and waits for that.
///
/// - Parameter seconds: after these it is over, whatever has not left.
/// - Returns: whether everything has left.
public func sayGoodbye(
  _ loop: EventLoop, _ writer: StreamWriter, within seconds: Double
) async throws -> Bool {
  // Your turn. A peer that does not read keeps this waiting for ever.
  writer.close()
  try await writer.waitClosed()
  return true
}
