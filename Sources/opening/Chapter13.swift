import Asyncio

// [opening.13]
func isItSent() throws {
  try run { loop in
    let listener = try Socket()
    try listener.bind(SocketAddress("127.0.0.1", port: 0))
    try listener.listen()
    let (_, writer) = try await loop.openConnection(
      host: "127.0.0.1", port: listener.getsockname().port)
    let kilobyte = [UInt8](repeating: 120, count: 1024)
    while writer.transport.getWriteBufferSize() == 0 { try writer.write(kilobyte) }
    try await writer.drain()
    print("drained; all of it has left:", writer.transport.getWriteBufferSize() == 0)
  }
}
