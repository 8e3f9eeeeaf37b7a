// What the replays with transports have in common: the program at the transport's other
// side, errors as Python has them, and some help on the stage.

import CLibrary
import EventLoops
import Recording
import Scenarios
import Simulation
import Sockets
import Transports

// An old transport and today's share no class. What a replay's program needs of either
// is so little that a protocol can say it; thus one program is played with both.

/// What the programs of these replays ask of a transport, be it an old one or today's.
protocol AnyTransport: AnyObject {
  func write(_ bytes: [UInt8]) throws
  func writelines(_ chunks: [[UInt8]]) throws
  func setWriteBufferLimits(high: Int?, low: Int?) throws
  func pauseReading()
  func resumeReading()
  func close()
  func abort()
}

extension SocketTransport: AnyTransport {}

/// The program's half of a connection in these replays: it does what the replay says.
final class Program: StreamProtocol {
  /// Settled when the connection is lost.
  let over: Future<Void>
  private(set) var isPaused = false
  var onMade: (any AnyTransport) throws -> Void = { _ in }
  var onData: () -> Void = {}
  var onResume: () throws -> Void = {}
  init(_ loop: EventLoop) { over = loop.createFuture(of: Void.self) }

  func connectionMade(_ transport: SocketTransport) throws { try made(transport) }
  func made(_ transport: any AnyTransport) throws {
    defer { onMade = { _ in } }  // these hold one another, and us
    try onMade(transport)
  }
  func dataReceived(_ bytes: [UInt8]) { onData() }
  func pauseWriting() { isPaused = true }
  func resumeWriting() throws {
    isPaused = false
    try onResume()
  }
  func connectionLost(_ error: (any Error)?) throws {
    (onData, onResume) = ({}, {})
    try over.setResult(())
  }
}

/// An error that Python raises and Swift does not know. It remembers the line, as in
/// Python.
struct PythonError: Error, CustomStringConvertible {
  let name: String
  let reason: String
  var site = CallSite()
  var description: String { "\(name): \(reason)" }
}

extension Optional {
  /// Swift's compiler asks what to do about `nil`. Python raises an error when it gets
  /// there.
  func orNone(
    _ attribute: String, file: StaticString = #fileID, line: UInt = #line
  ) throws -> Wrapped {
    if let self { return self }
    throw PythonError(
      name: "AttributeError", reason: "None has no \(attribute)",
      site: CallSite(file, line))
  }
}

extension Stage {
  /// What every transport asks the kernel when it is made, and then the script.
  static func script(_ lines: ScriptedKernel.Line...) -> [ScriptedKernel.Line] {
    let place = SystemAnswer.address(try! SocketAddress("127.0.0.1", port: 9006))
    return [
      (.getsockname(fd: 5), place), (.getpeername(fd: 5), place),
      (.setsockopt(fd: 5, .noDelay, 1), .done),
    ] + lines
  }

  /// A socket that does not block, and a peer in the world.
  func pair() throws -> Socket {
    let socket = try narrowConnection()
    try socket.setBlocking(false)
    return socket
  }

  /// Gives the socket to a transport.
  func connect(
    _ socket: Socket, _ program: Program, _ shape: Scar.Shape, _ old: OldTransport.Type
  ) throws {
    switch shape {
    case .old: try old.init(loop, socket, program).start()
    case .today: _ = try SocketTransport.make(loop, socket, program)
    }
  }

  /// So many turns of a loop that would go on for ever; fewer, if the program's
  /// connection is lost. Then the loop is closed.
  func run(turns: Int, _ program: Program) throws {
    for _ in 1...turns where !program.over.done() { loop.runOnce() }
    if !program.over.done() {
      recorder.note("the loop is stopped from outside, after \(turns) turns")
    }
    try end()
  }
}

extension Recorder {
  /// How many bytes the kernel took in this part.
  var sent: Int {
    calls.reduce(0) { sum, made in
      switch made {
      case (.send, .number(let count)), (.sendmsg, .number(let count)): sum + count
      default: sum
      }
    }
  }
}
