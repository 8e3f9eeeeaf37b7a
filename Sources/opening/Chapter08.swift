import Asyncio

// [opening.8]
func allOfIt() throws {
  let listener = try Socket()
  try listener.bind(SocketAddress("127.0.0.1", port: 0))
  try listener.listen()
  let client = try Socket()
  try client.connect(listener.getsockname())
  try client.setBlocking(false)
  let message = [UInt8](repeating: 120, count: 100_000_000)
  let sent = try message.withUnsafeBytes { try client.send($0) }
  print("no error; and all of it is sent:", sent == message.count)
}
