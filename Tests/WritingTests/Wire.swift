import CLibrary
import EventLoops
import Selectors
import Simulation
import Sockets
import Streams
import TestSupport
import Testing
import Transports

/// A connection on descriptor 5 of a scripted kernel, with streams on top.
final class Wire {
  let replay: ScriptedLoop
  let reader: StreamReader
  let writer: StreamWriter

  /// - Parameter script: what follows the calls of the birth.
  init(_ script: ScriptedKernel.Line...) throws {
    let replay = try ScriptedLoop()
    replay.kernel.expect(
      (.setBlocking(fd: 5, false), .done), (.getsockname(fd: 5), .error(ENOTCONN)),
      (.getpeername(fd: 5), .error(ENOTCONN)), (.setsockopt(fd: 5, .noDelay, 1), .done))
    for line in script { replay.kernel.expect(line) }
    let socket = replay.socket(5)
    let opening = try replay.loop.createTask { [loop = replay.loop] in
      try await loop.openConnection(sock: socket)
    }
    replay.settle()
    (reader, writer) = try opening.result()
    self.replay = replay
  }

  deinit { try? replay.loop.close() }

  /// A turn in which the selector says so, and what comes of it.
  func turn(_ events: Events) {
    replay.selector.report([5: events])
    replay.loop.runOnce()
    replay.settle()
  }

  /// Begins, and goes as far as it can.
  func begin<Value>(
    _ body: @escaping (StreamReader, StreamWriter) async throws -> Value
  ) throws -> LoopTask<Value> {
    let task = try replay.loop.createTask { [reader, writer] in
      try await body(reader, writer)
    }
    replay.settle()
    return task
  }

  /// Somebody in `drain`.
  func drain() throws -> LoopTask<Void> {
    try begin { _, writer in try await writer.drain() }
  }

  var transport: SocketTransport { writer.transport }
  /// The connection is lost, and its descriptor is given back, once.
  var isGone: Bool {
    replay.kernel.calls.count { $0 == .close(fd: 5) } == 1
      && transport.getProtocol() == nil && replay.selector.keys[5] == nil
  }
}

/// The number of a system's error; `nil` for any other.
func errno(of error: (any Error)?) -> Int32? { (error as? SystemError)?.errno }

/// A reader and a writer on one end of a pair, and the other end.
func connected(
  _ loop: EventLoop
) async throws -> (reader: StreamReader, writer: StreamWriter, peer: Socket) {
  let (socket, peer) = try socketPair(isBlocking: false)
  let (reader, writer) = try await loop.openConnection(sock: socket)
  return (reader, writer, peer)
}

extension EventLoop {
  /// A client of a server on this machine.
  func visit(
    _ server: Server
  ) async throws -> (reader: StreamReader, writer: StreamWriter) {
    let port = try server.sockets[0].getsockname().port
    return try await openConnection(host: "127.0.0.1", port: port)
  }
}

extension StreamWriter {
  /// Closes, and waits for the end.
  func finish() async throws {
    close()
    try await waitClosed()
  }
}

extension Server {
  /// Closes, and waits for the last client.
  func finish() async throws {
    close()
    try await waitClosed()
  }
}
