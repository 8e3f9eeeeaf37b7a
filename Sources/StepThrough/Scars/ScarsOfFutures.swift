import EventLoops
import Recording
import Scenarios
import Sockets
import Transports

// What futures were asked to do before it was known better.

extension Scar {
  /// Somebody gives up on a connection in the turn in which its transport is made.
  static let f1 = Replay(before: "asyncio until July 2014", isScripted: false) {
    recorder, shape in
    let stage = try Stage(recorder)
    stage.hearErrors()
    let loop = stage.loop
    let socket = try stage.connection("socket")
    let task = try loop.createTask {
      switch shape {
      case .old: try await loop.createConnectionF1(socket)
      case .today: _ = try await loop.createConnection({ Guest() }, sock: socket)
      }
    }
    // Behind the task's first step, which makes the transport and begins to wait.
    try loop.callSoon("cancel the task") { task.cancel() }
    for _ in 1...3 { loop.runOnce() }
    try stage.end()
    let kinds = stage.errors.map { "\(type(of: $0))" }
    return "the exception handler hears of "
      + (kinds.isEmpty ? "nothing" : kinds.joined(separator: ", "))
  }
}

/// A protocol of which nothing is wanted.
final class Guest: StreamProtocol {}

extension EventLoop {
  // [scar.f1]
  /// asyncio: BaseEventLoop.create_connection, until July 2014
  func createConnectionF1(_ socket: Socket) async throws {
    let waiter = createFuture(of: Void.self)
    // This queues two callbacks of birth, and the third is the next line. (In asyncio
    // all three were in the transport's constructor, as they are now.)
    let transport = try SocketTransport.make(self, socket, Guest())
    try callSoon("setResult") {
      // Here was missing: unless it is cancelled. When this was queued the future was
      // pending. That was a turn ago.
      try waiter.setResult(())
    }
    do {
      try await waiter.value()
    } catch {
      transport?.close()
      throw error
    }
  }
}
