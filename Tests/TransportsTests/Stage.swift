import CLibrary
import EventLoops
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

@testable import Transports

/// A transport on descriptor 5 of a scripted kernel, and the protocol that meets it.
final class Stage {
  let replay: ScriptedLoop
  let loop: EventLoop
  let diary = Diary()
  let transport: SocketTransport

  /// - Parameters:
  ///   - proto: the protocol; `diary` if left out.
  ///   - isBorn: whether the turn in which `connectionMade` is called is over.
  ///   - script: what follows the calls of the birth.
  init(
    of proto: (any BaseProtocol)? = nil, isBorn: Bool = true,
    _ script: ScriptedKernel.Line...
  ) throws {
    replay = try ScriptedLoop()
    loop = replay.loop
    Self.expectBirth(replay.kernel)
    for line in script { replay.kernel.expect(line) }
    transport = try #require(
      try SocketTransport.make(loop, replay.socket(5), proto ?? diary))
    if isBorn { loop.runOnce() }
  }

  /// What every new transport asks the kernel.
  static func expectBirth(_ kernel: ScriptedKernel) {
    kernel.expect(
      (.getsockname(fd: 5), .error(ENOTCONN)), (.getpeername(fd: 5), .error(ENOTCONN)),
      (.setsockopt(fd: 5, .noDelay, 1), .done))
  }

  /// A turn in which the selector says so.
  func turn(_ events: Events) {
    replay.selector.report([5: events])
    loop.runOnce()
  }

  var reader: Handle? { loop.handlers(of: 5)?.reader }
  var writer: Handle? { loop.handlers(of: 5)?.writer }
  var reports: [ExceptionContext] { replay.reports }
  /// How often the descriptor was given back.
  var closes: Int { replay.kernel.calls.count { $0 == .close(fd: 5) } }
  /// The connection is lost, and nothing of it is left in the loop.
  var isGone: Bool {
    closes == 1 && replay.selector.keys[5] == nil && loop.transports.isEmpty
      && loop.ready.isEmpty && transport.getProtocol() == nil
  }
}

/// A protocol that shows where to put the bytes, and writes down what it is told.
final class Tray: BufferedStreamProtocol {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 1)
  var entries: [String] = []
  var bytes: [UInt8] = []
  var onGetBuffer:
    (UnsafeMutableRawBufferPointer) throws ->
      UnsafeMutableRawBufferPointer = { $0 }
  var onUpdate: () throws -> Void = {}
  var onEnd: () throws -> Bool = { false }
  deinit { memory.deallocate() }

  func connectionMade(_ transport: SocketTransport) throws { entries.append("made") }
  func getBuffer(_ hint: Int) throws -> UnsafeMutableRawBufferPointer {
    entries.append("buffer \(hint)")
    return try onGetBuffer(memory)
  }
  func bufferUpdated(_ count: Int) throws {
    entries.append("updated \(count)")
    bytes += memory[..<count]
    try onUpdate()
  }
  func eofReceived() throws -> Bool {
    entries.append("eof")
    return try onEnd()
  }
  func connectionLost(_ error: (any Error)?) throws {
    entries.append(error.map { "lost: \($0)" } ?? "lost")
  }
}

/// A transport on one end of a pair, and the other end.
func made(
  _ loop: EventLoop, _ diary: Diary
) async throws -> (transport: SocketTransport, peer: Socket) {
  let (socket, peer) = try socketPair(isBlocking: false)
  diary.lost = loop.createFuture(of: Void.self)
  let transport = try await loop.createConnection({ diary }, sock: socket).transport
  return (transport, peer)
}
