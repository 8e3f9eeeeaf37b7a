public import EventLoops
import Glibc
import SocketOperations
public import Sockets

/// `create_server`: from a host and a port to listeners.
extension EventLoop {
  // [server.create]
  /// Makes a server that gives every client a protocol of its own.
  ///
  /// - Parameters:
  ///   - factory: makes a protocol, once for each client. What it throws goes to the
  ///     exception handler, and the client is hung up on.
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
  ///   that is no stream; `ResolutionError`; `SystemError`: EADDRINUSE, EACCES;
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
  /// remove no file, not even the socket that a dead server has left behind.
  ///
  /// asyncio: _UnixSelectorEventLoop.create_unix_server
  public func createUnixServer(
    _ factory: @escaping () throws -> any BaseProtocol, path: String,
    backlog: Int = 100, startServing: Bool = true
  ) async throws -> Server {
    let listeners = try listeners(at: [SocketAddress(path: path)], reusePort: false)
    return try await createServer(factory, listeners, backlog, startServing)
  }

  /// asyncio: BaseEventLoop._create_server_getaddrinfo
  private func createServerGetaddrinfo(
    _ host: String, _ port: UInt16
  ) async throws -> [AddressInfo] {
    let found =
      host.isEmpty
      ? try await getaddrinfo("", port: port)
      : try await ensureResolved(host, port, nil, .stream)
    if found.isEmpty { throw ResolutionError(-5, host: host) }  // EAI_NODATA
    return found
  }

  // [server.bind]
  /// A socket for each address: all of them, or an error and none.
  ///
  /// asyncio: BaseEventLoop.create_server
  private func listeners(
    at places: [SocketAddress], reusePort: Bool
  ) throws -> [Socket] {
    var listeners: [Socket] = []
    var lastRefusal = SystemError(EADDRNOTAVAIL, in: "bind")
    do {
      for place in places {
        let socket: Socket
        do throws(SystemError) {
          socket = try Socket(place.family, kernel: kernel)
        } catch {
          // This machine may know no IPv6, although the resolver does. (asyncio goes
          // on after any refusal, and without descriptors it listens at less
          // addresses than it was told to, and says nothing.)
          if error.errno != EAFNOSUPPORT { throw error }
          lastRefusal = error
          continue
        }
        listeners.append(socket)
        if place.family != .unix { try socket.setsockopt(.reuseAddress, 1) }
        if reusePort { try socket.setsockopt(.reusePort, 1) }
        // [server.v6-only]
        // By default Linux gives the IPv4 clients of the same port to an IPv6
        // listener as well. Then our second listener, for IPv4, would find the
        // address in use.
        if place.family == .ipv6 { try socket.setsockopt(.ipv6Only, 1) }
        do throws(SystemError) {
          try socket.bind(place)
        } catch {
          if error.errno != EADDRNOTAVAIL { throw error }
          lastRefusal = error
          // An address family without a network (bpo-30945).
          listeners.removeLast().close()
        }
      }
      if listeners.isEmpty {
        let list = places.map(\.description).joined(separator: ", ")
        throw SystemError(
          lastRefusal.errno, in: lastRefusal.call, about: "any of \(list)")
      }
    } catch {
      for listener in listeners { listener.close() }
      throw error
    }
    return listeners
  }

  // [server.from-listeners]
  /// asyncio: BaseEventLoop.create_server
  private func createServer(
    _ factory: @escaping () throws -> any BaseProtocol, _ listeners: [Socket],
    _ backlog: Int, _ startServing: Bool
  ) async throws -> Server {
    let server: Server
    do {
      for listener in listeners { try listener.setBlocking(false) }
      server = Server(self, listeners, backlog: backlog, factory)
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
