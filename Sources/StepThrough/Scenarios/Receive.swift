import EventLoops
import Recording
import SocketOperations
import Sockets

// The scenarios of the chapter on sock_recv and sock_sendall.

extension Scenario {
  static let recv = Scenario(
    "recv", "nothing there: EAGAIN, a wait, then five bytes; and the end of the stream"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let socket = try stage.connection("socket")
    recorder.whenIdle {
      try stage.world.send("hello")
      recorder.note("the peer sends hello")
    }
    recorder.whenIdle {
      try stage.world.peer().close()
      recorder.note("the peer hangs up")
    }
    try stage.run(
      loop.createTask {
        // An empty answer is no message. It is the end.
        while try await !loop.sockRecv(socket, 1024).isEmpty {}
        socket.close()
      })
  }

  static let recvCancelRetry = Scenario(
    "recv-cancel-retry", "cancelled, and at once tried again: whose reader is it? (R2)"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let socket = try stage.connection("socket")
    recorder.whenIdle {
      try stage.world.send("hello")
      recorder.note("the peer sends hello")
    }
    try stage.run(
      loop.createTask("main") {
        let first = try loop.createTask("first") {
          _ = try await loop.sockRecv(socket, 10)
        }
        // One turn, in which the first begins to wait.
        try await loop.sleep(0)
        let second = try loop.createTask("second") {
          try await loop.sockRecv(socket, 10)
        }
        // In the queue now: the second task's first step, and behind it the clean-up
        // of the first. By the time that runs, the reader is the second one's.
        first.cancel()
        _ = try await second.value()
        socket.close()
      })
  }

  static let sendallPartial = Scenario(
    "sendall-partial", "more than the kernel has room for: sent in pieces, turn by turn"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let socket = try stage.narrowConnection()
    try socket.setBlocking(false)
    let message = [UInt8](repeating: 120, count: 1_000_000)
    var received = 0
    // Whenever the loop has to wait, the peer reads, until it has everything.
    func read() throws {
      received += try stage.world.peer().recv(1_000_000).count
      recorder.note("the peer has read \(received) of \(message.count) bytes")
      if received < message.count { recorder.whenIdle(read) }
    }
    recorder.whenIdle(read)
    try stage.run(
      loop.createTask {
        try await loop.sockSendall(socket, message)
        socket.close()
      })
  }
}
