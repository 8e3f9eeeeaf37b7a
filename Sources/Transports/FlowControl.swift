import EventLoops
public import Sockets

/// Two marks on the write buffer. Above the high one the protocol is asked to pause, at
/// the low one it is told to go on. There are two because with a single one the two
/// calls would come in turns at every byte.
///
/// asyncio: transports._FlowControlMixin
extension SocketTransport {
  // [flow.limits]
  /// Moves the water marks.
  ///
  /// Leave one out and it follows from the other: low is a quarter of high. Leave both
  /// out and they are 64 KiB and 16 KiB. With `high: 0`, any byte that has to wait
  /// pauses the protocol.
  ///
  /// - Parameters:
  ///   - high: in bytes; above it the protocol is asked to pause.
  ///   - low: in bytes; at or below it the protocol may go on.
  /// - Throws: `ValueError` unless 0 <= low <= high.
  ///
  /// asyncio: _FlowControlMixin.set_write_buffer_limits
  public func setWriteBufferLimits(
    high: Int? = nil, low: Int? = nil
  ) throws(ValueError) {
    let (low, high) = Self.limits(high: high, low: low)
    if !(0 <= low && low <= high) {
      throw ValueError("high (\(high)) must be >= low (\(low)) must be >= 0")
    }
    setLimits(high: high, low: low)
    changed()
    maybePauseProtocol()
  }

  private static func limits(high: Int?, low: Int?) -> (low: Int, high: Int) {
    // Four times a huge number is still a number.
    let high =
      high ?? low.map { 4.multipliedReportingOverflow(by: $0) }.map {
        $0.overflow ? Int.max : $0.partialValue
      } ?? 64 * 1024
    return (low ?? high / 4, high)
  }

  /// asyncio: _FlowControlMixin._set_write_buffer_limits
  func setLimits(high: Int?, low: Int?) {
    (lowWater, highWater) = Self.limits(high: high, low: low)
  }

  /// The water marks, in bytes.
  ///
  /// asyncio: _FlowControlMixin.get_write_buffer_limits
  public func getWriteBufferLimits() -> (low: Int, high: Int) { (lowWater, highWater) }

  /// How many bytes wait in the buffer. (Those that the kernel has taken are its own
  /// business.)
  ///
  /// asyncio: _SelectorTransport.get_write_buffer_size
  public func getWriteBufferSize() -> Int { buffer.byteCount }

  // [flow.pause]
  /// asyncio: _FlowControlMixin._maybe_pause_protocol
  func maybePauseProtocol() {
    if buffer.byteCount <= highWater { return }
    // Once, until it was told to go on: the two calls strictly take turns.
    if protocolPaused { return }
    protocolPaused = true
    changed()
    do {
      telling("pauseWriting")
      try proto?.pauseWriting()
    } catch {
      // A protocol that cannot pause is no reason to hang up on the peer.
      report("protocol.pauseWriting() failed", error)
    }
  }

  // [flow.resume]
  /// asyncio: _FlowControlMixin._maybe_resume_protocol
  func maybeResumeProtocol() {
    if !protocolPaused || buffer.byteCount > lowWater { return }
    protocolPaused = false
    changed()
    do {
      telling("resumeWriting")
      try proto?.resumeWriting()
    } catch {
      report("protocol.resumeWriting() failed", error)
    }
  }
}
