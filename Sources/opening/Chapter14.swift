import Asyncio

// [opening.14]
func newsForAda() throws {
  let loop = try EventLoop(selector: PollSelector())
  let ada = try Socket()
  try loop.addReader(ada.descriptor) {
    print("news for Ada")
    loop.stop()
  }
  ada.close()
  let bo = try Socket(.ipv4, .datagram)
  try bo.bind(SocketAddress("127.0.0.1", port: 0))
  try bo.connect(bo.getsockname())  // whatever he sends, he gets
  _ = try Array("hello, Bo".utf8).withUnsafeBytes { try bo.send($0) }
  try loop.runForever()
  print("it was for Bo:", String(decoding: try bo.recv(100), as: UTF8.self))
}
