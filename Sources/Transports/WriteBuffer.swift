import EventLoops

// [write-buffer]
/// What was written and has not left yet: the pieces as they were handed in, how much
/// of the first one is gone already, and how many bytes there are in all.
///
/// Nothing is ever copied or moved. The kernel takes as much as it likes, and that is
/// a number which moves `position` on. And the size is counted as it changes: asyncio
/// added up all the lengths each time somebody wrote, until 2026 (T11: gh-146507).
final class WriteBuffer {
  private let chunks = Deque<[UInt8]>(room: 4)
  /// How many bytes of the first chunk are gone.
  private var position = 0
  /// How many bytes are left.
  private(set) var byteCount = 0
  var isEmpty: Bool { byteCount == 0 }

  /// More than this the kernel does not take in one call: Linux's `IOV_MAX`.
  static let gatherLimit = 1024

  // [write-buffer.append]
  /// Keeps a chunk. An empty one is not kept: with it in the list,
  /// "no bytes left" and "no chunks left" would be two different things, and a
  /// transport that asks for one and means the other never closes (T8: gh-155888).
  func append(_ chunk: [UInt8]) {
    if chunk.isEmpty { return }
    chunks.append(chunk)
    byteCount += chunk.count
  }

  // [write-buffer.consume]
  /// The kernel took so many bytes. Called after it did and not before: a chunk that
  /// is taken out first has to be put back after an EAGAIN, and somebody forgot (T11).
  func consume(_ count: Int) {
    byteCount -= count
    position += count
    while chunks.count > 0, position >= chunks[0].count {
      position -= chunks[0].count
      _ = chunks.popFirst()
    }
  }

  func removeAll() {
    while chunks.popFirst() != nil {}
    position = 0
    byteCount = 0
  }

  // [write-buffer.gather]
  /// Lends the memory of the first 1024 chunks, all at the same time.
  ///
  /// Swift lends the memory of an array for the length of a closure. To have many at
  /// once, each is borrowed inside the closure of the one before.
  func withChunks<Result>(
    _ body: ([UnsafeRawBufferPointer]) throws -> Result
  ) throws -> Result {
    var lent: [UnsafeRawBufferPointer] = []
    let limit = min(chunks.count, Self.gatherLimit)
    lent.reserveCapacity(limit)
    func borrow(_ place: Int) throws -> Result {
      if place == limit { return try body(lent) }
      return try chunks[place].withUnsafeBytes { bytes in
        let bytes = place == 0 ? bytes[position...] : bytes[...]
        lent.append(UnsafeRawBufferPointer(rebasing: bytes))
        return try borrow(place + 1)
      }
    }
    return try borrow(0)
  }
}
