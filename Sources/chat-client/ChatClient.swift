import Asyncio
import ChatSupport
import Foundation

// The document's client: it sends what you type, a line a message, and prints what
// the server says. Read it beside the Python original; the mended bugs are marked.

/// Says hello, then carries the conversation between the keyboard and the server.
func request(_ loop: EventLoop, _ options: ChatOptions) async throws {
  let client = try Socket(options.family)
  defer { client.close() }
  // [client.non-blocking]
  // The original forgets this line. Its `sock_recv` then blocks the whole loop, and
  // nobody notices, because nothing else runs in it.
  try client.setBlocking(false)
  try await loop.sockConnect(client, host: options.host, port: options.port)
  try await loop.sockSendall(client, Array("ack from client connect success".utf8))
  say(try await receive(loop, client))

  while true {
    // [client.keyboard]
    // `input()` stops the thread until somebody presses Enter, and the loop with it.
    // In a thread of its own it stops nobody.
    guard let message = try await loop.runInExecutor({ readLine() }).value() else {
      break
    }
    // An empty message is no message: nothing would be sent, nothing would come back.
    if message.isEmpty { continue }
    try await loop.sockSendall(client, Array(message.utf8))
    if message == "quit" { break }
    say("got message from server:  \(try await receive(loop, client))")
  }
}

/// One answer. An empty one means that there will be no more.
func receive(_ loop: EventLoop, _ client: Socket) async throws -> String {
  let bytes = try await loop.sockRecv(client, 1024)
  if bytes.isEmpty { throw RuntimeError("the server has hung up") }
  return String(decoding: bytes, as: UTF8.self)
}

@main struct ChatClient {
  static func main() {
    let options = ChatOptions("chat-client", lowestPort: 1)
    do {
      try run { loop in
        do {
          try await request(loop, options)
        } catch is CancellationError {
          // [client.leave]
          // Ctrl-C. `run` would wait for its threads, and the keyboard's for Enter.
          exit(130)
        }
      }
    } catch let error as SystemError where error.errno == ECONNREFUSED {
      leave(2, "\(error): nobody listens there; start `swift run chat-server` first")
    } catch {
      leave(2, "chat-client: \(error)")
    }
  }
}
