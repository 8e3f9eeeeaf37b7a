import EventLoops
import Selectors
public import Sockets

/// How bytes go out: at once if the kernel has room, and otherwise by and by.
extension SocketTransport {
  // [transport.write]
  /// Sends bytes. Never waits: what the kernel does not take now is kept, and leaves
  /// when there is room. Whether it arrives, nobody can say.
  ///
  /// - Parameter bytes: what to send; no bytes are no message.
  /// - Throws: `RuntimeError` after `writeEof()`.
  ///
  /// asyncio: _SelectorSocketTransport.write
  public func write(_ bytes: [UInt8]) throws(RuntimeError) {
    if eof { throw RuntimeError("write() after writeEof(): the stream has ended") }
    if bytes.isEmpty || isWastedWrite() { return }
    sendOrKeep { isFirst in
      var sent = 0
      // What the kernel took is not kept, and usually that is all of it.
      defer { buffer.append(bytes, from: sent) }
      if isFirst { sent = try bytes.withUnsafeBytes { try socket!.send($0) } }
    }
  }

  // [transport.writelines]
  /// Sends several pieces, in order, as one write. They are not joined: the kernel
  /// gathers them by itself.
  ///
  /// This is `write` once more, and asyncio's has forgotten one line of it after the
  /// other: to register the writer (T5, 2023), to pause the protocol (T6, 2024, with a
  /// CVE number), to see that the connection is lost (T7, 2025), to skip what is empty
  /// (T8, 2026). So here the two are one function, and differ in the system call.
  ///
  /// - Parameter chunks: the pieces.
  /// - Throws: `RuntimeError` after `writeEof()`.
  ///
  /// asyncio: _SelectorSocketTransport.writelines
  public func writelines(_ chunks: [[UInt8]]) throws(RuntimeError) {
    if eof { throw RuntimeError("writelines() after writeEof(): the stream has ended") }
    if chunks.allSatisfy(\.isEmpty) || isWastedWrite() { return }
    sendOrKeep { isFirst in
      for chunk in chunks { buffer.append(chunk) }
      if isFirst { try sendBuffer() }
    }
  }

  // [transport.send-or-keep]
  /// What every write is: offer it to the kernel now, and see to the rest.
  ///
  /// - Parameter offer: sends what it can, if it is first, and puts the rest into the
  ///   buffer. Behind something that is in there nothing may go now: it would overtake.
  private func sendOrKeep(_ offer: (_ isFirst: Bool) throws -> Void) {
    let isFirst = buffer.isEmpty
    do {
      // [transport.write-now]
      // Most of the time the kernel has room for everything, and this is all.
      try offer(isFirst)
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      // No room at all.
    } catch {
      buffer.removeAll()  // none of it was there before
      return fatalError(error, "Fatal write error on socket transport")
    }
    if buffer.isEmpty { return }
    // From now on this is the selector's business.
    if isFirst { addWriter() }
    changed()
    maybePauseProtocol()
  }

  // [transport.wasted-write]
  /// Bytes for a connection that is lost go nowhere. The protocol will hear of it soon,
  /// so it is no error yet; but who keeps writing has not listened.
  ///
  /// asyncio: _SelectorSocketTransport.write
  private func isWastedWrite() -> Bool {
    if connLost == 0 { return false }
    if connLost >= 5 {  // asyncio's LOG_THRESHOLD_FOR_CONNLOST_WRITES
      loop.warn("\(name.label) is written to, but its connection is lost\n")
    }
    connLost += 1
    return true
  }

  // MARK: Later

  /// asyncio: BaseSelectorEventLoop._add_writer
  private func addWriter() {
    do {
      _ = try loop.addWriter(
        watching: fd,
        Handle("writeReady", loop, CallSite(), for: self) { [self] in try writeReady() }
      )
    } catch {
      fatalError(error, "Fatal error: the transport cannot be watched")
    }
  }

  /// If the kernel refuses, we hear of it by `lost`, as for the reader.
  ///
  /// asyncio: BaseSelectorEventLoop._remove_writer
  func removeWriter(file: StaticString = #fileID, line: UInt = #line) {
    _ = try? loop.remove(.write, watching: fd, CallSite(file, line))
  }

  /// Offers the kernel what is in the buffer; what it takes is not in there any more.
  ///
  /// asyncio: _SelectorSocketTransport._get_sendmsg_buffer,
  /// _SelectorSocketTransport._adjust_leftover_buffer
  private func sendBuffer() throws {
    buffer.consume(try socket!.sendmsg(buffer.gathered))
  }

  // [transport.write-ready]
  /// The kernel has room again.
  ///
  /// asyncio: _SelectorSocketTransport._write_sendmsg, _SelectorSocketTransport._write_ready
  func writeReady() throws {
    if connLost > 0 { return }
    do {
      try sendBuffer()
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      return
    } catch {
      return fatalError(error, "Fatal write error on socket transport")
    }
    changed()
    // What is asked for before the resume is still to be done; what is asked for in it
    // is done at once, for the buffer is empty by then.
    let eofWaits = eof
    maybeResumeProtocol()
    // [transport.after-resume]
    // That was somebody else's code, and everything may be different now. It may have
    // written more. It may have closed us: then our end is scheduled, and must not
    // come a second time (T10: gh-156512).
    if !buffer.isEmpty { return }
    removeWriter()
    if connLost > 0 { return }
    if closing {
      connLost += 1
      try callConnectionLost(nil)
    } else if eofWaits {
      shutdown()
    }
  }

  // MARK: The end of the stream

  // [transport.write-eof]
  /// Ends our half of the conversation: when the buffer has left, the peer reads an end
  /// of stream. We may still read. Doing it again changes nothing.
  ///
  /// asyncio: _SelectorSocketTransport.write_eof
  public func writeEof() {
    if closing || eof { return }
    eof = true
    if buffer.isEmpty { shutdown() }
  }

  /// A peer that is gone cannot be told; the transport hears of that as it would of a
  /// failed write.
  private func shutdown() {
    do throws(SystemError) {
      try socket!.shutdown(.write)
    } catch {
      fatalError(error, "Fatal write error on socket transport")
    }
  }

  /// Whether `writeEof()` works: always, for a socket.
  ///
  /// asyncio: _SelectorSocketTransport.can_write_eof
  public func canWriteEof() -> Bool { true }
}
