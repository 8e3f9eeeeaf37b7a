import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing
import Transports

/// `run`, in time.
func run<Value>(
  _ main: sending @escaping (EventLoop) async throws -> Value
) throws -> Value {
  try inTime(main)
}

/// What a factory throws that has no protocol to give.
struct NoProtocol: Error {}

/// Sends back what comes.
final class Echo: StreamProtocol {
  var transport: SocketTransport!
  func connectionMade(_ transport: SocketTransport) throws {
    self.transport = transport
  }
  func dataReceived(_ bytes: [UInt8]) throws { try transport.write(bytes) }
  func connectionLost(_ error: (any Error)?) throws { transport = nil }
}

/// Counts the server's protocols and keeps them.
final class Club {
  var members: [Diary] = []
  var prepare: (Diary) -> Void = { _ in }
  func join() -> Diary {
    let diary = Diary()
    prepare(diary)
    members.append(diary)
    return diary
  }
}

/// A plain client of a server on this machine, connected and non-blocking.
func plainClient(_ server: Server, _ number: Int = 0) throws -> Socket {
  let place = try server.sockets[number].getsockname()
  let socket = try Socket(place.family)
  try socket.connect(place)
  try socket.setBlocking(false)
  return socket
}

extension ScriptedLoop {
  static let client = try! SocketAddress("127.0.0.1", port: 4711)

  /// A server whose listener is descriptor 5. Its first lines come from here.
  func server(
    backlog: Int = 100, _ factory: @escaping () throws -> any BaseProtocol
  ) throws -> Server {
    kernel.expect(
      (.setBlocking(fd: 5, false), .done),
      (.listen(fd: 5, backlog: Int32(backlog)), .done))
    let listener = socket(5)
    let loop = loop
    let making = try loop.createTask {
      try await loop.createServer(factory, sock: listener, backlog: backlog)
    }
    settle()
    return try making.result()
  }

  /// What the kernel is asked when a connection becomes a transport.
  func expectBirth(_ fd: Int32) {
    kernel.expect(
      (.getsockname(fd: fd), .address(Self.client)),
      (.setsockopt(fd: fd, .noDelay, 1), .done))
  }

  /// The listener is readable, for one turn.
  func turnWithClients() {
    selector.report([5: .read])
    loop.runOnce()
  }

  func accepts() -> Int { kernel.calls.count { $0 == .accept(fd: 5) } }
  func isClosed(_ fd: Int32) -> Bool { kernel.calls.contains(.close(fd: fd)) }
}

extension ScriptedLoop {
  /// Turns, until a task is done that asks the resolver: its thread is a real one, and
  /// the selector is not.
  func finish<Value>(_ task: LoopTask<Value>) throws -> Value {
    let deadline = systemKernel.now() + patience
    while !task.done() && systemKernel.now() < deadline {
      selector.report([:])
      loop.runOnce()
    }
    return try task.result()
  }
}
