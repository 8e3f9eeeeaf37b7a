import CLibrary
import EventLoops
import Selectors
import SocketOperations
import Sockets
import TestSupport
import Testing

/// `sock_connect` on the real kernel.
@Suite struct ConnectRealSockets {
  @Test func `SOCK-03 in debug mode a blocking socket is refused, before anything`()
    throws
  {
    // On a script, which notices an attempt; and within one turn, in which no resolver
    // can have answered.
    let stage = try ScriptedLoop(debug: true)
    let loop = stage.loop
    let place = try SocketAddress("127.0.0.1", port: 9)
    let socket = Socket(owning: 5, .ipv4, isBlocking: true, kernel: stage.kernel)
    let byAddress = try loop.createTask { try await loop.sockConnect(socket, place) }
    let byName = try loop.createTask {
      try await loop.sockConnect(socket, host: "nowhere.invalid", port: 80)
    }
    loop.runOnce()
    #expect(throws: ValueError.self) { try byAddress.result() }
    #expect(throws: ValueError.self) { try byName.result() }
    try loop.close()
  }

  @Test func `SOCK-01 connect, by address, by digits and by name`() async throws {
    try await inThread {
      try run { loop in
        let (listener, place) = try tcpListener()
        for host in [nil, "127.0.0.1", "localhost"] {
          let socket = try tcpSocket()
          if let host {
            try await loop.sockConnect(socket, host: host, port: place.port!)
          } else {
            try await loop.sockConnect(socket, place)
          }
          let (connection, address) = try await loop.sockAccept(listener)
          #expect(try address == socket.getsockname())
          #expect(try socket.getpeername() == place)
          #expect(loop.selector.keys.count == 1)
          connection.close()
        }
      }
    }
  }

  @Test func `a refused connect names the call, the address and the errno`() throws {
    try run { loop in
      let (holder, place) = try deserted()
      let socket = try tcpSocket()
      let refusal = await #expect(throws: SystemError.self) {
        try await loop.sockConnect(socket, place)
      }
      #expect(
        refusal?.description
          == "connect \(place): ECONNREFUSED (Connection refused)")
      #expect(loop.selector.keys.count == 1)
      holder.close()
    }
  }

  @Test func `SOCK-11 cancelled and tried again, the real outcome comes`() throws {
    try run { loop in
      let (listener, place) = try tcpListener()
      let (holder, nowhere) = try deserted()
      for (place, expected) in [(place, 0), (nowhere, ECONNREFUSED)] {
        let socket = try tcpSocket()
        let first = try loop.createTask { try await loop.sockConnect(socket, place) }
        // Behind the first step of that task, and before the loop asks the kernel.
        try loop.callSoon { first.cancel() }
        try await loop.sleep(0)
        do {
          try await loop.sockConnect(socket, place)
          #expect(expected == 0)
        } catch let error as SystemError {
          // The kernel may count the first attempt: connected is connected.
          #expect(error.errno == (expected == 0 ? EISCONN : expected))
        }
        await #expect(throws: CancellationError.self) { try await first.value() }
        #expect(loop.selector.keys.count == 1)
        if expected == 0 { #expect(try socket.getpeername() == place) }
      }
      listener.close()
      holder.close()
    }
  }

  @Test func `a Unix listener with a full backlog refuses`() throws {
    let path = "/tmp/walkthrough-\(getpid())-connect.sock"
    defer { unlink(path) }
    try run { loop in
      let place = try SocketAddress(path: path)
      let listener = try Socket(.unix)
      try listener.bind(place)
      try listener.listen(0)
      // One fits. The next one must hear that it is not connected.
      var clients: [Socket] = []
      var refusal: SystemError?
      while refusal == nil && clients.count < 10 {
        let client = try Socket(.unix)
        try client.setBlocking(false)
        do {
          try await loop.sockConnect(client, place)
          #expect(try client.getpeername() == place)
          clients.append(client)
        } catch let error as SystemError {
          refusal = error
        }
      }
      #expect(refusal?.errno == EAGAIN)
      #expect(!clients.isEmpty)
      #expect(loop.selector.keys.count == 1)
    }
  }

  @Test func `C1 a timed-out connect does not poison the next socket`() throws {
    try run { loop in
      let (listener, place) = try tcpListener()
      for _ in 1...20 {
        let a = try tcpSocket()
        let number = a.descriptor
        let task = try loop.createTask { try await loop.sockConnect(a, place) }
        try loop.callSoon { task.cancel() }
        await #expect(throws: CancellationError.self) { try await task.value() }
        a.close()
        // Most often the kernel gives the same number again.
        let b = try tcpSocket()
        try await loop.waitFor(patience) { try await loop.sockConnect(b, place) }
        #expect(loop.handlers(of: number) == nil)
        _ = try await loop.sockAccept(listener)
        _ = try await loop.sockAccept(listener)
      }
    }
  }
}
