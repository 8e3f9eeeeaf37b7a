import EventLoops
import Recording
import Selectors
import Sockets
import Telling
import Transports

/// asyncio's transport, no more of it than the bugs of chapters 9 and 10 need.
///
/// Each of these has a subclass, and in it is what was different. All the rest is here,
/// and does what today's does, in fewer words.
class OldTransport: AnyTransport, DescriptorOwner {
  let name: Name
  let fd: Int32
  // When the connection is lost, asyncio sets these three to `None`.
  private(set) var loop: EventLoop?
  private(set) var socket: Socket?
  private(set) var program: Program?
  final var chunks: [[UInt8]] = []
  final var closing = false
  final var connLost = 0
  final var paused = false
  final var protocolPaused = false
  final var highWater = 64 * 1024

  /// asyncio: _SelectorTransport.__init__
  required init(_ loop: EventLoop, _ socket: Socket, _ program: Program) {
    loop.transportCount += 1
    name = Name(loop.transportCount, "Transport-\(loop.transportCount)")
    (self.loop, self.socket, self.program) = (loop, socket, program)
    fd = socket.descriptor
    // asyncio remembers the answers; and no waiting for more to send (Nagle).
    _ = (try? socket.getsockname(), try? socket.getpeername())
    if socket.family != .unix { try? socket.setsockopt(.noDelay, 1) }
    loop.owners[fd] = self
    changed()
  }

  /// The order of birth: first the program meets us, and only then bytes may come.
  ///
  /// asyncio: _SelectorSocketTransport.__init__
  final func start() throws {
    try loop?.callSoon("connectionMade") { [self] in
      telling("connectionMade")
      try program?.made(self)
    }
    try loop?.callSoon("addReader") { [self] in try addReader() }
  }

  // MARK: Reading

  /// asyncio: _SelectorTransport._add_reader
  func addReader() throws {
    if closing || paused { return }
    try watchReader()
  }

  /// asyncio: BaseSelectorEventLoop._add_reader
  final func watchReader(file: StaticString = #fileID, line: UInt = #line) throws {
    let loop = try loop.orNone("addReader")
    _ = try loop.addReader(
      watching: fd,
      Handle("readReady", loop, CallSite(file, line)) { [self] in try readReady() })
  }

  final func removeReader(file: StaticString = #fileID, line: UInt = #line) {
    _ = try? loop?.remove(.read, watching: fd, CallSite(file, line))
  }

  func readReady() throws {
    if connLost > 0 { return }
    try receive()
  }

  /// asyncio: _SelectorSocketTransport._read_ready
  final func receive(file: StaticString = #fileID, line: UInt = #line) throws {
    let bytes = try socket.orNone("recv").recv(262_144, file: file, line: line)
    telling("dataReceived \(count(bytes.count, "byte"))", file: file, line: line)
    program?.dataReceived(bytes)
  }

  /// asyncio: _SelectorTransport.pause_reading
  final func pauseReading() {
    paused = true
    removeReader()
    changed()
  }

  /// asyncio: _SelectorTransport.resume_reading
  final func resumeReading() {
    paused = false
    try? addReader()
    changed()
  }

  // MARK: Writing

  /// asyncio: _SelectorSocketTransport.write
  final func write(_ bytes: [UInt8]) throws {
    if connLost > 0 { return }
    var sent = 0
    if chunks.isEmpty {
      sent = try bytes.withUnsafeBytes { try socket.orNone("send").send($0) }
      if sent == bytes.count { return }
      try addWriter()
    }
    chunks.append(Array(bytes[sent...]))
    changed()
    maybePauseProtocol()
  }

  func writelines(_ chunks: [[UInt8]]) throws { preconditionFailure("see the scars") }

  func addWriter(file: StaticString = #fileID, line: UInt = #line) throws {
    try watchWriter(file: file, line: line) { [self] in try writeReady() }
  }

  /// asyncio: BaseSelectorEventLoop._add_writer
  final func watchWriter(
    file: StaticString = #fileID, line: UInt = #line,
    _ callback: @escaping () throws -> Void
  ) throws {
    let loop = try loop.orNone("addWriter", file: file, line: line)
    _ = try loop.addWriter(
      watching: fd, Handle("writeReady", loop, CallSite(file, line), callback))
  }

  final func removeWriter(file: StaticString = #fileID, line: UInt = #line) {
    _ = try? loop?.remove(.write, watching: fd, CallSite(file, line))
  }

  /// asyncio: _SelectorSocketTransport._write_sendmsg
  func writeReady(file: StaticString = #fileID, line: UInt = #line) throws {
    if connLost > 0 { return }
    try sendChunks(file: file, line: line)
    try maybeResumeProtocol()
    if connLost > 0 || !chunks.isEmpty { return }
    removeWriter()
    if closing {
      connLost += 1
      try callConnectionLost()
    }
  }

  /// Offers all chunks in one call, and takes out what has left.
  ///
  /// asyncio: _SelectorSocketTransport._adjust_leftover_buffer
  final func sendChunks(file: StaticString = #fileID, line: UInt = #line) throws {
    let socket = try socket.orNone("sendmsg")
    var sent = 0
    do {
      sent = try Array(chunks.joined()).withUnsafeBytes { bytes in
        var begin = 0
        let pieces = chunks.map { chunk in
          defer { begin += chunk.count }
          return UnsafeRawBufferPointer(rebasing: bytes[begin..<begin + chunk.count])
        }
        return try socket.sendmsg(pieces, file: file, line: line)
      }
    } catch let error as SystemError where error.wouldBlock {}
    // As long as there are bytes to account for.
    while sent > 0 {
      let first = chunks.removeFirst()
      if first.count > sent { chunks.insert(Array(first[sent...]), at: 0) }
      sent -= min(sent, first.count)
    }
    changed(file: file, line: line)
  }

  // MARK: The end

  func isClosing() -> Bool { closing }

  /// asyncio: _SelectorTransport.close
  func close() {
    if closing { return }
    closing = true
    removeReader()
    if chunks.isEmpty { scheduleConnectionLost() }
    changed()
  }

  /// asyncio: _SelectorTransport.abort
  final func abort() {
    if connLost > 0 { return }
    closing = true
    chunks = []
    removeReader()
    scheduleConnectionLost()
    changed()
  }

  /// asyncio: _SelectorTransport.close, _force_close
  private func scheduleConnectionLost() {
    connLost += 1
    removeWriter()
    _ = try? loop?.callSoon("callConnectionLost") { [self] in try callConnectionLost() }
  }

  /// asyncio: _SelectorTransport._call_connection_lost
  final func callConnectionLost(
    file: StaticString = #fileID, line: UInt = #line
  ) throws {
    // The program is `None`, too. But Python comes to this in its `finally`.
    _ = try socket.orNone("close")
    telling("connectionLost", file: file, line: line)
    try program?.connectionLost(nil)
    release(CallSite(file, line))
  }

  private func release(_ site: CallSite) {
    loop?.owners[fd] = nil
    socket?.close(file: site.file, line: site.line)
    socket = nil
    changed(file: site.file, line: site.line)
    (program, loop) = (nil, nil)
  }

  /// asyncio: BaseSelectorEventLoop._ensure_fd_no_transport
  func claim(on fd: Int32) -> String? { closing ? nil : "a transport" }

  /// The loop closes.
  func abandon(_ site: CallSite) { release(site) }
}
