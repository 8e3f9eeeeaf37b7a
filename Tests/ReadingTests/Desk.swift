import EventLoops
import Sockets
import Streams
import TestSupport
import Testing
import Transports

/// A reader that is fed by hand. There is no connection, and no time passes: a read
/// that is not done when the queue is empty would wait for ever.
final class Desk {
  let replay: ScriptedLoop
  let reader: StreamReader

  init(limit: Int = StreamReader.defaultLimit) throws {
    replay = try ScriptedLoop()
    reader = try StreamReader(limit: limit, loop: replay.loop)
  }

  /// What is still waiting does not outlive the test.
  deinit { try? replay.loop.close() }

  /// Begins to read. What does not have to wait is done afterwards.
  func begin<Value>(
    _ body: @escaping (StreamReader) async throws -> Value
  ) throws -> LoopTask<Value> {
    let task = try later(body)
    replay.settle()
    return task
  }

  /// The same, but the task has not had its first turn yet.
  func later<Value>(
    _ body: @escaping (StreamReader) async throws -> Value
  ) throws -> LoopTask<Value> {
    try replay.loop.createTask { [reader] in try await body(reader) }
  }

  /// Reads what does not have to be waited for.
  func now<Value>(
    _ body: @escaping (StreamReader) async throws -> Value
  ) throws -> Value {
    try begin(body).result()
  }

  /// Brings pieces, each in a turn of its own.
  func feed(_ pieces: String...) throws {
    for piece in pieces { try feed(piece.bytes) }
  }

  func feed(_ piece: [UInt8]) throws {
    try reader.feedData(piece)
    replay.settle()
  }

  /// Brings the end.
  func end() throws {
    try reader.feedEof()
    replay.settle()
  }

  /// How many bytes wait in the buffer.
  var left: Int { reader.state.bufferSize }
  /// Whether somebody waits.
  var isAwaited: Bool { reader.state.waiter != nil }
}

extension StreamReader {
  /// All lines, by iteration. One without an end would never give its turn away, and
  /// nothing could stop it; so there is a limit.
  func lines(atMost limit: Int = 100) async throws -> [String] {
    var lines: [String] = []
    for try await line in self {
      lines.append(line.text)
      if lines.count > limit { throw Mishap(number: limit) }
    }
    return lines
  }
}

/// A reader and a writer on one end of a pair, and the other end.
func connected(
  _ loop: EventLoop, limit: Int = StreamReader.defaultLimit
) async throws -> (reader: StreamReader, writer: StreamWriter, peer: Socket) {
  let (socket, peer) = try socketPair(isBlocking: false)
  let (reader, writer) = try await loop.openConnection(sock: socket, limit: limit)
  return (reader, writer, peer)
}
