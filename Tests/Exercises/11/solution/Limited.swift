// Exercise 11: a server that refuses the 101st client politely.

import Asyncio

/// Serves at most `limit` clients at a time. Whoever comes when it is full gets the line
/// "busy" and is hung up on.
///
/// - Parameter serve: talks with one client; the connection is closed afterwards.
public func startLimitedServer(
  _ loop: EventLoop, limit: Int = 100,
  _ serve: @escaping (StreamReader, StreamWriter) async throws -> Void
) async throws -> Server {
  var count = 0
  return try await loop.startServer(host: "127.0.0.1", port: 0) { reader, writer in
    // What is written before `close` still leaves.
    defer { writer.close() }
    if count == limit { return try writer.write(Array("busy\n".utf8)) }
    // One thread, and nothing is awaited between the question and this line.
    count += 1
    // However it ends, also with an error.
    defer { count -= 1 }
    try await serve(reader, writer)
  }
}
