import EventLoops
import Recording
import SocketOperations
import Sockets

// The source document's program, its server and its client, in one loop.

extension Scenario {
  static let chat = Scenario(
    "chat", "the document's server and client, in one loop: who runs when?"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let listener = try stage.listener()
    let place = stage.place!
    let client = try stage.socket("client")

    func handleClient(_ connection: Socket, _ address: SocketAddress) async throws {
      var message = ""
      while message != "quit" {
        let bytes = try await loop.sockRecv(connection, 1024)
        if bytes.isEmpty { break }
        message = String(decoding: bytes, as: UTF8.self)
        recorder.printed("server", "got from \(pair(address)): \(message)")
        try await loop.sockSendall(connection, Array("got message".utf8))
      }
      connection.close()
    }

    var handler: LoopTask<Void>?
    let server = try loop.createTask("server") {
      while true {
        let (connection, address) = try await loop.sockAccept(listener)
        recorder.printed("server", "connected to client:  \(pair(address))")
        handler = try loop.createTask("handler") {
          try await handleClient(connection, address)
        }
      }
    }

    try stage.run(
      loop.createTask("client") {
        try await loop.sockConnect(client, place)
        // What the person at the keyboard types.
        for message in ["ack from client connect success", "hello world", "quit"] {
          try await loop.sockSendall(client, Array(message.utf8))
          if message == "quit" { break }
          let answer = try await loop.sockRecv(client, 1024)
          recorder.printed("client", String(decoding: answer, as: UTF8.self))
        }
        client.close()
        // The document's server runs for ever. This one has seen enough when its only
        // handler has come to its end.
        try await handler?.value()
        server.cancel()
      })
  }
}

/// Python's way of writing an address.
private func pair(_ address: SocketAddress) -> String {
  "('\(address.host!)', \(address.port!))"
}
