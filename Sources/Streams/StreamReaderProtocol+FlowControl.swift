import CLibrary
import EventLoops
import Sockets

/// How `pauseWriting` and `resumeWriting`, two calls, become `drain`, an `await`.
///
/// asyncio: streams.FlowControlMixin
extension StreamReaderProtocol {
  /// asyncio: FlowControlMixin.pause_writing
  public func pauseWriting() { paused = true }

  // [flow.resume-writing]
  /// Lets everybody go on who waits in `drain`, however many they are.
  ///
  /// asyncio: FlowControlMixin.resume_writing
  public func resumeWriting() throws {
    paused = false
    for waiter in drainWaiters.pending { try waiter.setResult(()) }
  }

  // [flow.drain-helper]
  /// Waits until there is room to write, if there is none.
  ///
  /// Several tasks may write to one connection and wait here at the same time. In
  /// asyncio there was room for one of them only, and the second met an assertion (M4:
  /// bpo-29930, reported in 2017 and mended in 2022, in 3.10.8).
  ///
  /// asyncio: FlowControlMixin._drain_helper
  @inline(__always)  // as `AnyFuture.wait`
  func drainHelper() async throws {
    // [flow.drain-steps]
    if connectionIsLost {
      // Whatever the reason was. If there is one, the reader has it, and the next drain
      // throws that.
      throw SystemError(ECONNRESET, in: "drain", about: "a connection that is lost")
    }
    // Most of the time that is all, and the task does not suspend.
    if !paused { return }
    let waiter = loop.createFuture(of: Void.self)
    drainWaiters.add(waiter)
    // Each takes itself off the list, also when it is cancelled.
    defer { drainWaiters.remove(waiter) }
    // Nobody looks a second time whether there is still room. Of ten that wake up in
    // one turn, the first may have filled the buffer again.
    try await waiter.value()
  }
}
