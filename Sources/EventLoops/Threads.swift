import Selectors
import Sockets

/// How other threads get a word in.
///
/// A loop that waits in `epoll_wait` hears of nothing but descriptors. So there is
/// one descriptor whose only purpose is to become readable: the self-pipe. In
/// asyncio it is a pair of sockets, and so it is here on a Mac; on Linux it is an
/// eventfd, a counter that the kernel keeps, with one descriptor instead of two, one
/// read instead of many, and no end of file that could spin (L4b, L6).
extension EventLoop {
  // [threads.make-self-pipe]
  /// asyncio: BaseSelectorEventLoop._make_self_pipe
  func makeSelfPipe() throws {
    _ = try addReader(
      watching: executor.selfPipe.readEnd,
      Handle("readFromSelf", self, CallSite()) { [unowned self] in try readFromSelf() })
  }

  /// asyncio: BaseSelectorEventLoop._close_self_pipe
  func closeSelfPipe(_ site: CallSite) {
    // The only side goes, and taking a descriptor off the list is never refused.
    _ = try? remove(.read, watching: executor.selfPipe.readEnd, site)
  }

  // [threads.read-from-self]
  /// Empties the pipe, or the selector would report it again and again.
  ///
  /// asyncio: BaseSelectorEventLoop._read_from_self
  private func readFromSelf(_ site: CallSite = CallSite()) throws {
    let reason: String
    do throws(SystemError) {
      if try kernel.drain(executor.selfPipe.readEnd, site) > 0 {
        return processSelfData()
      }
      reason = "it has ended"
    } catch {
      // Somebody was faster, or a signal came: the next turn will tell.
      if error.wouldBlock || error.interrupted { return }
      reason = "\(error)"
    }
    // An answer that can only repeat itself. Level-triggered readiness would call
    // us for ever, at full speed (L6: gh-156344), so stop asking and say so.
    closeSelfPipe(site)
    throw RuntimeError(
      "other threads cannot wake this loop any more, its self-pipe is broken: \(reason)"
    )
  }

  // [threads.call-soon-threadsafe]
  /// Puts a callback at the end of the ready queue, from any thread, and wakes
  /// the loop if it sleeps.
  ///
  /// While nobody runs the loop, its own thread is a thread like any other: the
  /// callback goes through the inbox, for another one may just begin to run it.
  ///
  /// - Parameter callback: what to run, on the loop's thread.
  /// - Throws: `RuntimeError` if the loop is closed; `SystemError` if the loop
  ///   cannot be woken.
  ///
  /// asyncio: BaseEventLoop.call_soon_threadsafe
  public func callSoonThreadsafe(
    file: StaticString = #fileID, line: UInt = #line,
    _ callback: @escaping @Sendable () throws -> Void
  ) throws {
    let site = CallSite(file, line)
    if executor.isOnLoopThread {
      // The same queue as `callSoon`'s, in the order of the calls.
      try checkClosed()
      enqueue(Handle("threadsafe callback", self, site, callback), site)
      try executor.wake(site)
    } else {
      try executor.post(.call(callback, site), site)
    }
  }

  // [threads.collect-inbox]
  /// Moves what other threads left into the ready queue.
  ///
  /// In asyncio they append to the queue themselves; the interpreter's lock makes
  /// that safe. Here they use the inbox, and it is emptied before anything else
  /// comes into the queue, so the order is the same as there. It is emptied when the
  /// selector returns, too, and before the loop decides how long to sleep. The last
  /// one is vital: `readFromSelf` may have emptied the pipe of something that
  /// came after the selector had returned, and no wake-up would be left for it.
  func collectInbox() {
    if !executor.hasMailNow { return }
    for mail in executor.collect() {
      switch mail {
      case .job(let job): enqueueForeign(job)
      case .call(let callback, let site):
        append(Handle("threadsafe callback", self, site, callback), site)
      }
    }
  }
}
