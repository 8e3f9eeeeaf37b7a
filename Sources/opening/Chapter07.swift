import Asyncio

// [opening.7]
func tryAgain() throws {
  let nobody = try Socket()  // has a port, and does not listen
  try nobody.bind(SocketAddress("127.0.0.1", port: 0))
  let socket = try Socket()
  try socket.setBlocking(false)
  let selector = PollSelector()
  try selector.register(socket.descriptor, .write, data: nil, CallSite())
  for _ in 1...4 {
    do throws(SystemError) {
      try socket.connect(nobody.getsockname())
    } catch { print(error.name) }
    _ = try selector.select(timeout: 10, CallSite())
  }
}
