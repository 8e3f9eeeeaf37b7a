import EventLoops
import Recording
import Sockets

/// The water marks, and what the step-through sees: nothing of this was ever different.
extension OldTransport {
  /// asyncio: _FlowControlMixin.set_write_buffer_limits
  func setWriteBufferLimits(high: Int?, low: Int?) {
    highWater = high ?? highWater
    changed()
  }

  /// asyncio: _FlowControlMixin._maybe_pause_protocol
  func maybePauseProtocol(file: StaticString = #fileID, line: UInt = #line) {
    if protocolPaused || chunks.joined().count <= highWater { return }
    protocolPaused = true
    changed(file: file, line: line)
    telling("pauseWriting", file: file, line: line)
    program?.pauseWriting()
  }

  /// asyncio: _FlowControlMixin._maybe_resume_protocol
  func maybeResumeProtocol(
    file: StaticString = #fileID, line: UInt = #line
  ) throws {
    if !protocolPaused || chunks.joined().count > highWater / 4 { return }
    protocolPaused = false
    changed(file: file, line: line)
    telling("resumeWriting", file: file, line: line)
    try program?.resumeWriting()
  }

  // MARK: What the step-through sees

  // Today's transport tells the loop's observer what happens to it, and so must an old
  // one, or the screen would show a machine without it.

  func telling(
    _ call: String, file: StaticString = #fileID, line: UInt = #line
  ) {
    loop?.tell(.protocolCalled(name, call), self, CallSite(file, line))
  }

  /// Writes down what no event tells.
  func note(_ text: String, file: StaticString = #fileID, line: UInt = #line) {
    (loop?.observer as? Recorder)?.note(text, file: file, line: line)
  }

  func changed(file: StaticString = #fileID, line: UInt = #line) {
    var state = TransportState(name: name, fd: fd)
    state.bufferSize = chunks.joined().count
    (state.low, state.high) = (highWater / 4, highWater)
    state.isWritingPaused = protocolPaused
    state.isReading = !closing && !paused
    state.isClosing = closing
    state.isLost = socket == nil
    loop?.tell(.transportChanged(state), self, CallSite(file, line))
  }
}
