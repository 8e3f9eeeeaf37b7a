import CLibrary
import EventLoops
import Recording
import Selectors
import Simulation
import SocketOperations
import Sockets

// The scenarios of the chapter on sock_connect.

extension Scenario {
  static let connect = Scenario(
    "connect", "EINPROGRESS, a wait for writability, SO_ERROR says 0: connected"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let place = try stage.world.listen()
    let client = try stage.socket("client")
    try stage.run(
      loop.createTask {
        try await loop.sockConnect(client, place)
        client.close()
      })
  }

  static let connectRefused = Scenario(
    "connect-refused", "nobody listens: writable all the same, and SO_ERROR tells why"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    // Port 1 has had a meaning since 1988, and hardly ever a listener.
    let place = try SocketAddress("127.0.0.1", port: 1)
    let client = try stage.socket("client")
    try stage.run(
      loop.createTask {
        do {
          try await loop.sockConnect(client, place)
        } catch let error as SystemError {
          recorder.note("the program catches \(error.name)")
          client.close()
        }
      })
  }

  static let connectInProgress = Scenario(
    "connect-in-progress",
    "a handshake that takes its time, and a signal: one connect only",
    isScripted: true
  ) { recorder in
    let place = try SocketAddress("192.0.2.1", port: 80)
    let stage = try Stage(
      recorder,
      [
        // A signal ends the call. The handshake goes on.
        (.connect(fd: 5, place), .error(EINTR)),
        (.getsockopt(fd: 5, .error), .number(0)),
      ],
      // Nothing is ready until the timer, and then the socket is writable.
      selector: [[:], [:], [:], [5: .write]])
    let loop = stage.loop
    let client = stage.scripted(5, "client")
    try stage.run(
      loop.createTask {
        // Something else that goes on meanwhile.
        try loop.createTask("ticker") { try await loop.sleep(0.25) }
        try await loop.sockConnect(client, place)
      })
  }

  static let connectCancelled = Scenario(
    "connect-cancelled",
    "nobody answers; cancelled, the writer goes, the number is free"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    // A listener with room for one, and that place is taken: the kernel does not
    // even answer the next client.
    let place = try stage.world.listen(backlog: 0)
    try stage.world.connect(place)
    let client = try stage.socket("client")
    try stage.run(
      loop.createTask {
        let waiting = try loop.createTask { try await loop.sockConnect(client, place) }
        try await loop.sleep(0)
        waiting.cancel()
        do {
          try await waiting.value()
        } catch is CancellationError {
          // The writer was removed before we woke up. A socket that gets this
          // descriptor's number now finds nothing of ours under it (C1).
          client.close()
        }
      })
  }
}
