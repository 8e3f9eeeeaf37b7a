import Asyncio
import CLibrary

/// `bench serve NAME`: a server on a port of the kernel's choice, which it prints. It
/// serves until it is killed.
func serve(_ name: String) {
  raiseDescriptorLimit()
  do {
    let listener = try Socket()
    try listener.bind(SocketAddress("127.0.0.1", port: 0))
    try listener.listen(4096)
    try listener.setBlocking(false)
    print(try listener.getsockname().port!)
    fflush(nil)
    switch name {
    case "raw": rawServer(listener.descriptor)
    case "raw-turns": rawTurns(listener.descriptor)
    case "sock": try sockServer(listener)
    case "protocol": try protocolServer(listener)
    case "streams": try streamServer(listener)
    case "raw-lines": try rawLines(listener)
    case "lines": try streamLines(listener)
    default: Bench.refuse("there is no server '\(name)'")
    }
  } catch {
    writeLine("bench: \(error)")
    exit(1)
  }
}

/// The least that an echo server on epoll, or kqueue, can do: every connection is registered
/// once, for ever, and answered on the spot.
func rawServer(_ listener: Int32) {
  var queue = RawQueue()
  queue.add(listener)
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    for place in 0..<max(0, queue.wait(-1)) {
      let fd = queue.socket(place)
      if fd == listener {
        meetClient(of: listener, &queue)
        continue
      }
      let bytes = recv(fd, &buffer, buffer.count, 0)
      if bytes > 0 {
        send(fd, &buffer, bytes, noSignal)
      } else {
        close(fd)
      }
    }
  }
}

/// The calls of `sockRecv` and `sockSendall`, in asyncio's order, and nothing else. In one
/// turn everybody's bytes are taken. In the next everybody is answered, and whoever was
/// answered is asked once more, before there can be anything: EAGAIN.
func rawTurns(_ listener: Int32) {
  var queue = RawQueue()
  queue.add(listener)
  var buffer = [UInt8](repeating: 0, count: 65536)
  var answers: [(fd: Int32, bytes: [UInt8])] = []
  func receive(from fd: Int32) {
    let bytes = recv(fd, &buffer, buffer.count, 0)
    if bytes > 0 {
      answers.append((fd, Array(buffer[..<bytes])))
    } else if bytes == 0 || errno != EAGAIN {
      close(fd)
    }
  }
  while true {
    let ready = max(0, queue.wait(answers.isEmpty ? -1 : 0))
    let due = answers
    answers = []
    for (fd, bytes) in due {
      send(fd, bytes, bytes.count, noSignal)
      receive(from: fd)
    }
    for place in 0..<ready {
      let fd = queue.socket(place)
      if fd == listener { meetClient(of: listener, &queue) } else { receive(from: fd) }
    }
  }
}

private func meetClient(of listener: Int32, _ queue: inout RawQueue) {
  let new = acceptNonBlocking(listener)
  if new < 0 { return }
  noDelay(new)
  queue.add(new)
}

private func acceptNonBlocking(_ listener: Int32) -> Int32 {
  #if os(Linux)
    accept4(listener, nil, nil, Int32(SOCK_NONBLOCK.rawValue))
  #else
    accept(listener, nil, nil)  // it has the listener's flag
  #endif
}

func noDelay(_ fd: Int32) {
  var one: Int32 = 1
  setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
}

/// The same on this walkthrough's socket operations: a task for each connection.
private func sockServer(_ listener: sending Socket) throws {
  try run { loop in
    while true {
      let (connection, _) = try await loop.sockAccept(listener)
      noDelay(connection.descriptor)
      try loop.createTask {
        // A client that ends in the middle of a round trip resets the connection.
        while let bytes = try? await loop.sockRecv(connection, 65536), !bytes.isEmpty {
          try? await loop.sockSendall(connection, bytes)
        }
        connection.close()
      }
    }
  }
}

/// The same with callbacks: a transport and a protocol for each connection, and one
/// reader for the whole of its life.
private func protocolServer(_ listener: sending Socket) throws {
  final class Echo: StreamProtocol {
    var transport: SocketTransport?
    func connectionMade(_ transport: SocketTransport) { self.transport = transport }
    func dataReceived(_ bytes: [UInt8]) throws { try transport!.write(bytes) }
    func connectionLost(_ error: (any Error)?) { transport = nil }
  }
  try run { loop in
    let server = try await loop.createServer({ Echo() }, sock: listener, backlog: 4096)
    try await server.serveForever()
  }
}

/// The same with `await` again: a reader, a writer and a task for each connection.
private func streamServer(_ listener: sending Socket) throws {
  try run { loop in
    let server = try await loop.startServer(sock: listener, backlog: 4096) {
      reader, writer in
      while let bytes = try? await reader.read(65536), !bytes.isEmpty {
        try writer.write(bytes)
        try await writer.drain()
      }
      writer.close()
    }
    try await server.serveForever()
  }
}
