import Asyncio
import Glibc

/// The client's side: lines of 100 bytes, as fast as they are taken. Returns how many.
func flood(port: UInt16, seconds: Double) -> Int {
  let fd = connection(to: port)
  defer { close(fd) }
  let line = [UInt8](repeating: 120, count: 99) + [10]
  let lines = Array((0..<600).map { _ in line }.joined())
  var sent = 0
  let end = now() + seconds
  while now() < end {
    // Blocks until all of it is on its way.
    let bytes = send(fd, lines, lines.count, Int32(MSG_NOSIGNAL))
    precondition(bytes == lines.count, "the server has hung up")
    sent += 600
  }
  return sent
}

/// The least that a server can do: receive, and look for newlines.
func rawLines(_ listener: Int32) {
  let fd = accept(listener, nil, nil)
  defer { close(fd) }
  var buffer = [UInt8](repeating: 0, count: 65536)
  var lines = 0
  while true {
    let count = recv(fd, &buffer, buffer.count, 0)
    if count <= 0 { break }
    buffer.withUnsafeBytes { bytes in
      var place = bytes.baseAddress!
      let end = place + count
      while let newline = memchr(place, 10, end - place) {
        lines += 1
        place = UnsafeRawPointer(newline) + 1
      }
    }
  }
  precondition(lines > 0)
}

/// A reader that is asked for line after line.
func streamLines(_ listener: Int32) throws {
  try run { loop in
    let over = loop.createFuture(of: Int.self)
    let server = try await loop.startServer(
      sock: Socket(owning: dup(listener), .ipv4, isBlocking: true)
    ) { reader, writer in
      var lines = 0
      // Not `for try await line in reader`: by way of the iterator, Swift asks for the
      // right executor several times a line.
      while try await !reader.readline().isEmpty { lines += 1 }
      writer.close()
      try over.setResult(lines)
    }
    let lines = try await over.value()
    precondition(lines > 0)
    server.close()
    try await server.waitClosed()
  }
}
