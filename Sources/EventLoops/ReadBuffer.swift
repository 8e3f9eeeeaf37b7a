/// Memory to receive into, one piece for the whole loop.
///
/// A transport asks for up to 256 KiB at a time and mostly gets a few hundred bytes.
/// Memory of its own for each connection would be idle most of the time, and a new
/// piece for each read would cost more than the read. One is enough for all: only one
/// callback runs at a time, and what has come is copied out before anybody else's code
/// runs.
package final class ReadBuffer {
  /// 256 KiB, asyncio's `max_size`.
  package static let size = 256 * 1024
  package let memory = UnsafeMutableRawBufferPointer.allocate(
    byteCount: size, alignment: 16)

  deinit { memory.deallocate() }
}
