import CLibrary
import Transports
import EventLoops
import Selectors
import Simulation
import Sockets
import Streams
import TestSupport
import Testing

/// A reader whose connection is descriptor 5 of a scripted kernel: what comes, and when,
/// stands in the test.
final class Tap {
  let replay: ScriptedLoop
  let reader: StreamReader
  let writer: StreamWriter

  init(limit: Int) throws {
    let replay = try ScriptedLoop()
    replay.kernel.expect(
      (.setBlocking(fd: 5, false), .done), (.getsockname(fd: 5), .error(ENOTCONN)),
      (.getpeername(fd: 5), .error(ENOTCONN)), (.setsockopt(fd: 5, .noDelay, 1), .done))
    let socket = replay.socket(5)
    let opening = try replay.loop.createTask { [loop = replay.loop] in
      try await loop.openConnection(sock: socket, limit: limit)
    }
    replay.settle()
    (reader, writer) = try opening.result()
    self.replay = replay
  }

  deinit { try? replay.loop.close() }

  /// A turn in which the selector reports the socket, and what `recv` brings then.
  func bring(_ text: String) {
    replay.kernel.expect((.recv(fd: 5, limit: 262_144), .bytes(text.bytes)))
    turn()
  }

  /// A turn in which the socket is readable, for whoever wants to know.
  func turn() {
    replay.selector.report([5: .read])
    replay.loop.runOnce()
  }

  /// Begins to read, and goes as far as it can.
  func begin<Value>(
    _ body: @escaping (StreamReader) async throws -> Value
  ) throws -> LoopTask<Value> {
    let task = try replay.loop.createTask { [reader] in try await body(reader) }
    replay.settle()
    return task
  }

  /// What the reader thinks, what the transport does, and what the selector was told:
  /// one and the same, always.
  var isOpen: Bool {
    let isReading = writer.transport.isReading()
    #expect(reader.state.hasPaused != isReading)
    #expect((replay.selector.keys[5] != nil) == isReading)
    return isReading
  }
}
