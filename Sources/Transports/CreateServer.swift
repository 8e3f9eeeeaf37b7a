import CLibrary
public import EventLoops
import SocketOperations
public import Sockets

/// `create_server`: from a host and a port to listeners.
extension EventLoop {
  // [server.create]
  /// Makes a server that gives every client a protocol of its own.
  ///
  /// - Parameters:
  ///   - factory: makes a protocol, once for each client. If it throws, the client is
  ///     hung up on, and in debug mode the exception handler is told.
  ///   - host: a name, or an address in digits. A name may stand for several addresses,
  ///     and the server listens at all of them; empty text, or `nil`, is every interface
  ///     of this machine.
  ///   - port: the port; 0 lets the kernel choose, for each address another one.
  ///   - sock: a stream socket that is bound already, instead of host and port. It is
  ///     the server's from here on.
  ///   - backlog: how many clients may wait.
  ///   - reusePort: several servers may have this address, and share the clients.
  ///   - startServing: whether to accept clients at once, or when `startServing()` or
  ///     `serveForever()` is called.
  /// - Returns: the server.
  /// - Throws: `ValueError` for host or port and sock, for none of them, and for a sock
  ///   that is no stream; `RuntimeError` if the sock is somebody else's, another
  ///   server's for instance; `ResolutionError`; `SystemError`: EADDRINUSE, EACCES;
  ///   `CancellationError`.
  ///
  /// asyncio: BaseEventLoop.create_server
  public func createServer(
    _ factory: @escaping () throws -> any BaseProtocol,
    host: String? = nil, port: UInt16? = nil, sock: Socket? = nil, backlog: Int = 100,
    reusePort: Bool = false, startServing: Bool = true
  ) async throws -> Server {
    guard let sock else {
      guard host != nil || port != nil else {
        throw ValueError("listen where? Give a host and a port, or a sock")
      }
      return try await createServer(
        factory, hosts: [host ?? ""], port: port ?? 0, backlog: backlog,
        reusePort: reusePort, startServing: startServing)
    }
    if host != nil || port != nil {
      throw ValueError("host and port, or sock, but not both at the same time")
    }
    try checkStream(sock)
    // Somebody else's socket is not ours to close, so this question is asked first.
    try ensureFree(sock.descriptor)
    return try await createServer(factory, [sock], backlog, startServing)
  }

  /// The same at several hosts. Each address is bound once, however often it is meant.
  ///
  /// asyncio: BaseEventLoop.create_server
  public func createServer(
    _ factory: @escaping () throws -> any BaseProtocol,
    hosts: [String], port: UInt16, backlog: Int = 100,
    reusePort: Bool = false, startServing: Bool = true
  ) async throws -> Server {
    var places: [SocketAddress] = []
    for host in hosts {
      // asyncio asks for all of them at the same time. It is the same in the end.
      for info in try await createServerGetaddrinfo(host, port)
      where !places.contains(info.address) {
        places.append(info.address)
      }
    }
    let listeners = try listeners(at: places, reusePort: reusePort)
    return try await createServer(factory, listeners, backlog, startServing)
  }

  /// Makes a server at a path. What is there already is in the way: unlike asyncio, we
  /// remove no file of somebody else's, not even one that a dead server has left behind.
  ///
  /// - Parameters:
  ///   - path: where to listen; the socket's file is made there.
  ///   - sock: a Unix stream socket that is bound already, instead of the path.
  ///   - cleanupSocket: whether closing the server removes that file.
  /// - Returns, throws: as `createServer`.
  ///
  /// asyncio: _UnixSelectorEventLoop.create_unix_server
  public func createUnixServer(
    _ factory: @escaping () throws -> any BaseProtocol, path: String? = nil,
    sock: Socket? = nil, backlog: Int = 100, startServing: Bool = true,
    cleanupSocket: Bool = true
  ) async throws -> Server {
    let listener: Socket
    switch (path, sock) {
    case (let path?, nil):
      listener = try listeners(at: [SocketAddress(path: path)], reusePort: false)[0]
    case (nil, let sock?):
      if sock.family != .unix || sock.type != .stream {
        throw ValueError("a Unix stream socket was expected")
      }
      try ensureFree(sock.descriptor)
      listener = sock
    default: throw ValueError("listen where? Give a path, or a sock, but not both")
    }
    return try await createServer(
      factory, [listener], backlog, startServing,
      file: cleanupSocket ? SocketFile(of: listener) : nil)
  }

  /// asyncio: BaseEventLoop._create_server_getaddrinfo
  private func createServerGetaddrinfo(
    _ host: String, _ port: UInt16
  ) async throws -> [AddressInfo] {
    let found =
      host.isEmpty
      ? try await getaddrinfo("", port: port)
      : try await ensureResolved(host, port, nil, .stream)
    if found.isEmpty { throw ResolutionError(noAddress, host: host) }
    return found
  }

  // [server.bind]
  /// A socket for each address: all of them, or an error and none.
  ///
  /// asyncio: BaseEventLoop.create_server
  private func listeners(
    at places: [SocketAddress], reusePort: Bool
  ) throws -> [Socket] {
    var bound: [Socket] = []
    var refusal: SystemError?
    do {
      for place in places {
        do throws(SystemError) {
          bound.append(try listener(at: place, reusePort: reusePort))
        } catch {
          // This machine may know no such addresses, although the resolver does, or have
          // no network for them (bpo-30945). Any other refusal ends it. (asyncio goes on
          // after any refusal of a socket, and without descriptors it listens at less
          // addresses than it was told to, and says nothing.)
          if ![EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errno) { throw error }
          refusal = error
        }
      }
      if bound.isEmpty {
        let list = places.map(\.description).joined(separator: ", ")
        throw SystemError(
          refusal?.errno ?? EADDRNOTAVAIL, in: refusal?.call ?? "bind",
          about: "any of \(list)")
      }
      return bound
    } catch {
      for listener in bound { listener.close() }
      throw error
    }
  }

  /// A socket for one address.
  private func listener(
    at place: SocketAddress, reusePort: Bool
  ) throws(SystemError) -> Socket {
    let listener = try Socket(place.family, kernel: kernel)
    do throws(SystemError) {
      if place.family != .unix { try listener.setsockopt(.reuseAddress, 1) }
      if reusePort { try listener.setsockopt(.reusePort, 1) }
      // [server.v6-only]
      // By default Linux gives the IPv4 clients of the same port to an IPv6 listener
      // as well. Then our second listener, for IPv4, would find the address in use.
      if place.family == .ipv6 { try listener.setsockopt(.ipv6Only, 1) }
      try listener.bind(place)
      return listener
    } catch {
      listener.close()
      throw error
    }
  }

  // [server.from-listeners]
  /// asyncio: BaseEventLoop.create_server
  private func createServer(
    _ factory: @escaping () throws -> any BaseProtocol, _ listeners: [Socket],
    _ backlog: Int, _ startServing: Bool, file: SocketFile? = nil
  ) async throws -> Server {
    let server: Server
    do {
      for listener in listeners { try listener.setBlocking(false) }
      server = Server(self, listeners, backlog: backlog, file: file, factory)
    } catch {
      for listener in listeners { listener.close() }
      throw error
    }
    if !startServing { return server }
    do {
      try server.start()
      // asyncio: one turn, so that all the readers are in their places.
      try await sleep(0)
    } catch {
      server.close()
      throw error
    }
    return server
  }
}
