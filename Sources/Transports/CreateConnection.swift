import CLibrary
public import EventLoops
import SocketOperations
public import Sockets

/// `create_connection`: from a host and a port to a protocol that has its transport.
extension EventLoop {
  // [connection.create]
  /// Connects, and gives the connection to a new protocol.
  ///
  /// A name may stand for several addresses. They are tried one after the other, the
  /// first that answers is taken. (Trying two at a time, "happy eyeballs", is not in
  /// here.)
  ///
  /// - Parameters:
  ///   - factory: makes the protocol. Called when the connection stands.
  ///   - host: a name, or an address in digits; `nil` is this machine.
  ///   - port: the port.
  ///   - sock: a connected stream socket, instead of host and port. It is the
  ///     transport's from here on, and is closed if there will be none.
  ///   - localAddress: where to connect from, if the kernel should not choose.
  ///   - allErrors: if no address answers, whether to throw all the errors even where
  ///     one says it.
  /// - Returns: the transport and the protocol; `connectionMade` has been called.
  /// - Throws: `ValueError` for host or port and sock, for none of them, and for a sock
  ///   that is no stream; `ResolutionError`; if no address answers, its `SystemError`,
  ///   or `ConnectionErrors` if there are several and they differ; what the factory
  ///   throws; `RuntimeError` if this socket is somebody else's; `CancellationError`.
  ///
  /// asyncio: BaseEventLoop.create_connection
  public func createConnection<Protocol: BaseProtocol>(
    _ factory: () throws -> Protocol, host: String? = nil, port: UInt16? = nil,
    sock: Socket? = nil, localAddress: (host: String, port: UInt16)? = nil,
    allErrors: Bool = false
  ) async throws -> (transport: SocketTransport, protocol: Protocol) {
    if let sock {
      if host != nil || port != nil {
        throw ValueError("host and port, or sock, but not both at the same time")
      }
      try checkStream(sock)
      return try await createConnectionTransport(sock, factory)
    }
    guard host != nil || port != nil else {
      throw ValueError("connect to what? Give a host and a port, or a sock")
    }
    let places = try await ensureResolved(host ?? "localhost", port ?? 0, nil, .stream)
    var from: [AddressInfo] = []
    if let localAddress {
      from = try await ensureResolved(
        localAddress.host, localAddress.port, nil, .stream)
    }
    // [connection.in-order]
    var errors: [SystemError] = []
    for place in places {
      let sock: Socket
      do {
        sock = try await connectSock(place.address, from: from)
      } catch let error as SystemError {
        errors.append(error)
        continue  // the next one, perhaps
      }
      return try await createConnectionTransport(sock, factory)
    }
    // [connection.nobody]
    // There is at least one place, or `ensureResolved` had thrown. If they all say the
    // same, it is said once.
    if !allErrors && errors.allSatisfy({ $0 == errors[0] }) { throw errors[0] }
    throw ConnectionErrors(errors)
  }

  /// Connects to a Unix socket. The same, but there is nothing to resolve.
  ///
  /// - Parameters:
  ///   - factory: makes the protocol.
  ///   - path: where the socket is.
  /// - Returns, throws: as `createConnection`.
  ///
  /// asyncio: _UnixSelectorEventLoop.create_unix_connection
  public func createUnixConnection<Protocol: BaseProtocol>(
    _ factory: () throws -> Protocol, path: String
  ) async throws -> (transport: SocketTransport, protocol: Protocol) {
    let sock = try await connectSock(SocketAddress(path: path), from: [])
    return try await createConnectionTransport(sock, factory)
  }

  /// Gives a connection that somebody else has accepted to a new protocol.
  ///
  /// - Parameters:
  ///   - factory: makes the protocol.
  ///   - sock: a connected stream socket; the transport's from here on.
  /// - Returns, throws: as `createConnection` does for a sock.
  ///
  /// asyncio: BaseEventLoop.connect_accepted_socket
  public func connectAcceptedSocket<Protocol: BaseProtocol>(
    _ factory: () throws -> Protocol, sock: Socket
  ) async throws -> (transport: SocketTransport, protocol: Protocol) {
    try checkStream(sock)
    return try await createConnectionTransport(sock, factory)
  }

  func checkStream(_ sock: Socket) throws(ValueError) {
    if sock.type != .stream { throw ValueError("a stream socket was expected") }
  }

  // [connection.connect-sock]
  /// One attempt at one address. However it fails, and be it by cancellation while it
  /// waits, its socket does not stay behind.
  ///
  /// asyncio: BaseEventLoop._connect_sock
  private func connectSock(
    _ place: SocketAddress, from: [AddressInfo]
  ) async throws -> Socket {
    let sock = try Socket(place.family, kernel: kernel)
    do {
      try sock.setBlocking(false)
      if !from.isEmpty { try bind(sock, to: from) }
      try await sockConnect(sock, place)
      return sock
    } catch {
      sock.close()
      throw error
    }
  }

  /// Takes the first local address that fits.
  private func bind(_ sock: Socket, to places: [AddressInfo]) throws {
    var lastError: (any Error)?
    for place in places where place.family == sock.family {
      do {
        return try sock.bind(place.address)
      } catch {
        lastError = error
      }
    }
    throw lastError
      // asyncio's words: "no matching local address with family=... found"
      ?? SystemError(EAFNOSUPPORT, in: "bind", about: "no local address of this family")
  }

  // [connection.transport]
  /// From a connected socket to a transport.
  ///
  /// asyncio: BaseEventLoop._create_connection_transport
  private func createConnectionTransport<Protocol: BaseProtocol>(
    _ sock: Socket, _ factory: () throws -> Protocol
  ) async throws -> (transport: SocketTransport, protocol: Protocol) {
    // Somebody else's socket is not ours to close, so this question is asked first.
    try ensureFree(sock.descriptor)
    let waiter: Future<Void>
    let proto: Protocol
    let transport: SocketTransport
    // [connection.ours]
    do {
      // [connection.owner]
      // Until there is a transport the socket is ours. The factory is the program's
      // own code, and may throw; in asyncio the socket then stayed open as long as
      // anybody held the error (C7: gh-153133, in 2026).
      try sock.setBlocking(false)
      proto = try factory()
      waiter = createFuture()
      transport = try SocketTransport.make(self, sock, proto, waiter: waiter)!
    } catch {
      sock.close()
      throw error
    }
    // From here on it is the transport's, and so it is the transport that we close.
    do {
      try await waiter.value()
    } catch {
      transport.close()
      throw error
    }
    return (transport, proto)
  }
}

/// No address answered, and they did not refuse alike.
///
/// asyncio: the OSError `Multiple exceptions: …`, and with `all_errors` an ExceptionGroup
public struct ConnectionErrors: Error, Equatable, CustomStringConvertible {
  /// One for each address, in the order in which they were tried.
  public let errors: [SystemError]
  init(_ errors: [SystemError]) { self.errors = errors }
  /// All of them.
  public var description: String {
    "no address answered: " + errors.map(\.description).joined(separator: "; ")
  }
}
