import EventLoops

// [write-buffer]
/// What was written and has not left yet: the pieces, how much of the first one is gone
/// already, and how many bytes there are in all.
///
/// What has to wait is copied once, when it comes, and never moved again. The kernel
/// takes as much as it likes, and that is a number which moves `position` on. And the
/// size is counted as it changes: asyncio added up all the lengths each time somebody
/// wrote, until 2026 (T11: gh-146507).
final class WriteBuffer {
  private let chunks = Deque<Chunk>(room: 4)
  /// How many bytes of the first chunk are gone.
  private var position = 0
  /// How many bytes are left.
  private(set) var byteCount = 0
  var isEmpty: Bool { byteCount == 0 }

  /// More than this the kernel does not take in one call: Linux's `IOV_MAX`.
  static let gatherLimit = 1024

  // [write-buffer.chunk]
  /// A piece, in memory that stays where it is.
  ///
  /// Swift lends the memory of an array for the length of a closure. To have that of a
  /// thousand arrays at the same time, a thousand closures would have to run inside one
  /// another, and the stack would have to have room for them.
  private final class Chunk {
    let memory: UnsafeMutableRawBufferPointer
    init(_ bytes: ArraySlice<UInt8>) {
      memory = .allocate(byteCount: bytes.count, alignment: 1)
      memory.copyBytes(from: bytes)
    }
    deinit { memory.deallocate() }
  }

  // [write-buffer.append]
  /// Keeps a chunk. An empty one is not kept: with it in the list,
  /// "no bytes left" and "no chunks left" would be two different things, and a
  /// transport that asks for one and means the other never closes (T8: gh-155888).
  func append(_ chunk: [UInt8], from start: Int = 0) {
    if start == chunk.count { return }
    chunks.append(Chunk(chunk[start...]))
    byteCount += chunk.count - start
  }

  // [write-buffer.consume]
  /// The kernel took so many bytes. Called after it did and not before: a chunk that
  /// is taken out first has to be put back after an EAGAIN, and somebody forgot (T11).
  func consume(_ count: Int) {
    byteCount -= count
    position += count
    while chunks.count > 0, position >= chunks[0].memory.count {
      position -= chunks[0].memory.count
      _ = chunks.popFirst()
    }
  }

  func removeAll() {
    while chunks.popFirst() != nil {}
    position = 0
    byteCount = 0
  }

  // [write-buffer.gather]
  /// The first 1024 chunks, for the kernel to look at before anything is consumed.
  var gathered: [UnsafeRawBufferPointer] {
    (0..<min(chunks.count, Self.gatherLimit)).map { place in
      UnsafeRawBufferPointer(
        rebasing: chunks[place].memory[(place == 0 ? position : 0)...])
    }
  }
}
