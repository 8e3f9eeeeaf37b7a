package import Selectors
package import Sockets

/// Who is called when a descriptor is ready: one reader and one writer at most.
/// This is what the loop keeps as `data` in the selector's list.
package final class Handlers {
  package let reader: Handle?
  package let writer: Handle?
  init(reader: Handle?, writer: Handle?) {
    self.reader = reader
    self.writer = writer
  }
}

/// Descriptors and their callbacks.
///
/// Each of these comes in two editions, as in asyncio. The public one refuses a
/// descriptor that is somebody else's; the other one, with a label before the
/// descriptor, is for the floors, which know what they are doing.
extension EventLoop {
  // MARK: For everybody

  /// Calls `callback` in every turn in which the descriptor is readable.
  ///
  /// There is room for one reader a descriptor: a second call replaces the first. What
  /// the callback throws is reported, and it stays in its place: who cannot go on has
  /// to remove it.
  ///
  /// - Returns: the reader's handle. `addReader` again cancels it.
  /// - Throws: `RuntimeError` if the loop is closed, or if the descriptor belongs to a
  ///   transport, a server, or a task that waits on it; `SelectorError`, `SystemError`
  ///   if it cannot be watched.
  ///
  /// asyncio: BaseSelectorEventLoop.add_reader
  @discardableResult
  public func addReader(
    _ fd: Int32, _ name: String = "reader",
    file: StaticString = #fileID, line: UInt = #line,
    _ callback: @escaping () throws -> Void
  ) throws -> Handle {
    try ensureFree(fd, .read, for: nil)
    return try addReader(
      watching: fd, Handle(Label(name), self, CallSite(file, line), callback))
  }

  /// Ends what `addReader` began.
  ///
  /// - Returns: whether there was a reader.
  /// - Throws: `RuntimeError` if the reader is somebody else's.
  ///
  /// asyncio: BaseSelectorEventLoop.remove_reader
  @discardableResult
  public func removeReader(
    _ fd: Int32, file: StaticString = #fileID, line: UInt = #line
  ) throws -> Bool {
    try ensureFree(fd, .read, for: nil)
    return try remove(.read, watching: fd, CallSite(file, line))
  }

  /// Calls `callback` in every turn in which the descriptor is writable.
  ///
  /// - Returns: the writer's handle. `addWriter` again cancels it.
  /// - Throws: as `addReader` does.
  ///
  /// asyncio: BaseSelectorEventLoop.add_writer
  @discardableResult
  public func addWriter(
    _ fd: Int32, _ name: String = "writer",
    file: StaticString = #fileID, line: UInt = #line,
    _ callback: @escaping () throws -> Void
  ) throws -> Handle {
    try ensureFree(fd, .write, for: nil)
    return try addWriter(
      watching: fd, Handle(Label(name), self, CallSite(file, line), callback))
  }

  /// Ends what `addWriter` began.
  ///
  /// - Returns: whether there was a writer.
  /// - Throws: `RuntimeError` if the writer is somebody else's.
  ///
  /// asyncio: BaseSelectorEventLoop.remove_writer
  @discardableResult
  public func removeWriter(
    _ fd: Int32, file: StaticString = #fileID, line: UInt = #line
  ) throws -> Bool {
    try ensureFree(fd, .write, for: nil)
    return try remove(.write, watching: fd, CallSite(file, line))
  }

  // MARK: For the floors above

  /// asyncio: BaseSelectorEventLoop._add_reader
  package func addReader(watching fd: Int32, _ handle: Handle) throws -> Handle {
    let old = handlers(of: fd)
    try watch(fd, old, handle, old?.writer, handle.site)
    old?.reader?.cancel(file: handle.site.file, line: handle.site.line)
    return handle
  }

  /// asyncio: BaseSelectorEventLoop._add_writer
  package func addWriter(watching fd: Int32, _ handle: Handle) throws -> Handle {
    let old = handlers(of: fd)
    try watch(fd, old, old?.reader, handle, handle.site)
    old?.writer?.cancel(file: handle.site.file, line: handle.site.line)
    return handle
  }

  // [readers.remove]
  /// Takes one side of a registration away, and all of it with the last side.
  ///
  /// The handle is cancelled as well. The selector may have reported its
  /// descriptor a moment ago, in this very turn, and then the handle is in the
  /// ready queue already: without the mark it would run once more (L2b).
  ///
  /// asyncio: BaseSelectorEventLoop._remove_reader, BaseSelectorEventLoop._remove_writer
  package func remove(_ side: Events, watching fd: Int32, _ site: CallSite) throws
    -> Bool
  {
    if isClosed() { return false }
    guard let old = handlers(of: fd) else { return false }
    let gone = side == .read ? old.reader : old.writer
    // Also when the kernel refuses: whoever asked for this must not be called again.
    defer { gone?.cancel(file: site.file, line: site.line) }
    try watch(
      fd, old, side == .read ? nil : old.reader, side == .write ? nil : old.writer, site
    )
    return gone != nil
  }

  // [readers.watch]
  /// Makes the selector's list say who is called.
  ///
  /// A change that the kernel refuses costs the whole registration (as in asyncio): what
  /// stood there before is watched no more. The caller gets the error. But the other
  /// side may be somebody else's, who would wait for ever; so they are told, too.
  private func watch(
    _ fd: Int32, _ old: Handlers?, _ reader: Handle?, _ writer: Handle?,
    _ site: CallSite
  ) throws {
    var events: Events = []
    if reader != nil { events.insert(.read) }
    if writer != nil { events.insert(.write) }
    var registration: Registration {
      Registration(fd: fd, events: events, reader: reader?.name, writer: writer?.name)
    }
    var handlers: Handlers { Handlers(reader: reader, writer: writer) }
    switch (old != nil, events.isEmpty) {
    case (false, true): break
    case (false, false):
      try checkClosed()
      // Where the socket is known, the selector may know it again.
      if let socket = reader?.socket {
        try selector.register(socket, events, data: handlers, site)
      } else {
        try selector.register(fd, events, data: handlers, site)
      }
      tell(.registered(registration), nil, site)
    case (true, false):
      do {
        try selector.modify(fd, events, data: handlers, site)
      } catch {
        tell(.unregistered(fd: fd), nil, site)
        for kept in [reader, writer] {
          if let kept, kept === old?.reader || kept === old?.writer {
            lose(kept, fd, error, site)
          }
        }
        throw error
      }
      tell(.modified(registration), nil, site)
    case (true, true):
      // Closed meanwhile, a socket has nothing more to say about this number.
      if let socket = old?.reader?.socket, socket.descriptor == fd {
        try selector.release(socket, site)
      } else {
        try selector.unregister(fd, site)
      }
      tell(.unregistered(fd: fd), nil, site)
    }
  }

  /// A handle has lost its registration.
  private func lose(_ handle: Handle, _ fd: Int32, _ error: any Error, _ site: CallSite)
  {
    let owner = handle.owner
    handle.cancel(file: site.file, line: site.line)
    if let owner { return owner.lost(error) }
    callExceptionHandler(
      ExceptionContext(
        "descriptor \(fd) is not watched any more", error, handle: handle))
  }

  /// The two handles that are registered for a descriptor.
  package func handlers(of fd: Int32) -> Handlers? {
    selector.getKey(fd).map { unsafeDowncast($0.data!, to: Handlers.self) }
  }

  // [readers.process-events]
  /// Queues the handles of the descriptors that the selector reported: the reader
  /// before the writer, so that a program hears news before it is asked for more.
  ///
  /// A handle that was cancelled without its descriptor being removed will never
  /// run again, but the selector would report its descriptor in every turn, and the
  /// loop would never sleep. The first report takes it off the list. (Should the
  /// kernel refuse, it is off the list all the same, and `watch` has told the others.)
  ///
  /// asyncio: BaseSelectorEventLoop._process_events
  func processEvents(_ readyKeys: [(key: SelectorKey, events: Events)]) {
    for (key, events) in readyKeys {
      let handlers = unsafeDowncast(key.data!, to: Handlers.self)
      if events.contains(.read), let reader = handlers.reader {
        if reader.cancelled() {
          _ = try? remove(.read, watching: key.fd, CallSite())
        } else {
          enqueue(reader, CallSite())
        }
      }
      if events.contains(.write), let writer = handlers.writer {
        if writer.cancelled() {
          _ = try? remove(.write, watching: key.fd, CallSite())
        } else {
          enqueue(writer, CallSite())
        }
      }
    }
  }
}
