package import Selectors
package import Sockets

// Whose descriptor is it? In asyncio three places know a part of the answer, and where
// none of them looks, somebody waits for ever without a word (T12, A3). Here it is one
// idea: an owner is an object that can say what it is, for as long as it is there.

/// Somebody who owns a descriptor, or one side of it.
///
/// A transport and a server own all of it, also while they watch neither side: they
/// stand in the loop's table. A future owns the side on which its operation waits, and
/// a handle without an owner is the program's own: they stand in the slots.
package protocol DescriptorOwner: AnyObject {
  /// What to say to whoever comes second: "descriptor 5 belongs to ", and then this.
  /// `nil` once the descriptor is free.
  func claim(on fd: Int32) -> String?
  /// The kernel has refused a change, and the descriptor is watched no more.
  func lost(_ error: any Error)
  /// The loop closes: give the descriptor back, nobody will be called any more.
  func abandon(_ site: CallSite)
}

extension DescriptorOwner {
  package func lost(_ error: any Error) {}
  package func abandon(_ site: CallSite) {}
}

extension AnyFuture: DescriptorOwner {
  /// An operation that is over may still have its handle registered, until its
  /// clean-up has had its turn. That one is in nobody's way.
  package func claim(on fd: Int32) -> String? {
    done() ? nil : "another task that waits on it: leave it to one task"
  }
}

extension EventLoop {
  // [owners.ensure-free]
  /// Refuses whoever comes second, and names the first.
  ///
  /// A descriptor has one reader and one writer. Two owners of one slot would take it
  /// away from each other, and the loser waits for ever (T12: asyncio#372, in 2016; A3:
  /// gh-91780). Who makes the mistake hears of it, and the first never notices.
  ///
  /// - Parameters:
  ///   - side: what is wanted: a slot, or both.
  ///   - newcomer: who wants it; `nil` is the program itself, which may replace and
  ///     remove what is its own.
  ///
  /// asyncio: BaseSelectorEventLoop._ensure_fd_no_transport
  package func ensureFree(
    _ fd: Int32, _ side: Events, for newcomer: AnyObject?
  ) throws(RuntimeError) {
    if let owner = owners[fd], owner !== newcomer, let claim = owner.claim(on: fd) {
      throw RuntimeError("descriptor \(fd) belongs to \(claim)")
    }
    guard let handlers = handlers(of: fd) else { return }
    for (slot, handle) in [(Events.read, handlers.reader), (.write, handlers.writer)] {
      guard side.contains(slot), let handle, !handle.cancelled() else { continue }
      if handle.owner === newcomer { continue }
      let what = slot == .read ? "reader" : "writer"
      if let claim = handle.owner.map({ $0.claim(on: fd) })
        ?? "a \(what) of the program's own: remove it first"
      {
        throw RuntimeError("descriptor \(fd) belongs to \(claim)")
      }
    }
  }

  /// The same for somebody who will take all of it, and is yet to be made.
  package func ensureFree(_ fd: Int32) throws(RuntimeError) {
    try ensureFree(fd, [.read, .write], for: self)
  }

  // [owners.closed-under]
  /// In debug mode, before the loop goes to sleep: an operation whose socket was closed
  /// under it will never hear of anything again. epoll has forgotten the descriptor
  /// without a word. asyncio lets it wait, and so do we; but it can be said, once.
  func reportClosedSockets() {
    for (fd, _) in selector.keys.sorted(by: { $0.key < $1.key }) {
      for handle in [handlers(of: fd)?.reader, handlers(of: fd)?.writer] {
        guard let handle, let socket = handle.socket, socket.descriptor != fd,
          handle.owner?.claim(on: fd) != nil
        else { continue }
        handle.socket = nil
        callExceptionHandler(
          ExceptionContext(
            """
            \(handle.name.label) waits on descriptor \(fd), but its socket was closed: \
            it will wait for ever. Cancel the task before you close the socket
            """, handle: handle))
      }
    }
  }
}
