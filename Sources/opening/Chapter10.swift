import Asyncio

// [opening.10]
func atOnce() throws {
  final class Writer: StreamProtocol {}
  try run { loop in
    let listener = try Socket()
    try listener.bind(SocketAddress("127.0.0.1", port: 0))
    try listener.listen()
    let (transport, _) = try await loop.createConnection(
      { Writer() }, host: "127.0.0.1", port: listener.getsockname().port)
    try transport.write([UInt8](repeating: 120, count: 100_000_000))
    print("written, and nobody has even accepted")
    print("still here, most of it:", transport.getWriteBufferSize() > 50_000_000)
  }
}
