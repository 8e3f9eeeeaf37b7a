package import EventLoops
package import Selectors
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
    if !handle.cancelled() { try removeReader(fd) }
  }

  /// The same for a writer.
  ///
  /// asyncio: BaseSelectorEventLoop._sock_write_done
  package func sockWriteDone(_ fd: Int32, _ handle: Handle) throws {
    if !handle.cancelled() { try removeWriter(fd) }
  }

  // [waiting.one-waiter]
  /// Refuses a second operation in a direction in which one is waiting already.
  ///
  /// A descriptor has one reader and one writer; reading and writing at the same time
  /// is fine, two readers are not. In asyncio the second operation takes the first
  /// one's place, and the first waits for ever without a word (A3: gh-91780). Here
  /// the second one is told, and the first never notices.
  ///
  /// An operation that is over may still have its handle registered, until its
  /// clean-up has had its turn. That one is in nobody's way.
  package func ensureNoOtherWaiter(
    _ fd: Int32, _ side: Events, _ future: AnyFuture
  ) throws(RuntimeError) {
    let handlers = handlers(of: fd)
    let taken = side == .read ? handlers?.reader : handlers?.writer
    guard let waiter = taken?.waiter else { return }
    if waiter !== future && !waiter.done() {
      let what = side == .read ? "accepts or reads" : "connects or writes"
      throw RuntimeError(
        "another task \(what) on descriptor \(fd) already: leave it to one task")
    }
  }

  // [waiting.non-blocking]
  /// In debug mode, refuses a socket that could put the whole loop to sleep.
  ///
  /// asyncio: the first lines of every sock_* method
  package func checkNonBlocking(_ socket: Socket) throws(ValueError) {
    if debug && socket.isBlocking {
      throw ValueError("the socket must be non-blocking: call setBlocking(false) on it")
    }
  }
}
