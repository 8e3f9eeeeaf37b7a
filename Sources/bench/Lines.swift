import Asyncio
import CLibrary

/// The client's side: lines of 100 bytes, as fast as they are taken. Returns how many.
func flood(port: UInt16, seconds: Double) throws -> Int {
  let fd = try connection(to: port)
  defer { close(fd) }
  let line = [UInt8](repeating: 120, count: 99) + [10]
  let lines = Array((0..<600).map { _ in line }.joined())
  var sent = 0
  let end = now() + seconds
  while now() < end {
    // Blocks until all of it is on its way.
    let bytes = send(fd, lines, lines.count, noSignal)
    if bytes != lines.count { throw Failure("the server has hung up") }
    sent += 600
  }
  // The server's last word: it has read them all.
  shutdown(fd, Int32(SHUT_WR))
  var byte: UInt8 = 0
  if recv(fd, &byte, 1, 0) != 0 { throw Failure("the server has not read to the end") }
  return sent
}

/// The least that a server can do: receive, and look for newlines. A client at a time.
func rawLines(_ listener: Socket) throws {
  try listener.setBlocking(true)
  var buffer = [UInt8](repeating: 0, count: 65536)
  var lines = 0
  while true {
    let fd = accept(listener.descriptor, nil, nil)
    defer { close(fd) }
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
  }
}

/// A reader that is asked for line after line.
func streamLines(_ listener: sending Socket) throws {
  try run { loop in
    let server = try await loop.startServer(sock: listener) { reader, writer in
      // Not `for try await line in reader`: by way of the iterator, Swift asks for the
      // right executor several times a line.
      while try await !reader.readline().isEmpty {}
      writer.close()
    }
    try await server.serveForever()
  }
}
