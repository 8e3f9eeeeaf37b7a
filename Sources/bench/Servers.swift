import Asyncio
import CLinux
import Glibc

/// The least that an echo server on epoll can do: every connection is registered
/// once, for ever, and answered on the spot.
func rawServer(_ listener: Int32, _ connections: Int) {
  let epoll = epoll_create1(0)
  defer { close(epoll) }
  var open = 0
  for _ in 0..<connections {
    let fd = accept4(listener, nil, nil, Int32(SOCK_NONBLOCK.rawValue))
    noDelay(fd)
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: fd))
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)
    open += 1
  }
  var events = [epoll_event](repeating: epoll_event(), count: connections)
  var buffer = [UInt8](repeating: 0, count: 65536)
  while open > 0 {
    let count = epoll_wait(epoll, &events, Int32(connections), -1)
    for event in events.prefix(Int(max(0, count))) {
      let fd = event.data.fd
      let bytes = recv(fd, &buffer, buffer.count, 0)
      if bytes > 0 {
        send(fd, &buffer, bytes, Int32(MSG_NOSIGNAL))
      } else {
        close(fd)
        open -= 1
      }
    }
  }
}

/// The same on this walkthrough's socket operations: a task for each connection.
func sockServer(_ listener: Int32, _ connections: Int) throws {
  try run { loop in
    let listener = Socket(owning: dup(listener), .ipv4, isBlocking: true)
    var tasks: [LoopTask<Void>] = []
    for _ in 0..<connections {
      let (connection, _) = try await loop.sockAccept(listener)
      noDelay(connection.descriptor)
      tasks.append(
        try loop.createTask {
          while true {
            let bytes = try await loop.sockRecv(connection, 65536)
            if bytes.isEmpty { break }
            try await loop.sockSendall(connection, bytes)
          }
          connection.close()
        })
    }
    // A client that ends in the middle of a round trip resets the connection.
    for task in tasks { try? await task.value() }
  }
}

private func noDelay(_ fd: Int32) {
  var one: Int32 = 1
  setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
}

/// The same with callbacks: a transport and a protocol for each connection, and one
/// reader for the whole of its life.
func transportServer(_ listener: Int32, _ connections: Int) throws {
  final class Echo: StreamProtocol {
    let ended: () -> Void
    var transport: SocketTransport?
    init(_ ended: @escaping () -> Void) { self.ended = ended }
    func connectionMade(_ transport: SocketTransport) { self.transport = transport }
    func dataReceived(_ bytes: [UInt8]) throws { try transport!.write(bytes) }
    func connectionLost(_ error: (any Error)?) {
      transport = nil
      ended()
    }
  }
  try run { loop in
    var open = connections
    let all = loop.createFuture(of: Void.self)
    let server = try await loop.createServer(
      {
        Echo {
          open -= 1
          if open == 0 { try? all.setResult(()) }
        }
      }, sock: Socket(owning: dup(listener), .ipv4, isBlocking: true))
    try await all.value()
    server.close()
    try await server.waitClosed()
  }
}

/// The same with `await` again: a reader, a writer and a task for each connection.
func streamServer(_ listener: Int32, _ connections: Int) throws {
  try run { loop in
    var open = connections
    let all = loop.createFuture(of: Void.self)
    let server = try await loop.startServer(
      sock: Socket(owning: dup(listener), .ipv4, isBlocking: true)
    ) { reader, writer in
      // A client that ends resets the connection, or leaves half a message.
      while let bytes = try? await reader.readexactly(512) {
        try writer.write(bytes)
        try await writer.drain()
      }
      writer.close()
      open -= 1
      if open == 0 { try all.setResult(()) }
    }
    try await all.value()
    server.close()
    try await server.waitClosed()
  }
}
