import CLibrary
import EventLoops
import Selectors
import SocketOperations
import Sockets
import TestSupport
import Testing

/// A non-blocking listener on a port of the kernel's choice.
func makeListener() throws -> Socket {
  let listener = try Socket()
  try listener.bind(SocketAddress("127.0.0.1", port: 0))
  try listener.listen()
  try listener.setBlocking(false)
  return listener
}

/// `sock_accept` on the real kernel.
@Suite struct RealSockets {
  @Test func `SOCK-03 in debug mode a blocking listener is refused`() throws {
    // On a script, which notices an attempt. A real listener would stop the thread.
    let stage = try ScriptedLoop(debug: true)
    let loop = stage.loop
    let listener = Socket(owning: 5, .ipv4, isBlocking: true, kernel: stage.kernel)
    let task = try loop.createTask { _ = try await loop.sockAccept(listener) }
    loop.runOnce()
    #expect(throws: ValueError.self) { try task.result() }
    try loop.close()
  }

  @Test func `SOCK-05 a client that waits is accepted without a suspension`() throws {
    try run { loop in
      let listener = try makeListener()
      let client = try Socket()
      try client.connect(listener.getsockname())
      var hasRun = false
      try loop.callSoon { hasRun = true }
      let keys = loop.selector.keys.count
      _ = try await loop.sockAccept(listener)
      // Nobody else had a turn, and the selector's list is as it was.
      #expect(!hasRun)
      #expect(loop.selector.keys.count == keys)
    }
  }

  @Test func `SOCK-06 accept waits, and returns a non-blocking socket and its address`()
    throws
  {
    try run { loop in
      let listener = try makeListener()
      let client = try Socket()
      let place = try listener.getsockname()
      // The loop has to look at the kernel before this runs: accept must wait.
      try loop.callSoon { try client.connect(place) }
      let (connection, address) = try await loop.sockAccept(listener)
      #expect(!connection.isBlocking)
      #expect(fcntl(connection.descriptor, F_GETFL) & O_NONBLOCK != 0)
      #expect(try address == client.getsockname())
      #expect(loop.handlers(of: listener.descriptor) == nil)
      _ = try [UInt8]("hello".utf8).withUnsafeBytes { try client.send($0) }
      #expect(try connection.recv(10) == [UInt8]("hello".utf8))
    }
  }

  @Test func `SOCK-13 after a cancelled accept the listener can be closed`() throws {
    try run { loop in
      let listener = try makeListener()
      let place = try listener.getsockname()
      let task = try loop.createTask { _ = try await loop.sockAccept(listener) }
      try await loop.sleep(0)
      #expect(loop.handlers(of: listener.descriptor) != nil)
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value() }
      #expect(loop.handlers(of: listener.descriptor) == nil)
      listener.close()
      #expect(try refusal(place) == ECONNREFUSED)
    }
  }

  @Test
  func `SOCK-18 an accept that has to wait on a transport's descriptor is refused`()
    throws
  {
    final class Transport: DescriptorOwner {
      var isGone = false
      func claim(on fd: Int32) -> String? { isGone ? nil : "a transport" }
    }
    try inTime { loop in
      let listener = try makeListener()
      let transport = Transport()
      loop.owners[listener.descriptor] = transport
      let client = try Socket()
      let place = try listener.getsockname()
      // One who is not refused gets the client, and does not wait for ever.
      try loop.callSoon { try client.connect(place) }
      try await #require(throws: RuntimeError.self) {
        _ = try await loop.sockAccept(listener)
      }
      #expect(loop.handlers(of: listener.descriptor) == nil)
      // Once it is gone it owns nothing any more.
      transport.isGone = true
      _ = try await loop.sockAccept(listener)
      loop.owners = [:]
    }
  }

  @Test func `a hundred clients are accepted, and nothing stays registered or open`()
    throws
  {
    try run { loop in
      let listener = try makeListener()
      let place = try listener.getsockname()
      var clients: [Socket] = []
      for _ in 0..<100 {
        try loop.callSoon {
          let client = try Socket()
          try client.connect(place)
          clients.append(client)
        }
        let (connection, _) = try await loop.sockAccept(listener)
        connection.close()
      }
      #expect(loop.selector.keys.count == 1)
    }
  }

  @Test func `a Unix listener is accepted from as well`() throws {
    let path = "/tmp/walkthrough-\(getpid())-accept.sock"
    defer { unlink(path) }
    try run { loop in
      let listener = try Socket(.unix)
      try listener.bind(SocketAddress(path: path))
      try listener.listen()
      try listener.setBlocking(false)
      let client = try Socket(.unix)
      try loop.callSoon { try client.connect(SocketAddress(path: path)) }
      let (connection, _) = try await loop.sockAccept(listener)
      #expect(connection.family == .unix)
    }
  }
}
