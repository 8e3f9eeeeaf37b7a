import EventLoops
import Recording
import SocketOperations
import Sockets
import Streams
import Transports

// The scenarios in which the reader is the client. They go on for ever: the reader
// decides when it is enough.

extension LiveScenario {
  static let accept = LiveScenario("accept", "each client is accepted, and hung up on")
  {
    recorder, port in
    let stage = try Stage(recorder, isLive: true)
    let loop = stage.loop
    let listener = try stage.listener(port: port)
    try stage.run(
      loop.createTask {
        while true {
          let (connection, _) = try await loop.sockAccept(listener)
          connection.close()
        }
      })
  }

  static let sockEcho = LiveScenario(
    "sock-echo",
    "sockRecv and sockSendall: what comes goes back, a task for each client"
  ) { recorder, port in
    let stage = try Stage(recorder, isLive: true)
    let loop = stage.loop
    let listener = try stage.listener(port: port)
    func echo(_ connection: Socket) async throws {
      defer { connection.close() }
      do {
        while true {
          let bytes = try await loop.sockRecv(connection, 1024)
          if bytes.isEmpty { break }
          try await loop.sockSendall(connection, bytes)
          // Who never stops writing would keep the others waiting (chapter 2).
          try await loop.sleep(0)
        }
      } catch let error as SystemError {
        recorder.note("the program catches \(error.name)")
      }
    }
    try stage.run(
      loop.createTask("main") {
        while true {
          let (connection, _) = try await loop.sockAccept(listener)
          _ = try loop.createTask { try await echo(connection) }
          try await loop.sleep(0)
        }
      })
  }

  static let transportEcho = LiveScenario(
    "transport-echo", "a protocol that writes what it receives"
  ) { recorder, port in
    let stage = try Stage(recorder, isLive: true)
    let loop = stage.loop
    stage.hearErrors()
    try stage.run(
      loop.createTask("main") {
        recorder.nameNext("listener")
        let server = try await loop.createServer(
          { Echo() }, host: "127.0.0.1", port: port)
        try await server.serveForever()
      })
  }

  static let streamEcho = LiveScenario(
    "stream-echo", "a reader and a writer for each client; an answer takes a whole line"
  ) { recorder, port in
    let stage = try Stage(recorder, isLive: true)
    let loop = stage.loop
    stage.hearErrors()
    try stage.run(
      loop.createTask("main") {
        recorder.nameNext("listener")
        let server = try await loop.startServer(host: "127.0.0.1", port: port) {
          reader, writer in
          for try await line in reader {
            try writer.write(line)
            try await writer.drain()
            try await loop.sleep(0)
          }
          writer.close()
          try await writer.waitClosed()
        }
        try await server.serveForever()
      })
  }
}
