import Asyncio

// [opening.2]
func twoMessages() throws {
  try run { loop in
    let listener = try Socket()
    try listener.bind(SocketAddress("127.0.0.1", port: 0))
    try listener.listen()
    let client = try Socket()
    try client.connect(listener.getsockname())
    for message in ["hello", "quit"] {
      try await loop.sockSendall(client, Array(message.utf8))
    }
    let (server, _) = try await loop.sockAccept(listener)
    print(
      "got:", String(decoding: try await loop.sockRecv(server, 1024), as: UTF8.self))
  }
}
