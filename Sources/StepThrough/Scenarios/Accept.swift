import CLibrary
import EventLoops
import Recording
import Selectors
import Simulation
import SocketOperations
import Sockets

// The scenarios of the chapter on sock_accept.

extension Scenario {
  static let accept = Scenario(
    "accept", "nobody is there yet: EAGAIN, a wait, a client, a connection"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let listener = try stage.listener()
    // The client comes when the loop has nothing left to do but wait.
    recorder.whenIdle { try stage.aClientConnects() }
    try stage.run(
      loop.createTask {
        let (connection, _) = try await loop.sockAccept(listener)
        connection.close()
      })
  }

  static let acceptReady = Scenario(
    "accept-ready", "a client is waiting already: no suspension at all"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let listener = try stage.listener()
    try stage.aClientConnects()
    try stage.run(
      loop.createTask {
        // Watch the task: it comes to its end in the callback in which it began.
        let (connection, _) = try await loop.sockAccept(listener)
        connection.close()
      })
  }

  static let acceptTwo = Scenario(
    "accept-two", "two clients, two accepts: the reader comes and goes twice"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let listener = try stage.listener()
    recorder.whenIdle { try stage.aClientConnects() }
    recorder.whenIdle { try stage.aClientConnects() }
    try stage.run(
      loop.createTask {
        for _ in 1...2 {
          // Each call makes a future of its own and registers a reader of its own.
          let (connection, _) = try await loop.sockAccept(listener)
          connection.close()
        }
      })
  }

  static let acceptCancelled = Scenario(
    "accept-cancelled",
    "cancelled while it waits: the reader goes, the listener can close"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let listener = try stage.listener()
    try stage.run(
      loop.createTask {
        let waiting = try loop.createTask { _ = try await loop.sockAccept(listener) }
        // One turn, in which it begins to wait. Then somebody loses patience.
        try await loop.sleep(0)
        waiting.cancel()
        do {
          try await waiting.value()
        } catch is CancellationError {
          // The clean-up was queued before our wake-up. So by now nothing watches
          // the listener any more, and its descriptor can be given back.
          listener.close()
        }
      })
  }

  static let acceptSpurious = Scenario(
    "accept-spurious", "readable, but somebody else was faster: EAGAIN once more",
    isScripted: true
  ) { recorder in
    let client = try SocketAddress("127.0.0.1", port: 50_001)
    let stage = try Stage(
      recorder,
      [
        (.accept(fd: 5), .error(EAGAIN)),
        // Another process has inherited this listener, and it took the client.
        (.accept(fd: 5), .error(EAGAIN)),
        (.accept(fd: 5), .descriptor(6, client)),
      ],
      selector: [[:], [5: .read], [5: .read]])
    let loop = stage.loop
    let listener = stage.scripted(5, "listener")
    try stage.run(
      loop.createTask {
        let (connection, _) = try await loop.sockAccept(listener)
        connection.close()
      })
  }

  static let acceptAgain = Scenario(
    "accept-again", "accepting again at once: the old clean-up finds a new reader",
    isScripted: true
  ) { recorder in
    let client = try SocketAddress("127.0.0.1", port: 50_001)
    let stage = try Stage(
      recorder,
      [
        (.accept(fd: 5), .error(EAGAIN)),
        // Another process has inherited this listener, and it took the client.
        (.accept(fd: 5), .error(EAGAIN)),
        (.accept(fd: 5), .descriptor(6, client)),
        (.accept(fd: 5), .error(EAGAIN)),
        (.accept(fd: 5), .descriptor(7, client)),
      ],
      selector: [[:], [5: .read], [5: .read], [:], [5: .read]])
    let loop = stage.loop
    let listener = stage.scripted(5, "listener")
    try stage.run(
      loop.createTask {
        for _ in 1...2 {
          // The second call begins before the last clean-up of the first has had its
          // turn. Whose reader will that one find?
          let (connection, _) = try await loop.sockAccept(listener)
          connection.close()
        }
      })
  }

  static let acceptError = Scenario(
    "accept-error", "EMFILE at once, ECONNABORTED later: real errors reach the caller",
    isScripted: true
  ) { recorder in
    let stage = try Stage(
      recorder,
      [
        (.accept(fd: 5), .error(EMFILE)),
        (.accept(fd: 5), .error(EAGAIN)),
        (.accept(fd: 5), .error(ECONNABORTED)),
      ],
      selector: [[:], [5: .read]])
    let loop = stage.loop
    let listener = stage.scripted(5, "listener")
    try stage.run(
      loop.createTask {
        for _ in 1...2 {
          do {
            _ = try await loop.sockAccept(listener)
          } catch let error as SystemError {
            // The same `catch` for both, although the second error was found in a
            // callback, and this task was not even running.
            recorder.note("the program catches \(error.name)")
          }
        }
      })
  }
}
