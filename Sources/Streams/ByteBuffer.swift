import CLibrary

// [byte-buffer]
/// Bytes that come in at the back and leave at the front.
///
/// What leaves is only skipped: to move the rest to the front after each line would
/// touch every byte again and again. What is left is moved only when the skipped part is
/// at least as large, so each byte is moved once at most, on the average. (Python's
/// bytearray skips, too, and asyncio does not have to think of it.)
struct ByteBuffer {
  private var bytes: [UInt8] = []
  private var start = 0

  var count: Int { bytes.count - start }
  var isEmpty: Bool { count == 0 }

  mutating func append(_ new: [UInt8]) {
    // Into an empty one the array goes as it is, and leaves as it came.
    if bytes.isEmpty { bytes = new } else { bytes += new }
  }

  /// Takes as many bytes off the front, or all if there are not so many.
  mutating func removeFirst(_ limit: Int) -> [UInt8] {
    // All of it: the array itself goes, and an idle reader keeps no memory.
    if start == 0 && limit >= count {
      defer { bytes = [] }
      return bytes
    }
    let end = start + min(limit, count)
    let taken = Array(bytes[start..<end])
    start = end
    if start == bytes.count {
      removeAll()
    } else if start >= bytes.count / 2 {
      bytes.removeFirst(start)
      start = 0
    }
    return taken
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    start = 0
  }

  // [byte-buffer.find]
  /// Where the separator begins, counted from the front; looked for from `offset` on.
  func find(_ separator: [UInt8], from offset: Int) -> Int? {
    bytes.withUnsafeBytes { memory in
      var place = start + offset
      while place + separator.count <= memory.count,
        // The C library looks at many bytes at a time, and this is where a stream of
        // lines spends its life.
        let first = memchr(
          memory.baseAddress! + place, Int32(separator[0]), memory.count - place)
      {
        place = UnsafeRawPointer(first) - memory.baseAddress!
        if memory[place...].starts(with: separator) { return place - start }
        place += 1
      }
      return nil
    }
  }

  /// Whether the separator stands right here.
  func has(_ separator: [UInt8], at offset: Int) -> Bool {
    bytes[(start + offset)...].starts(with: separator)
  }
}
