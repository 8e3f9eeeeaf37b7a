import Asyncio

// [opening.3]
func askAround() throws {
  let listener = try Socket()
  try listener.bind(SocketAddress("127.0.0.1", port: 0))
  try listener.listen()
  let clients = try (1...100).map { _ in try Socket() }
  for client in clients { try client.connect(listener.getsockname()) }
  let servers = try clients.map { _ in try listener.accept().connection }
  _ = try Array("hello".utf8).withUnsafeBytes { try clients[70].send($0) }
  var refusals = 0
  for server in servers {
    do { print("\(try server.recv(100).count) bytes") } catch { refusals += 1 }
  }
  print("\(refusals) of \(clients.count) times \"not now\"")
}
