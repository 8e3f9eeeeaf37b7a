import CLibrary
import EventLoops
import Recording
import Scenarios
import Selectors
import Simulation
import Sockets
import Streams
import Telling
import Transports

// Streams wait: for bytes, for room, for news. In these four somebody waits for somebody
// who waits for him, or does not wait where he should, or is not waited for.

extension Scar {
  /// Twenty bytes are asked for, and the reader's limit is four.
  static let m1 = Replay(before: "asyncio until January 2014", isScripted: false) {
    recorder, shape in
    let stage = try Stage(recorder)
    for news in ["ten bytes", "ten more bytes"] {
      recorder.whenIdle {
        try stage.world.send("0123456789")
        recorder.note("the peer sends \(news)")
      }
    }
    let loop = stage.loop
    let old = ReaderM1(loop, limit: 4)
    let today = try StreamReader(limit: 4, loop: loop)
    _ = try SocketTransport.make(
      loop, stage.pair(),
      shape == .old ? old : StreamReaderProtocol(today))
    let task = try loop.createTask {
      switch shape {
      case .old: try await old.readexactly(20)
      case .today: try await today.readexactly(20)
      }
    }
    return try stage.runUntilStuck(task)
      ? "readexactly returned \(count(task.result().count, "byte"))"
      : "readexactly never returned"
  }

  /// A loop of `write` and `drain`, to a peer that has gone.
  static let m3 = Replay(before: "asyncio until October 2015") { recorder, shape in
    let stage = try Stage(
      recorder, Stage.script((.send(fd: 5, count: 4), .error(EPIPE))), selector: [])
    let reader = try StreamReader(loop: stage.loop)
    let proto = StreamReaderProtocol(reader)
    let transport = try SocketTransport.make(
      stage.loop, stage.scripted(5, "socket"), proto)!
    let writer = StreamWriter(transport, proto, reader)
    var writes = 0
    var news = "nothing"
    let task = try stage.loop.createTask {
      do {
        repeat {
          writes += 1
          try writer.write(Array("tick".utf8))
          switch shape {
          case .old: try await writer.drainM3(reader, recorder)
          case .today: try await writer.drain()
          }
        } while writes < 4  // for ever, but for this
        recorder.note(
          "the replay ends the program's loop; only its first write asked the kernel")
      } catch let error as SystemError {
        recorder.note("the program catches \(error.name)")
        // (Not EPIPE: that is with the reader, and only the next `drain` throws it.)
        news = error.name
      }
    }
    try stage.runUntilStuck(task)
    return "after \(count(writes, "write")) the program has heard \(news)"
  }

  /// Two tasks write to one connection, and it is full.
  static let m4 = Replay(before: "asyncio until 3.10.7") { recorder, shape in
    let stage = try Stage(
      recorder,
      Stage.script(
        (.send(fd: 5, count: 3), .error(EAGAIN)),
        (.sendmsg(fd: 5, counts: [3, 3]), .number(6))),
      selector: [[:], [5: .write]])
    let loop = stage.loop
    let old = FlowControlM4(loop)
    let reader = try StreamReader(loop: loop)
    let today = StreamReaderProtocol(reader)
    let transport = try SocketTransport.make(
      loop, stage.scripted(5, "socket"), shape == .old ? old : today)!
    try transport.setWriteBufferLimits(high: 0)
    let tasks = try ["first", "second"].map { name in
      try loop.createTask(name) {
        try transport.write(Array("one".utf8))
        switch shape {
        case .old: try await old.drain(recorder)
        case .today: try await StreamWriter(transport, today, reader).drain()
        }
      }
    }
    try stage.runUntilStuck(tasks[0])
    let ends = try tasks.map { task in
      try task.exception().map { "threw \($0)" } ?? "returned"
    }
    return "the first drain \(ends[0]), the second \(ends[1])"
  }

  /// The peer asks, ends its half of the conversation, and waits for the answer.
  static let m7 = Replay(before: "asyncio before 3.5") { recorder, shape in
    let stage = try Stage(
      recorder,
      Stage.script(
        (.recv(fd: 5, limit: 262_144), .bytes(Array("6 * 7".utf8))),
        (.recv(fd: 5, limit: 262_144), .bytes([])),
        // Only who is still connected can answer.
        (.send(fd: 5, count: 2), .number(2))),
      selector: [[:], [5: .read], [5: .read]])
    let loop = stage.loop
    let reader = try StreamReader(loop: loop)
    let today = StreamReaderProtocol(reader)
    let transport = try SocketTransport.make(
      loop, stage.scripted(5, "socket"),
      shape == .old ? ProtocolM7(today, recorder) : today)!
    let writer = StreamWriter(transport, today, reader)
    try stage.runUntilStuck(
      loop.createTask {
        // Up to the end: only then the question is whole.
        _ = try await reader.read()
        recorder.note("the program writes its answer")
        try writer.write(Array("42".utf8))
        writer.close()
      })
    return "\(count(recorder.sent, "byte")) of the answer were sent"
  }
}

// [scar.m1]
/// A stream reader, and only what `readexactly` needs of it.
private final class ReaderM1: StreamProtocol {
  private let loop: EventLoop
  private let limit: Int
  private var transport: SocketTransport?
  private var bytes: [UInt8] = []
  private var waiter: Future<Void>?

  init(_ loop: EventLoop, limit: Int) { (self.loop, self.limit) = (loop, limit) }

  func connectionMade(_ transport: SocketTransport) { self.transport = transport }

  func dataReceived(_ new: [UInt8]) throws {
    bytes += new
    if let waiter, !waiter.done() { try waiter.setResult(()) }
    // Too much, and nobody has taken it. So no more for now.
    if bytes.count > 2 * limit { transport?.pauseReading() }
  }

  /// asyncio: StreamReader.readexactly
  func readexactly(_ count: Int) async throws -> [UInt8] {
    while bytes.count < count {
      // Here was missing: resume reading. We want more than there may be, and take
      // nothing before it is all there.
      let waiter = loop.createFuture(of: Void.self)
      self.waiter = waiter
      try await waiter.value()
    }
    return bytes
  }
}

// [scar.m3]
extension StreamWriter {
  /// asyncio: StreamWriter.drain
  fileprivate func drainM3(_ reader: StreamReader, _ recorder: Recorder) async throws {
    if let error = reader.exception() { throw error }
    // Here was missing: if the transport is closing, give a turn away. The bad news is
    // in the queue, and nothing leaves the queue as long as the program does not wait.
    //
    // Left out: to wait if the transport has asked for a pause. This one has not.
    recorder.note("this drain returns without waiting")
  }
}

// [scar.m4]
/// Flow control, with room for one who waits.
private final class FlowControlM4: StreamProtocol {
  private let loop: EventLoop
  private var paused = false
  private var drainWaiter: Future<Void>?
  init(_ loop: EventLoop) { self.loop = loop }

  func pauseWriting() { paused = true }

  func resumeWriting() throws {
    paused = false
    if let drainWaiter, !drainWaiter.done() { try drainWaiter.setResult(()) }
    drainWaiter = nil
  }

  /// asyncio: FlowControlMixin._drain_helper
  func drain(_ recorder: Recorder) async throws {
    if !paused { return }
    // Here stands a list today.
    if let drainWaiter, !drainWaiter.cancelled() {
      recorder.note("the assertion that nobody waits fails")
      throw PythonError(name: "AssertionError", reason: "somebody waits already")
    }
    let waiter = loop.createFuture(of: Void.self)
    drainWaiter = waiter
    try await waiter.value()
  }
}

// [scar.m7]
/// Today's protocol, but for one word.
private final class ProtocolM7: StreamProtocol {
  private let today: StreamReaderProtocol
  private let recorder: Recorder
  init(_ today: StreamReaderProtocol, _ recorder: Recorder) {
    (self.today, self.recorder) = (today, recorder)
  }

  func connectionMade(_ transport: SocketTransport) throws {
    try today.connectionMade(transport)
  }
  func dataReceived(_ bytes: [UInt8]) throws { try today.dataReceived(bytes) }

  /// asyncio: StreamReaderProtocol.eof_received
  func eofReceived() throws -> Bool {
    _ = try today.eofReceived()
    // Here was missing: keep the connection open. The task that will answer has been
    // woken a moment ago, by the line above, and has not had its turn.
    recorder.note("this eofReceived returns false: close the connection")
    return false
  }

  func connectionLost(_ error: (any Error)?) throws { try today.connectionLost(error) }
}
