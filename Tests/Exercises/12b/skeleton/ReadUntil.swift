// Exercise 12b: read up to one of two separators.

import Asyncio

extension StreamReader {
  /// Everything up to whichever of the two comes to its end first, and that one with it.
  /// If both end in the same place, it is one end.
  ///
  /// - Throws: `IncompleteReadError`, with what there was, if neither comes.
  public func readuntil(
    _ one: [UInt8], or other: [UInt8]
  ) async throws -> [UInt8] {
    // Your turn. And what if only the other one comes?
    try await readuntil(one)
  }
}
