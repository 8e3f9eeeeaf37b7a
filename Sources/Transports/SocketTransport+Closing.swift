import EventLoops
package import Sockets

/// How a transport ends: politely, at once, or because something broke. Three ways in,
/// one way out, and `connectionLost` stands at its end exactly once.
extension SocketTransport {
  // [transport.close]
  /// Closes the connection, politely: what was written before still leaves, and then
  /// `connectionLost(nil)` is called, in a turn of its own. Reading ends now. Doing it
  /// again changes nothing.
  ///
  /// asyncio: _SelectorTransport.close, _SelectorSocketTransport.close
  public func close() {
    if closing { return }
    closing = true
    changed()
    removeReader()
    // [transport.close-flush]
    // With something in the buffer, `writeReady` buries us when it is empty. And
    // nothing is thrown away yet that writing needs: "close requested" is not
    // "connection lost" (T9: gh-115514).
    // (Unless the kernel has refused to let the reader go: that is an end, too.)
    if connLost == 0 && buffer.isEmpty {
      removeWriter()
      scheduleConnectionLost(nil)
    }
  }

  /// Closes the connection at once. What is in the buffer is thrown away.
  ///
  /// asyncio: _SelectorTransport.abort
  public func abort() { forceClose(nil) }

  // [transport.fatal-error]
  /// Something broke, and nobody is there to throw it at.
  ///
  /// A refusal of the kernel is part of life: the peer went away, the cable was cut.
  /// The protocol hears of it in `connectionLost`, and that will do. Anything else is
  /// a mistake in somebody's code, and the exception handler should hear of it.
  ///
  /// asyncio: _SelectorTransport._fatal_error
  func fatalError(_ error: any Error, _ message: String) {
    if !(error is SystemError) {
      report(message, error)
    }
    forceClose(error)
  }

  // [transport.force-close]
  /// asyncio: _SelectorTransport._force_close
  func forceClose(_ error: (any Error)?) {
    if connLost > 0 { return }
    // First, for the kernel may refuse what follows, and that would come here again.
    connLost = 1
    if !buffer.isEmpty {
      buffer.removeAll()
      changed()
      removeWriter()
    }
    if !closing {
      closing = true
      changed()
      removeReader()
    }
    scheduleConnectionLost(error)
  }

  // [transport.once]
  /// The rule since 2013: `connLost` is raised exactly when `connectionLost` is
  /// scheduled, and it is looked at before. So it comes once (T10).
  ///
  /// asyncio: _SelectorTransport.close, _SelectorTransport._force_close
  private func scheduleConnectionLost(_ error: (any Error)?) {
    connLost = 1
    callSoon("callConnectionLost") { [self] in try callConnectionLost(error) }
  }

  // [transport.connection-lost]
  /// The last word. Whatever the protocol does with it, the socket is closed.
  ///
  /// asyncio: _SelectorSocketTransport._call_connection_lost,
  /// _SelectorTransport._call_connection_lost
  func callConnectionLost(_ error: (any Error)?) throws {
    guard let proto else { return }  // the loop was closed meanwhile
    defer { release(CallSite()) }
    telling(error.map { "connectionLost \($0)" } ?? "connectionLost")
    try proto.connectionLost(error)
  }

  /// Gives everything back: the entry in the loop's table, if it is still ours, the
  /// socket, and the references that would keep others alive.
  ///
  /// asyncio: _SelectorTransport._call_connection_lost
  private func release(_ site: CallSite) {
    if loop.owners[fd] === self { loop.owners[fd] = nil }
    socket?.close(file: site.file, line: site.line)
    socket = nil
    proto = nil
    changed()
    let server = server
    self.server = nil
    server?.detach(self)
    loop = nil
  }

  // [transport.claim]
  /// The descriptor is ours until the connection is lost, also while we only flush. One
  /// exception: somebody has closed the socket behind our back, and we have let go of
  /// everything but that last call. Then the number stands for something else (T13).
  package func claim(on fd: Int32) -> String? {
    connLost > 0 && socket?.descriptor != fd ? nil : "a transport: use the transport"
  }

  /// The kernel has refused to go on watching one side when the other one changed.
  package func lost(_ error: any Error) {
    fatalError(error, "Fatal error: the transport cannot be watched")
  }

  // [transport.abandon]
  /// The loop closes and we are still open. Nobody will call anybody any more: there
  /// is no loop to do it. But the descriptor has to be given back.
  ///
  /// asyncio: _SelectorTransport.__del__
  package func abandon(_ site: CallSite) {
    if loop.debug { report("the loop was closed with an open transport", nil) }
    closing = true
    connLost += 1
    buffer.removeAll()
    removeReader()
    removeWriter()
    release(site)
  }
}
