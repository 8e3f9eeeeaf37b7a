import CLibrary
import EventLoops
import Recording
import Scenarios
import Simulation
import Sockets
import Telling
import Transports

// How a server took its clients before each of these bugs was mended.

extension Scar {
  /// Two clients come together.
  static let a4 = Replay(before: "asyncio until September 2016") { recorder, shape in
    let clients: [ScriptedKernel.Line] = (6...7).flatMap(arrival)
    let stage = try Stage(
      recorder, listening + clients + [(.accept(fd: 5), .error(EAGAIN))])
    try stage.serve("two clients come", shape, turns: 2) {
      try $0.acceptConnectionA4()
    }
    let turns = recorder.turnsOfArrival
    return "\(count(turns.count, "client")) in \(count(Set(turns).count, "turn"))"
  }

  /// Two clients have come, and the first has given up by now.
  static let a5 = Replay(before: "asyncio 3.6 to 3.13") { recorder, shape in
    let stage = try Stage(
      recorder,
      listening + [(.accept(fd: 5), .error(ECONNABORTED))] + arrival(of: 6)
        + [(.accept(fd: 5), .error(EAGAIN))])
    try stage.serve("two clients come, and the first gives up", shape, turns: 2) {
      try $0.acceptConnectionA5()
    }
    let aborted = recorder.turns { call, answer in
      if case (.accept, .error(ECONNABORTED)) = (call, answer) { true } else { false }
    }
    let late = recorder.turnsOfArrival[0] - aborted[0]
    return "the client behind the dead one is accepted "
      + (late == 0 ? "in the same turn" : "\(count(late, "turn")) later")
  }

  /// A client has come, and the process has as many descriptors as it may.
  static let a6 = Replay(before: "asyncio 3.6 to 3.14") { recorder, shape in
    let refusal: ScriptedKernel.Line = (.accept(fd: 5), .error(EMFILE))
    let stage = try Stage(recorder, listening + [refusal, refusal, refusal])
    stage.hearErrors()
    let timers = try stage.serve("a client comes", shape, turns: 1) {
      try $0.acceptConnectionA6()
    }
    return "\(count(stage.errors.count, "report")) and \(count(timers, "timer"))"
      + " for one client"
  }

  /// A listener with room for three.
  private static let listening: [ScriptedKernel.Line] = [
    (.setBlocking(fd: 5, false), .done), (.listen(fd: 5, backlog: 3), .done),
  ]

  /// A client, and what is asked about it.
  private static func arrival(of fd: Int32) -> [ScriptedKernel.Line] {
    let here = try! SocketAddress("127.0.0.1", port: 9006)
    let client = try! SocketAddress("127.0.0.1", port: 50_000 + UInt16(fd))
    return [
      (.accept(fd: 5), .descriptor(fd, client)), (.getsockname(fd: fd), .address(here)),
      (.setsockopt(fd: fd, .noDelay, 1), .done),
    ]
  }
}

extension Stage {
  /// Runs a server, an old one or today's, for some turns after its clients have come.
  ///
  /// - Returns: how many timers there are at the end.
  @discardableResult
  fileprivate func serve(
    _ news: String, _ shape: Scar.Shape, turns: Int,
    _ accept: @escaping (OldServer) throws -> Void
  ) throws -> Int {
    let listener = scripted(5, "listener")
    let loop = loop
    try loop.createTask {
      switch shape {
      case .old: try OldServer(loop, listener, backlog: 3).start(accept)
      case .today:
        _ = try await loop.createServer({ Guest() }, sock: listener, backlog: 3)
      }
    }
    loop.runOnce()
    recorder.note(news)
    scriptedKernel?.epoll?.ready[5] = EpollBits.in
    for _ in 1...turns { loop.runOnce() }
    let timers = loop.scheduled.count
    try end()
    return timers
  }
}

extension Recorder {
  /// The turns in which clients were accepted.
  fileprivate var turnsOfArrival: [Int] {
    turns { call, answer in
      if case (.accept, .descriptor) = (call, answer) { true } else { false }
    }
  }
}

/// A server as it was: a reader on the listener, and a task for each client. How it
/// accepts is another story each time, and stands below.
final class OldServer {
  let loop: EventLoop
  let listener: Socket
  let backlog: Int
  init(_ loop: EventLoop, _ listener: Socket, backlog: Int) {
    (self.loop, self.listener, self.backlog) = (loop, listener, backlog)
  }

  func start(_ accept: @escaping (OldServer) throws -> Void) throws {
    try listener.setBlocking(false)
    try listener.listen(Int32(backlog))
    try startServing(accept)
  }

  /// asyncio: BaseSelectorEventLoop._start_serving
  func startServing(_ accept: @escaping (OldServer) throws -> Void) throws {
    _ = try loop.addReader(
      watching: listener.descriptor,
      Handle("acceptConnection", loop, CallSite()) { try accept(self) })
  }

  /// asyncio: BaseSelectorEventLoop._accept_connection2
  func serve(_ connection: Socket, _ address: SocketAddress) throws {
    try loop.createTask { [loop] in
      let waiter = loop.createFuture(of: Void.self)
      _ = try SocketTransport.make(
        loop, connection, Guest(), waiter: waiter, peername: address)
      try await waiter.value()
    }
  }
}

extension OldServer {
  // [scar.a4]
  /// asyncio: BaseSelectorEventLoop._accept_connection, until September 2016
  func acceptConnectionA4() throws {
    // Here was missing: a loop. One client a turn is fair to everybody else, and of a
    // hundred that come together, the last one waits a hundred turns.
    do {
      let (connection, address) = try listener.accept()
      try serve(connection, address)
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      return
    }
  }

  // [scar.a5]
  /// asyncio: BaseSelectorEventLoop._accept_connection, 3.6 to 3.13
  func acceptConnectionA5() throws {
    for _ in 0..<backlog {
      do {
        let (connection, address) = try listener.accept()
        try serve(connection, address)
      } catch let error as SystemError
        where error.wouldBlock || error.interrupted || error.errno == ECONNABORTED
      {
        // Written when there was no loop around it. "Nobody is there" ends the loop;
        // "this one has left" should only end its turn of it.
        return
      }
    }
  }

  // [scar.a6]
  /// asyncio: BaseSelectorEventLoop._accept_connection, until June 2026
  func acceptConnectionA6() throws {
    for _ in 0..<backlog {
      do {
        let (connection, address) = try listener.accept()
        try serve(connection, address)
      } catch let error as SystemError where error.errno == EMFILE {
        loop.callExceptionHandler(
          ExceptionContext("accept() is out of system resources", error))
        try loop.removeReader(listener.descriptor)
        try loop.callLater(1, "startServing") {
          try self.startServing { try $0.acceptConnectionA6() }
        }
        // Here was missing: return. There will be no more descriptors a moment later.
      }
    }
  }
}
