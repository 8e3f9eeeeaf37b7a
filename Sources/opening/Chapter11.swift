import Asyncio

// [opening.11]
func closedAndServing() throws {
  try run { loop in
    let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
      for try await line in $0 { try $1.write(line) }
    }
    let port = try server.sockets[0].getsockname().port
    let (reader, writer) = try await loop.openConnection(host: "127.0.0.1", port: port)
    for word in ["hello\n", "still there?\n"] {
      try writer.write(Array(word.utf8))
      let answer = String(decoding: try await reader.readline(), as: UTF8.self)
      print(server.isServing() ? "serving:" : "closed:", answer.dropLast())
      server.close()
    }
  }
}
