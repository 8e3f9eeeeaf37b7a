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
    var bytes: [UInt8] = []
    // Byte by byte, since one too many could not be given back. From outside there is no
    // other way; asyncio, which since 3.13 can do the same, looks into the buffer.
    while !bytes.ends(with: one) && !bytes.ends(with: other) {
      do {
        bytes += try await readexactly(1)
      } catch is IncompleteReadError {
        throw IncompleteReadError(partial: bytes, expected: nil)
      }
    }
    return bytes
  }
}

extension [UInt8] {
  fileprivate func ends(with end: [UInt8]) -> Bool {
    suffix(end.count).elementsEqual(end)
  }
}
