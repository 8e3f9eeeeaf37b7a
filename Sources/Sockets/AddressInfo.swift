import CLibrary

/// One way to reach a host and port.
///
/// asyncio: the tuples that socket.getaddrinfo returns
public struct AddressInfo: Sendable, Equatable {
  /// The kind of address.
  public let family: AddressFamily
  /// Bytes in a row, or messages.
  public let type: SocketType
  /// The protocol's number: TCP for streams, UDP for datagrams.
  public let `protocol`: Int32
  /// Where it is.
  public let address: SocketAddress

  /// - Parameters:
  ///   - type: the kind of socket that will be used.
  ///   - address: where it is.
  public init(_ type: SocketType, _ address: SocketAddress) {
    self.type = type
    self.address = address
    family = address.family
    `protocol` = Int32(type == .stream ? IPPROTO_TCP : IPPROTO_UDP)
  }
}

/// A name that nobody knows, or a resolver that does not answer.
///
/// The resolver has error numbers of its own, which are no `errno`. (One of them,
/// EAI_SYSTEM, says "look into errno": that is a `SystemError` then.)
///
/// asyncio: socket.gaierror
public struct ResolutionError: Error, Equatable, CustomStringConvertible {
  /// The resolver's number, for instance `EAI_NONAME`.
  public let code: Int32
  /// What it was asked for.
  public let host: String

  /// - Parameters:
  ///   - code: the resolver's number.
  ///   - host: what it was asked for.
  public init(_ code: Int32, host: String) {
    self.code = code
    self.host = host
  }

  /// For instance `getaddrinfo nowhere.invalid: Name or service not known (EAI -2)`.
  public var description: String {
    "getaddrinfo \(host): \(String(cString: gai_strerror(code))) (EAI \(code))"
  }
}

extension Kernel {
  // [kernel.getaddrinfo]
  /// Asks the C library, which is not the kernel: every kernel has the same one.
  ///
  /// An empty host stands for "no host": the answer is what a listener binds to that
  /// wants to be reached by every interface, 0.0.0.0 and ::.
  public func getaddrinfo(
    _ host: String, _ port: UInt16, _ family: AddressFamily?, _ type: SocketType
  ) throws -> [AddressInfo] {
    try checkText(host, "a host")
    var hints = addrinfo()
    hints.ai_family = family?.number ?? AF_UNSPEC
    hints.ai_socktype = type == .stream ? streamType : datagramType
    hints.ai_flags = host.isEmpty ? Int32(AI_PASSIVE) : 0
    var list: UnsafeMutablePointer<addrinfo>?
    // This may read files, ask servers, and take seconds.
    let code = CLibrary.getaddrinfo(host.isEmpty ? nil : host, "\(port)", &hints, &list)
    let reason = errno
    if code != 0 {
      // It opens files and sockets. Where it cannot, it says that something is busy, or
      // even that there is no such name; so we ask for a descriptor ourselves.
      let probe = CLibrary.socket(AF_UNIX, streamType, 0)
      if probe < 0 { throw SystemError(in: "getaddrinfo", about: host) }
      _ = CLibrary.close(probe)
    }
    if code == EAI_SYSTEM { throw SystemError(reason, in: "getaddrinfo", about: host) }
    if code != 0 { throw ResolutionError(code, host: host) }
    defer { freeaddrinfo(list) }
    return sequence(first: list, next: { $0?.pointee.ai_next }).prefix { $0 != nil }
      .compactMap { entry in
        guard let entry = entry?.pointee, let source = entry.ai_addr else { return nil }
        let address = SocketAddress { target, length in
          length = entry.ai_addrlen
          UnsafeMutableRawPointer(target).copyMemory(
            from: source, byteCount: Int(length))
        }
        return AddressInfo(type, address)
      }
  }
}
