package import EventLoops
import Selectors
package import Sockets

// What the operations share: how they wait, and how they stop waiting.

extension EventLoop {
  // [waiting.read-done]
  /// Takes the reader away, but only the one that this operation put there.
  ///
  /// Between the settling of the future and this callback, another operation may
  /// have begun on the same descriptor and replaced the reader; its handle then
  /// cancelled ours. A clean-up that went by the number alone would take away the
  /// newcomer's reader, and the newcomer would wait for ever (R2: bpo-30064).
  ///
  /// asyncio: BaseSelectorEventLoop._sock_read_done
  package func sockReadDone(_ fd: Int32, _ handle: Handle) throws {
    if !handle.cancelled() { _ = try remove(.read, watching: fd, CallSite()) }
  }

  /// The same for a writer.
  ///
  /// asyncio: BaseSelectorEventLoop._sock_write_done
  package func sockWriteDone(_ fd: Int32, _ handle: Handle) throws {
    if !handle.cancelled() { _ = try remove(.write, watching: fd, CallSite()) }
  }

  // [waiting.non-blocking]
  /// In debug mode, refuses a socket that could put the whole loop to sleep.
  ///
  /// asyncio: the first lines of every sock_* method
  package func checkNonBlocking(_ socket: Socket) throws(ValueError) {
    if socket.isBlocking && debug {
      throw ValueError("the socket must be non-blocking: call setBlocking(false) on it")
    }
  }
}
