import Asyncio

// [opening.9]
func whoCalls() throws {
  final class Guest: StreamProtocol {
    func connectionMade(_ transport: SocketTransport) { print("made") }
    func dataReceived(_ bytes: [UInt8]) { print("received \(bytes.count) bytes") }
    func connectionLost(_ error: (any Error)?) { print("lost") }
  }
  try run { loop in
    let server = try await loop.createServer({ Guest() }, host: "127.0.0.1", port: 0)
    let client = try Socket()
    try client.connect(server.sockets[0].getsockname())
    _ = try Array("hello".utf8).withUnsafeBytes { try client.send($0) }
    client.close()
    for _ in 1...20 { try await loop.sleep(0) }
  }
}
