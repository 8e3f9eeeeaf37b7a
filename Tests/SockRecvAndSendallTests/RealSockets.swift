import CLibrary
import EventLoops
import Selectors
import SocketOperations
import Sockets
import TestSupport
import Testing

/// `sock_recv` and `sock_sendall` on the real kernel.
@Suite struct RecvAndSendallRealSockets {
  @Test func `SOCK-01 a request and its response, then the end of the stream`() throws {
    try run { loop in
      let (listener, place) = try tcpListener()
      try loop.createTask {
        let (connection, _) = try await loop.sockAccept(listener)
        let request = try await loop.sockRecv(connection, 100)
        try await loop.sockSendall(connection, request.reversed())
        connection.close()
      }
      let client = try tcpSocket()
      try await loop.sockConnect(client, place)
      try await loop.sockSendall(client, [1, 2, 3, 4])
      // At most as many as asked for; then the rest; then the end, again and again.
      #expect(try await loop.sockRecv(client, 3) == [4, 3, 2])
      #expect(try await loop.sockRecv(client, 3) == [1])
      for _ in 1...3 { #expect(try await loop.sockRecv(client, 3) == []) }
      #expect(loop.selector.keys.count == 1)
    }
  }

  @Test func `SOCK-03 in debug mode a blocking socket is refused`() throws {
    try run(debug: true) { loop in
      let (a, _) = try socketPair(isBlocking: false)
      try a.setBlocking(true)
      let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
      defer { room.deallocate() }
      await #expect(throws: ValueError.self) { _ = try await loop.sockRecv(a, 1) }
      await #expect(throws: ValueError.self) {
        _ = try await loop.sockRecvInto(a, room)
      }
      await #expect(throws: ValueError.self) { try await loop.sockSendall(a, [1]) }
    }
  }

  @Test func `SOCK-05 nobody else has a turn when nothing has to be waited for`() throws
  {
    try run { loop in
      let (a, b) = try socketPair(isBlocking: false)
      var hasRun = false
      try loop.callSoon { hasRun = true }
      try await loop.sockSendall(a, [])
      try await loop.sockSendall(a, [1, 2])
      #expect(try await loop.sockRecv(b, 9) == [1, 2])
      #expect(!hasRun && loop.selector.keys.count == 1)
    }
  }

  @Test func `SOCK-09 cancel and retry at once: the retry gets the bytes`() throws {
    try run { loop in
      let (a, b) = try socketPair(isBlocking: false)
      for round in UInt8(0)..<20 {
        let first = try loop.createTask { try await loop.sockRecv(b, 9) }
        try await loop.sleep(0)
        first.cancel()
        try loop.callSoon { _ = try [round].withUnsafeBytes { try a.send($0) } }
        let bytes = try await loop.waitFor(patience) { try await loop.sockRecv(b, 9) }
        #expect(bytes == [round])
        #expect(first.cancelled())
      }
      #expect(loop.selector.keys.count == 1)
    }
  }

  @Test func `SOCK-18 a wait on a transport's descriptor is refused`() throws {
    final class Transport: DescriptorOwner {
      func claim(on fd: Int32) -> String? { "a transport" }
    }
    try inTime { loop in
      let (a, b) = try socketPair(buffers: 1)
      loop.owners = [a.descriptor: Transport()]
      defer { loop.owners = [:] }
      // Who is not refused waits for this, and not for ever.
      try loop.callSoon { b.close() }
      await #expect(throws: RuntimeError.self) { _ = try await loop.sockRecv(a, 1) }
      await #expect(throws: RuntimeError.self) {
        try await loop.sockSendall(a, [UInt8](repeating: 0, count: 1_000_000))
      }
      #expect(loop.selector.keys.count == 1)
    }
  }

  @Test func `SOCK-19 the peer resets while recv waits`() throws {
    try run { loop in
      let (listener, place) = try tcpListener()
      let client = try tcpSocket()
      try await loop.sockConnect(client, place)
      let (connection, _) = try await loop.sockAccept(listener)
      // Linger 0: closing is a reset.
      try connection.setsockopt(.linger, 0)
      try loop.callSoon { connection.close() }
      let error = await #expect(throws: SystemError.self) {
        _ = try await loop.sockRecv(client, 9)
      }
      #expect(error?.errno == ECONNRESET)
      #expect(loop.selector.keys.count == 1)
    }
  }

  @Test(arguments: [false, true])
  func `five megabytes both ways at once, through small buffers`(tcp: Bool) throws {
    try run { loop in
      var (a, b) = try socketPair(buffers: 4096)
      if tcp {
        let (listener, place) = try tcpListener()
        try listener.setsockopt(.receiveBuffer, 4096)
        a = try tcpSocket()
        try a.setsockopt(.sendBuffer, 4096)
        try a.setsockopt(.receiveBuffer, 4096)
        try await loop.sockConnect(a, place)
        b = try await loop.sockAccept(listener).connection
        try b.setsockopt(.sendBuffer, 4096)
      }
      // No two neighbouring blocks are alike, so a lost or a doubled one shows.
      let there = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 8) }
      let back = [UInt8](there.reversed())
      var tasks: [LoopTask<[UInt8]>] = []
      for (socket, message) in [(a, there), (b, back)] {
        // One reads, the other writes, on the same socket.
        try loop.createTask {
          try await loop.sockSendall(socket, message)
          try socket.shutdown(.write)
        }
        tasks.append(
          try loop.createTask {
            var all: [UInt8] = []
            while true {
              let bytes = try await loop.sockRecv(socket, 100_000)
              if bytes.isEmpty { return all }
              all += bytes
            }
          })
      }
      // Not in an expectation, whose failure would print ten megabytes.
      let arrived = (
        try await tasks[0].value() == back, try await tasks[1].value() == there
      )
      #expect(arrived == (true, true))
      #expect(loop.selector.keys.count == 1)
    }
  }

  @Test func `T14 writing to a peer that is gone is an error, and no signal`()
    async throws
  {
    // In a thread that holds SIGPIPE back: had there been one, it would be pending.
    // (With the signal's default action, the process would be.)
    try await inThread {
      var pipe = sigset_t()
      sigemptyset(&pipe)
      sigaddset(&pipe, SIGPIPE)
      pthread_sigmask(SIG_BLOCK, &pipe, nil)
      try run { loop in
        let (a, b) = try socketPair(buffers: 1)
        b.close()
        for message in [[1], [UInt8](repeating: 1, count: 100_000)] {
          let error = await #expect(throws: SystemError.self) {
            try await loop.sockSendall(a, message)
          }
          #expect(error?.errno == EPIPE)
        }
        #expect(loop.selector.keys.count == 1)
      }
      var pending = sigset_t()
      sigpending(&pending)
      #expect(sigismember(&pending, SIGPIPE) == 0)
    }
  }

  @Test func `a negative count is refused, a huge one gets what comes`() throws {
    try inTime { loop in
      let (a, b) = try socketPair(isBlocking: false)
      for count in [-1, Int.min] {
        await #expect(throws: ValueError.self) { try await loop.sockRecv(a, count) }
      }
      #expect(loop.selector.keys.count == 1)
      try await loop.sockSendall(b, [1, 2, 3])
      #expect(try await loop.sockRecv(a, 1 << 40) == [1, 2, 3])
      // Also where it has to wait.
      let later = try loop.createTask { try await loop.sockRecv(a, .max) }
      try await loop.turns(3)
      try await loop.sockSendall(b, [4])
      #expect(try await later.value() == [4])
    }
  }
}
