import Asyncio

// [opening.1]
func nobodyAccepts() throws {
  let listener = try Socket()
  try listener.bind(SocketAddress("127.0.0.1", port: 0))
  try listener.listen()

  let client = try Socket()
  try client.connect(listener.getsockname())
  let count = try Array("hello".utf8).withUnsafeBytes { try client.send($0) }
  client.close()
  print("connected, sent \(count) bytes, hung up; and nobody has accepted")

  let (connection, _) = try listener.accept()
  print("accepted:", String(decoding: try connection.recv(100), as: UTF8.self))
}
