import CLibrary
import EventLoops
import Recording
import Selectors
import Simulation
import Sockets
import Transports

// The scenarios of the chapter on servers.

extension Scenario {
  static let serverCloseRace = Scenario(
    "server-close-race", "accepted, and the server closed before anybody knew (V1)"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    try stage.run(
      loop.createTask("main") {
        let over = loop.createFuture(of: Void.self)
        recorder.nameNext("listener")
        let server = try await loop.createServer(
          { Echo(over) }, host: "127.0.0.1", port: 0)
        stage.place = try server.sockets[0].getsockname()
        try stage.aClientConnects()
        // Turn 1: this callback, and the accept. Turn 2: the close, and behind it the
        // first step of the task that the accept has made.
        try loop.callSoon("a turn later") {
          try loop.callSoon("close the server") { server.close() }
        }
        // By the time we wake up, that task has found that nobody wants its client.
        try await server.waitClosed()
      })
  }

  static let serverOutOfDescriptors = Scenario(
    "server-out-of-descriptors", "EMFILE: say so once, wait a second, try again (A6)",
    isScripted: true
  ) { recorder in
    let here = try SocketAddress("127.0.0.1", port: 9006)
    let there = try SocketAddress("127.0.0.1", port: 50_001)
    let stage = try Stage(
      recorder,
      [
        (.setBlocking(fd: 5, false), .done), (.listen(fd: 5, backlog: 100), .done),
        (.accept(fd: 5), .error(EMFILE)),
        // A second later. One client gave up, the one behind it did not (A5).
        (.accept(fd: 5), .error(ECONNABORTED)),
        (.accept(fd: 5), .descriptor(6, there)), (.accept(fd: 5), .error(EAGAIN)),
        (.getsockname(fd: 6), .address(here)),
        (.setsockopt(fd: 6, .noDelay, 1), .done), (.send(fd: 6, count: 3), .number(3)),
      ],
      selector: [[:], [:], [5: .read]])
    let loop = stage.loop
    let listener = stage.scripted(5, "listener")
    stage.hearErrors()
    try stage.run(
      loop.createTask("main") {
        let over = loop.createFuture(of: Void.self)
        let server = try await loop.createServer(
          { Goodbye(over, size: 3) }, sock: listener)
        try await loop.sleep(1)
        recorder.note("somebody hangs up elsewhere: there is a descriptor again")
        stage.script?.report([5: .read])
        try await over.value()
        server.close()
        try await server.waitClosed()
      })
  }
}
