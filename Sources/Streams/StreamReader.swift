public import EventLoops
public import Sockets
import Transports

/// A stream reader: a buffer with two doors.
///
/// At the back door is the protocol: it brings bytes whenever they come
/// (`feedData`), the end (`feedEof`) or the bad news (`setException`). At the front
/// door is your task: it takes lines, or so many bytes, whenever it likes. What keeps
/// the two apart is the buffer. What joins them is one future, the *waiter*: whoever
/// finds too little at the front leaves a future there and awaits it, and whoever
/// brings something at the back settles it.
///
/// This file is the back door, and the waiting. The front door is
/// `StreamReader+Reading.swift`.
///
/// asyncio: streams.StreamReader
public final class StreamReader {
  let loop: EventLoop
  /// The longest line, in bytes and without its newline. Twice as much makes the transport pause.
  let limit: Int
  @exclusivity(unchecked) var buffer = ByteBuffer()
  /// Nothing will come any more.
  @exclusivity(unchecked) private(set) var eof = false
  /// The future of the one who waits for something to come; `nil` if nobody does.
  private var waiter: Future<Void>?
  private var error: (any Error)?
  private var transport: SocketTransport?
  /// The transport was told to pause, by us.
  @exclusivity(unchecked) private var paused = false
  private let name: Name
  private var told: ReaderState?

  /// The same as asyncio's: 64 KiB.
  public static let defaultLimit = 1 << 16

  // [reader.init]
  /// Makes a reader with an empty buffer.
  ///
  /// - Parameters:
  ///   - limit: the longest line, in bytes and without its newline, and half of what
  ///     the buffer may hold before the transport is told to pause.
  ///   - loop: the loop of its task.
  /// - Throws: `ValueError` unless the limit is positive.
  ///
  /// asyncio: StreamReader.__init__
  public init(
    limit: Int = StreamReader.defaultLimit, loop: EventLoop
  ) throws(ValueError) {
    try Self.check(limit: limit)
    self.limit = limit
    self.loop = loop
    loop.streamCount += 1
    name = Name(loop.streamCount, "StreamReader-\(loop.streamCount)")
    changed()
  }

  static func check(limit: Int) throws(ValueError) {
    if limit <= 0 { throw ValueError("the limit has to be positive, not \(limit)") }
  }

  /// asyncio: StreamReader.set_transport
  func setTransport(_ transport: SocketTransport) { self.transport = transport }

  // MARK: The back door

  // [reader.feed-data]
  /// Brings bytes.
  ///
  /// - Parameter bytes: they go behind those that are in the buffer already.
  /// - Throws: `RuntimeError` after `feedEof()`.
  ///
  /// asyncio: StreamReader.feed_data
  public func feedData(_ bytes: [UInt8]) throws {
    if eof { throw RuntimeError("feedData() after feedEof(): the stream has ended") }
    if bytes.isEmpty { return }
    // [reader.append]
    buffer.append(bytes)
    changed()
    // Whoever waits is told that there is *something*. Whether it is enough, they
    // will see for themselves, when their turn comes.
    try wakeupWaiter()
    // [reader.pause]
    // Too much: turn off the tap. From here on nobody calls `recv`; the kernel's buffer
    // fills, the window closes, and the peer notices that it is too fast. (It is not
    // `2 * limit`, since some say `Int.max` for no limit, and twice that is no number.)
    if let transport, !paused, buffer.count - limit > limit {
      transport.pauseReading()
      paused = true
      changed()
    }
  }

  /// Brings the end: what is in the buffer is all there will ever be.
  ///
  /// asyncio: StreamReader.feed_eof
  public func feedEof() throws {
    eof = true
    changed()
    try wakeupWaiter()
  }

  // [reader.set-exception]
  /// Brings bad news: from now on every read throws this, even if there are bytes left.
  ///
  /// asyncio: StreamReader.set_exception
  public func setException(_ error: any Error) throws {
    self.error = error
    let waiter = waiter
    self.waiter = nil
    changed()
    guard let waiter else { return }
    if !waiter.cancelled() { try waiter.setException(error) }
  }

  /// The bad news; `nil` if there was none.
  ///
  /// asyncio: StreamReader.exception
  public func exception() -> (any Error)? { error }

  /// Whether there is nothing left, and nothing will come.
  ///
  /// asyncio: StreamReader.at_eof
  public func atEof() -> Bool { eof && buffer.isEmpty }

  // [reader.wakeup]
  /// asyncio: StreamReader._wakeup_waiter
  private func wakeupWaiter() throws {
    guard let waiter else { return }
    // Out with it first: a second piece may come before the task has had its turn,
    // and a future is settled once.
    self.waiter = nil
    changed()
    // The task may have been cancelled in this very turn.
    try waiter.setResultUnlessCancelled(())
  }

  // MARK: Waiting

  // [reader.wait]
  /// Suspends until something has come, whatever it is.
  ///
  /// - Parameter caller: who asks, for the error message.
  /// - Throws: `RuntimeError` if another task waits already: nobody could say which
  ///   of the two gets the next bytes. The error of `setException`;
  ///   `CancellationError`.
  ///
  /// asyncio: StreamReader._wait_for_data
  @inline(never)  // its variables would be in the memory of whoever waits
  func waitForData(_ caller: String) async throws {
    if waiter != nil {
      throw RuntimeError(
        "\(caller)() while another task waits for data: leave a reader to one task")
    }
    // Bad news after a last piece, both before the caller's turn: it was woken by the
    // piece, found it too short, and is back. asyncio lets it wait here for ever.
    if let error { throw error }
    // [reader.resume-before-wait]
    // The buffer is over-full, and still it is not what the caller needs. With the
    // tap turned off, the caller would wait for bytes and the bytes for the caller
    // (M1: asyncio#99, in 2014). So whoever waits turns it on first.
    resumeTransport()
    let waiter = loop.createFuture(of: Void.self)
    self.waiter = waiter
    changed()
    defer {
      // [reader.own-waiter]
      // Cancelled while nothing has come, the future is still in its place. But only
      // if it is ours: in asyncio this line takes away whichever future is there, and
      // when another task has begun to wait in between, it waits for ever.
      if self.waiter === waiter {
        self.waiter = nil
        changed()
      }
    }
    try await waiter.value()
  }

  // [reader.maybe-resume]
  /// Something has been taken out. Down to the limit, the tap is turned on again; at
  /// twice the limit it was turned off. With one mark for both it would be on and off
  /// at every line.
  ///
  /// asyncio: StreamReader._maybe_resume_transport
  func maybeResumeTransport() {
    changed()
    if buffer.count <= limit { resumeTransport() }
  }

  private func resumeTransport() {
    if !paused { return }
    paused = false
    changed()
    transport?.resumeReading()
  }

  // MARK: For the observer

  /// Tells the observer, if there is one and anything is different.
  func changed(file: StaticString = #fileID, line: UInt = #line) {
    if loop.observer == nil { return }
    let new = state
    if new == told { return }
    told = new
    loop.tell(.readerChanged(new), self, CallSite(file, line))
  }

  /// What there is to see from outside.
  package var state: ReaderState {
    var state = ReaderState(name: name, limit: limit)
    state.bufferSize = buffer.count
    state.isAtEnd = eof
    state.failure = error.map { "\($0)" }
    state.hasPaused = paused
    state.waiter = waiter?.name
    return state
  }
}
