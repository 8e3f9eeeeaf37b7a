import EventLoops
import Sockets

/// The front door. Every method here is the same three lines: is it there already?
/// No: wait until something has come, and look again. Yes: take it out, and see
/// whether the transport may go on.
///
/// What they differ in is what "it" is.
extension StreamReader {
  // [read.read]
  /// Reads what there is.
  ///
  /// - Parameter count: how many bytes at the most; 0 returns at once; leave it out to
  ///   read everything up to the end of the stream.
  /// - Returns: at least one byte, as soon as there is one; none at the end of the
  ///   stream.
  /// - Throws: the error that the connection was lost with; `RuntimeError` if another
  ///   task waits for data; `CancellationError`.
  ///
  /// asyncio: StreamReader.read
  public func read(_ count: Int = -1) async throws -> [UInt8] {
    if let error = exception() { throw error }
    if count == 0 { return [] }
    if count < 0 { return try await readToEnd() }
    // asyncio asks once. If another task was faster, it then returns no bytes, and no
    // bytes mean the end.
    while buffer.isEmpty && !eof { try await waitForData("read") }
    let bytes = buffer.removeFirst(count)
    maybeResumeTransport()
    return bytes
  }

  // [read.to-end]
  /// In pieces of the limit. Waiting for the end and then taking everything was the
  /// first way: at twice the limit the transport paused, and an end behind it never
  /// arrived (M2: asyncio#168, in 2014). Today whoever waits turns the tap on, so that
  /// would not hang any more. The pieces stayed, and with them a price: a task that is
  /// cancelled here loses what it has collected.
  private func readToEnd() async throws -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let piece = try await read(limit)
      if piece.isEmpty { return all }
      all += piece
    }
  }

  // [read.exactly]
  /// Reads so many bytes and not one less. There may be more of them than the limit.
  ///
  /// - Parameter count: how many bytes; 0 or more.
  /// - Returns: the bytes.
  /// - Throws: `IncompleteReadError` if the stream ends before; it holds what there was.
  ///   `ValueError` for a negative count. And as `read`.
  ///
  /// asyncio: StreamReader.readexactly
  public func readexactly(_ count: Int) async throws -> [UInt8] {
    try checkSize(count, "the count of readexactly")
    if let error = exception() { throw error }
    if count == 0 { return [] }
    // [read.look-again]
    while buffer.count < count {
      if eof {
        let partial = buffer.removeFirst(buffer.count)
        changed()
        throw IncompleteReadError(partial: partial, expected: count)
      }
      try await waitForData("readexactly")
    }
    let bytes = buffer.removeFirst(count)
    maybeResumeTransport()
    return bytes
  }

  // [read.line]
  /// Reads a line.
  ///
  /// - Returns: the line with its newline. At the end of the stream, what is left, which
  ///   has none; and then no bytes.
  /// - Throws: `ValueError` if the line is longer than the limit. The line is gone, or as
  ///   much of it as had come: what comes next may be its tail (M8). And as `read`.
  ///
  /// asyncio: StreamReader.readline
  public func readline() async throws -> [UInt8] {
    let newline = [UInt8(ascii: "\n")]
    do {
      return try await readuntil(newline)
    } catch let end as IncompleteReadError {
      return end.partial
    } catch let overrun as LimitOverrunError {
      // [read.line-overrun]
      // The whole line is thrown away if all of it is here, and everything if not.
      if buffer.has(newline, at: overrun.consumed) {
        _ = buffer.removeFirst(overrun.consumed + newline.count)
      } else {
        buffer.removeAll()
      }
      maybeResumeTransport()
      throw ValueError(overrun.description)
    }
  }

  // [read.until]
  /// Reads up to a separator.
  ///
  /// - Parameter separator: one byte or more.
  /// - Returns: everything up to the separator, and the separator.
  /// - Throws: `LimitOverrunError` if more than the limit stands before the separator;
  ///   the bytes stay in the buffer. `IncompleteReadError` if the stream ends without
  ///   one. `ValueError` for an empty separator. And as `read`.
  ///
  /// asyncio: StreamReader.readuntil
  public func readuntil(_ separator: [UInt8] = [10]) async throws -> [UInt8] {
    if separator.isEmpty {
      throw ValueError("a separator has to be at least one byte long")
    }
    if let error = exception() { throw error }
    // Up to here the buffer was searched, and there is no separator.
    var offset = 0
    while true {
      if let start = buffer.find(separator, from: offset) {
        // [read.found-too-far]
        // The limit counts what stands before the separator.
        if start > limit {
          throw LimitOverrunError(
            "the separator is found, but \(start) bytes stand before it, and the limit is \(limit)",
            consumed: start)
        }
        let bytes = buffer.removeFirst(start + separator.count)
        maybeResumeTransport()
        return bytes
      }
      // [read.offset]
      // Its beginning may be here, and its end still on its way. So the last bytes are
      // searched again next time: one fewer than a separator has. (`Swift.max`,
      // because a sequence, which a reader is, has a `max` of its own.)
      offset = Swift.max(offset, buffer.count + 1 - separator.count)
      if offset > limit {
        throw LimitOverrunError(
          "no separator in \(offset) bytes, and the limit is \(limit)", consumed: offset
        )
      }
      // [read.eof-last]
      // The end is asked for last: the bytes that came with it may hold a separator.
      if eof {
        let partial = buffer.removeFirst(buffer.count)
        changed()
        throw IncompleteReadError(partial: partial, expected: nil)
      }
      try await waitForData("readuntil")
    }
  }
}

// [read.lines]
/// Line by line until the end: `for try await line in reader`.
///
/// asyncio: StreamReader.__aiter__, StreamReader.__anext__
extension StreamReader: AsyncSequence {
  public func makeAsyncIterator() -> Lines { Lines(reader: self) }

  /// Asks the reader for one line after the other.
  public struct Lines: AsyncIteratorProtocol {
    let reader: StreamReader

    /// The next line; `nil` at the end of the stream.
    public func next() async throws -> [UInt8]? {
      let line = try await reader.readline()
      return line.isEmpty ? nil : line
    }
  }
}
