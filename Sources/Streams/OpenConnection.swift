public import EventLoops
public import Sockets
public import Transports

/// `open_connection` and `start_server`: from a host and a port to a reader and a
/// writer. There is nothing here but putting together what we have.
extension EventLoop {
  // [streams.open]
  /// Connects.
  ///
  /// - Parameters:
  ///   - host: a name, or an address in digits; `nil` is this machine.
  ///   - port: the port.
  ///   - sock: a connected stream socket, instead of host and port.
  ///   - limit: the reader's, in bytes.
  ///   - localAddress: where to connect from, if the kernel should not choose.
  ///   - allErrors: if no address answers, whether to throw all the errors even where
  ///     one says it.
  /// - Returns: what to read from, and what to write to.
  /// - Throws: as `createConnection`; `ValueError` unless the limit is positive.
  ///
  /// asyncio: streams.open_connection
  public func openConnection(
    host: String? = nil, port: UInt16? = nil, sock: Socket? = nil,
    limit: Int = StreamReader.defaultLimit,
    localAddress: (host: String, port: UInt16)? = nil, allErrors: Bool = false
  ) async throws -> (reader: StreamReader, writer: StreamWriter) {
    // [streams.together]
    let reader = try StreamReader(limit: limit, loop: self)
    let (transport, proto) = try await createConnection(
      { StreamReaderProtocol(reader) }, host: host, port: port, sock: sock,
      localAddress: localAddress, allErrors: allErrors)
    return (reader, StreamWriter(transport, proto, reader))
  }

  /// Connects to a Unix socket.
  ///
  /// asyncio: streams.open_unix_connection
  public func openUnixConnection(
    path: String, limit: Int = StreamReader.defaultLimit
  ) async throws -> (reader: StreamReader, writer: StreamWriter) {
    let reader = try StreamReader(limit: limit, loop: self)
    let (transport, proto) = try await createUnixConnection(
      { StreamReaderProtocol(reader) }, path: path)
    return (reader, StreamWriter(transport, proto, reader))
  }

  // [streams.start-server]
  /// Makes a server that runs `body` as a task of its own for each client.
  ///
  /// What the body throws goes to the exception handler, and the client is hung up
  /// on. If the body is cancelled, the client is hung up on, and that is all. Otherwise
  /// closing the writer is up to the body.
  ///
  /// - Parameters:
  ///   - host: a name, or an address in digits; `nil` is every interface.
  ///   - port: the port; 0 lets the kernel choose.
  ///   - sock: a stream socket that is bound already, instead of host and port.
  ///   - limit: that of each reader, in bytes.
  ///   - backlog: how many clients may wait.
  ///   - reusePort: several servers may have this address.
  ///   - startServing: whether to accept clients at once.
  ///   - body: what to do with a client.
  /// - Returns: the server.
  /// - Throws: as `createServer`; `ValueError` unless the limit is positive.
  ///
  /// asyncio: streams.start_server
  public func startServer(
    host: String? = nil, port: UInt16? = nil, sock: Socket? = nil,
    limit: Int = StreamReader.defaultLimit, backlog: Int = 100,
    reusePort: Bool = false, startServing: Bool = true,
    _ body: @escaping (StreamReader, StreamWriter) async throws -> Void
  ) async throws -> Server {
    try await createServer(
      streamFactory(limit, .body(body)), host: host, port: port, sock: sock,
      backlog: backlog, reusePort: reusePort, startServing: startServing)
  }

  /// Makes a server that calls `callback` for each client, and makes no task. Swift
  /// chooses this one for a closure that does not `await`.
  ///
  /// asyncio: streams.start_server
  public func startServer(
    host: String? = nil, port: UInt16? = nil, sock: Socket? = nil,
    limit: Int = StreamReader.defaultLimit, backlog: Int = 100,
    reusePort: Bool = false, startServing: Bool = true,
    _ callback: @escaping (StreamReader, StreamWriter) throws -> Void
  ) async throws -> Server {
    try await createServer(
      streamFactory(limit, .callback(callback)), host: host, port: port, sock: sock,
      backlog: backlog, reusePort: reusePort, startServing: startServing)
  }

  /// Makes a server of streams at a path, or with a Unix socket that is bound already.
  ///
  /// - Parameter cleanupSocket: whether closing the server removes the socket's file.
  ///
  /// asyncio: streams.start_unix_server
  public func startUnixServer(
    path: String? = nil, sock: Socket? = nil, limit: Int = StreamReader.defaultLimit,
    backlog: Int = 100, startServing: Bool = true, cleanupSocket: Bool = true,
    _ body: @escaping (StreamReader, StreamWriter) async throws -> Void
  ) async throws -> Server {
    try await createUnixServer(
      streamFactory(limit, .body(body)), path: path, sock: sock, backlog: backlog,
      startServing: startServing, cleanupSocket: cleanupSocket)
  }

  /// A reader and its protocol for each client.
  private func streamFactory(
    _ limit: Int, _ clientConnected: StreamReaderProtocol.ClientConnected
  ) throws(ValueError) -> () throws -> any BaseProtocol {
    // A limit that cannot be is told now, and not to the first client.
    try StreamReader.check(limit: limit)
    return { [self] in
      StreamReaderProtocol(try StreamReader(limit: limit, loop: self), clientConnected)
    }
  }
}
