import Asyncio
import ChatSupport
import Foundation

// The document's server. It answers "got message" to whatever it is sent. Read it
// beside the Python original: the shape is the same, and the mended bugs are marked.

/// One client, from its first message to its last.
func handleClient(_ loop: EventLoop, _ client: Socket, _ address: SocketAddress) async {
  // However this ends, the descriptor is given back here.
  defer { client.close() }
  do {
    var result: String?
    while result != "quit" {
      let bytes = try await loop.sockRecv(client, 1024)
      // [server.end-of-stream]
      // No bytes is no message: the client has hung up. The original takes it for
      // an empty message, answers it, and does so until the kernel says EPIPE.
      if bytes.isEmpty { return }
      // [server.utf8]
      // 1024 bytes may end in the middle of a character, and a client may send
      // anything. Decoded this way, what is no text is shown as �.
      result = String(decoding: bytes, as: UTF8.self)
      say("got from \(pair(address)): \(result!)")
      try await loop.sockSendall(client, Array("got message".utf8))
      // [server.one-answer-a-turn]
      // Whoever writes without pause has another message here already, and if the
      // answers are read, there is room for one more: nothing above suspends. The
      // others would starve, and Ctrl-C with them. One turn for them.
      try await loop.sleep(0)
    }
  } catch is CancellationError {
    // Ctrl-C: the server ends, and so do we.
  } catch {
    // [server.report]
    // One client's trouble is reported and ends here. In the original it
    // passes `client.close()` by, and ends in a task that nobody awaits.
    complain("lost \(pair(address)): \(error)")
  }
}

/// Accepts for ever.
func runServer(_ loop: EventLoop, _ options: ChatOptions) async throws {
  // [server.bind]
  // The original binds to "", which is every interface the machine has. A program
  // to play with should not be open to the neighbours.
  let place = try await loop.getaddrinfo(
    options.host, port: options.port, family: options.family)[0].address
  let server = try Socket(options.family)
  // Otherwise the port stays taken for a minute after the server has ended.
  try server.setsockopt(.reuseAddress, 1)
  try server.bind(place)
  // [server.backlog]
  // The original has room for 5. When fifty come at once, the kernel drops the rest;
  // they try again after one second, then two, four, eight.
  try server.listen(100)
  try server.setBlocking(false)
  complain("listening on \(try server.getsockname()), Ctrl-C ends it")

  // [server.accept-loop]
  while true {
    let client: Socket
    let address: SocketAddress
    do {
      (client, address) = try await loop.sockAccept(server)
    } catch let error as SystemError {
      // [server.accept-failed]
      // Out of descriptors (EMFILE), say. Those who are connected talk on, and when
      // one of them leaves there is room again. The original ends here for everybody.
      complain("nobody accepted for a second: \(error)")
      try await loop.sleep(1)
      continue
    }
    say("connected to client:  \(pair(address))")
    try loop.createTask { await handleClient(loop, client, address) }
    // [server.let-others-run]
    // While clients are waiting, sockAccept never suspends, and a task that never
    // suspends never lets a handler run. One turn for the others.
    try await loop.sleep(0)
  }
}

@main struct ChatServer {
  static func main() {
    let options = ChatOptions("chat-server", lowestPort: 0)
    do {
      try run { loop in try await runServer(loop, options) }
    } catch is KeyboardInterrupt {
      exit(130)
    } catch let error as SystemError where error.errno == EADDRINUSE {
      leave(
        2, "port \(options.port) is in use: end the other server, or choose --port 9007"
      )
    } catch {
      leave(2, "chat-server: \(error)")
    }
  }
}
