import EventLoops
import Selectors
import Sockets

/// How bytes come in: the loop says "readable", we receive, the protocol hears of it.
extension SocketTransport {
  // MARK: Whether to read

  /// Whether incoming bytes are delivered: not after `close()`, not while paused, and
  /// not when the peer has finished.
  ///
  /// asyncio: _SelectorTransport.is_reading
  public func isReading() -> Bool { !closing && !paused && !isAtEnd }

  // [transport.pause-reading]
  /// Delivers nothing until `resumeReading()`. What comes meanwhile waits in the
  /// kernel, and when that is full the peer has to wait: this is how slowness travels
  /// back to the one who is too fast. Doing it again changes nothing.
  ///
  /// asyncio: _SelectorTransport.pause_reading
  public func pauseReading() {
    if !isReading() { return }
    paused = true
    changed()
    removeReader()
  }

  /// Ends what `pauseReading()` began.
  ///
  /// asyncio: _SelectorTransport.resume_reading
  public func resumeReading() {
    if closing || !paused { return }
    paused = false
    changed()
    addReader()
  }

  // [transport.add-reader]
  /// Asks the loop to call us when there is something.
  ///
  /// The question comes first. This was queued at birth, behind `connectionMade`, and
  /// `connectionMade` may have paused us (T1: bpo-31821, reported in 2017, mended in
  /// 2023) or closed us (T2: bpo-33263, in 2018). And after the end of the stream there is nothing to ask for:
  /// the end is readable for ever, and resuming would deliver it a second time (T3,
  /// which asyncio 3.13 still does).
  ///
  /// asyncio: _SelectorTransport._add_reader
  func addReader() {
    if !isReading() { return }
    do {
      _ = try loop.addReader(
        watching: fd,
        Handle("readReady", loop, CallSite(), for: self) { [self] in readReady() })
    } catch {
      fatalError(error, "Fatal error: the transport cannot be watched")
    }
  }

  /// If the kernel refuses, what is left of the registration is lost, and that we hear
  /// by `lost`.
  ///
  /// asyncio: BaseSelectorEventLoop._remove_reader
  func removeReader(file: StaticString = #fileID, line: UInt = #line) {
    _ = try? loop.remove(.read, watching: fd, CallSite(file, line))
  }

  // MARK: Reading

  // [transport.read-ready]
  /// The socket is readable: receive once, however much more there may be. The others
  /// want their turn too, and the selector will report us again.
  ///
  /// asyncio: _SelectorSocketTransport._read_ready
  func readReady() {
    // Readable and lost in one turn: our handle was in the queue already. It is
    // cancelled as well, so this is a second lock on the same door (T2: bpo-27223, in
    // 2016).
    if connLost > 0 { return }
    // Asked anew each time, for the protocol may have changed.
    switch proto {
    case let proto as any BufferedStreamProtocol: readReady(into: proto)
    case let proto as any StreamProtocol: readReady(for: proto)
    default: fatalError(RuntimeError("this protocol cannot receive"), "Fatal error")
    }
  }

  // [transport.data-received]
  /// asyncio: _SelectorSocketTransport._read_ready__data_received
  private func readReady(for proto: any StreamProtocol) {
    let bytes: [UInt8]
    do {
      let memory = loop.readBuffer.memory
      bytes = try [UInt8](memory[..<socket!.recv(into: memory)])
    } catch  where error.wouldBlock || error.interrupted {
      return  // a false alarm
    } catch {
      return fatalError(error, "Fatal read error on socket transport")
    }
    if bytes.isEmpty { return onEOF(proto.eofReceived) }
    do {
      telling("dataReceived \(count(bytes.count))")
      try proto.dataReceived(bytes)
    } catch {
      fatalError(error, "Fatal error: protocol.dataReceived() call failed")
    }
  }

  // [transport.get-buffer]
  /// asyncio: _SelectorSocketTransport._read_ready__get_buffer
  private func readReady(into proto: any BufferedStreamProtocol) {
    let memory: UnsafeMutableRawBufferPointer
    do {
      telling("getBuffer")
      memory = try proto.getBuffer(-1)
      // Zero bytes received into a buffer for zero bytes would look like the end of
      // the stream, although the peer has just sent something (T4).
      if memory.isEmpty { throw RuntimeError("getBuffer() returned an empty buffer") }
    } catch {
      return fatalError(error, "Fatal error: protocol.getBuffer() call failed")
    }
    // It was the protocol's turn just now, and it may have closed us.
    if closing { return }
    let received: Int
    do {
      received = try socket!.recv(into: memory)
    } catch  where error.wouldBlock || error.interrupted {
      return
    } catch {
      return fatalError(error, "Fatal read error on socket transport")
    }
    if received == 0 { return onEOF(proto.eofReceived) }
    do {
      telling("bufferUpdated \(count(received))")
      try proto.bufferUpdated(received)
    } catch {
      fatalError(error, "Fatal error: protocol.bufferUpdated() call failed")
    }
  }

  // [transport.on-eof]
  /// The peer has finished sending. Told once, whatever happens afterwards.
  ///
  /// asyncio: _SelectorSocketTransport._read_ready__on_eof
  private func onEOF(_ eofReceived: () throws -> Bool) {
    isAtEnd = true
    let keepOpen: Bool
    do {
      telling("eofReceived")
      keepOpen = try eofReceived()
    } catch {
      return fatalError(error, "Fatal error: protocol.eofReceived() call failed")
    }
    if keepOpen {
      // The end of a stream is readable, and stays so. With the reader left in its
      // place, the loop would call us again and again, at full speed (T3, in 2013).
      removeReader()
      changed()
    } else {
      close()
    }
  }
}

/// `1 byte`, `2 bytes`.
func count(_ bytes: Int) -> String { bytes == 1 ? "1 byte" : "\(bytes) bytes" }
