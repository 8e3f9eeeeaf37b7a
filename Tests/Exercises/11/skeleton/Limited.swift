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
  try await loop.startServer(host: "127.0.0.1", port: 0) { reader, writer in
    // Your turn. This takes everybody.
    defer { writer.close() }
    try await serve(reader, writer)
  }
}
