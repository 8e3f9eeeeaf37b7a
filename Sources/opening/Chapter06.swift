import Asyncio

// [opening.6]
func oneThread() throws {
  try run { loop in
    let listener = try Socket()
    try listener.bind(SocketAddress("127.0.0.1", port: 0))
    try listener.listen()
    try listener.setBlocking(false)
    let guest = try loop.createTask { try await loop.sockAccept(listener) }
    try await loop.sleep(0)
    print("a task waits for a client")
    let client = try Socket()
    try client.connect(listener.getsockname())
    print("its thread is the client")
    print(try await guest.value().address == client.getsockname() ? "it is here" : "?")
  }
}
