import CLibrary
public import EventLoops
public import Sockets

// From a name to addresses.

// [resolve.ipaddr-info]
/// Answers without asking anybody, if the host is an address already.
///
/// The resolver may read files, ask servers, and take seconds. It would give back
/// the very digits that it was given.
///
/// - Parameters:
///   - host: an IP address in digits; anything else is not for this function.
///   - port: digits; `nil` and empty text count as 0.
///   - type: the kind of socket that will be used.
///   - family: the kind of address that is wanted; `nil` takes any.
/// - Returns: the one entry, or `nil` if the resolver has to be asked: it knows what to
///   say of an address of the wrong family, and of one with a scope.
///
/// asyncio: base_events._ipaddr_info
public func ipaddrInfo(
  _ host: String?, _ port: String?, _ type: SocketType, family: AddressFamily? = nil
) -> AddressInfo? {
  let digits = port.flatMap { $0.isEmpty ? nil : $0 } ?? "0"
  guard let host, !host.contains("%"), let number = UInt16(digits),
    let address = try? SocketAddress(host, port: number),
    family == nil || family == address.family
  else { return nil }
  return AddressInfo(type, address)
}

extension EventLoop {
  // [resolve.getaddrinfo]
  /// Asks the resolver, in a thread of its own: it knows no non-blocking mode.
  ///
  /// - Parameters:
  ///   - host: a name, or an address in digits; empty for every interface of this
  ///     machine, which is something to bind to.
  ///   - port: the port.
  ///   - family: the kind of address that is wanted; `nil` takes any.
  ///   - type: the kind of socket that will be used.
  /// - Returns: the ways to get there, the best one first; at least one.
  /// - Throws: `ResolutionError`; `ValueError` for a host with a zero byte; `SystemError`
  ///   if nobody can be asked, for want of a thread or a descriptor; `RuntimeError` if
  ///   the loop is closed; `CancellationError`, and then the thread's answer is thrown
  ///   away.
  ///
  /// asyncio: BaseEventLoop.getaddrinfo
  public func getaddrinfo(
    _ host: String, port: UInt16, family: AddressFamily? = nil,
    type: SocketType = .stream
  ) async throws -> [AddressInfo] {
    try checkText(host, "a host")
    let kernel = Unchecked(value: kernel)
    return try await runInExecutor {
      try kernel.value.getaddrinfo(host, port, family, type)
    }.value()
  }

  // [resolve.ensure-resolved]
  /// Asks the resolver only if there is something to resolve.
  ///
  /// asyncio: BaseEventLoop._ensure_resolved
  package func ensureResolved(
    _ host: String, _ port: UInt16, _ family: AddressFamily?, _ type: SocketType
  ) async throws -> [AddressInfo] {
    if let info = ipaddrInfo(host, "\(port)", type, family: family) { return [info] }
    // No host at all is an answer for listeners, not a place to connect to.
    if host.isEmpty { throw ResolutionError(EAI_NONAME, host: host) }
    let found = try await getaddrinfo(host, port: port, family: family, type: type)
    if found.isEmpty { throw ResolutionError(noAddress, host: host) }
    return found
  }
}
