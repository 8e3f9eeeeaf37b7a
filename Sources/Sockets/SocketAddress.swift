import CLibrary

/// Where a socket is: an IPv4 or IPv6 host and port, or a path for a Unix socket.
///
/// The kernel wants a `sockaddr`, a family of C structures that begin alike.
/// `sockaddr_storage` is the one that is large enough for all of them, so that is
/// what lives here; the readable form is made when somebody asks. (On the BSDs, and so
/// on a Mac, each begins with its own length, which the kernel fills in, and so must we:
/// two addresses are compared byte for byte.)
public struct SocketAddress: Sendable {
  private var storage = sockaddr_storage()
  /// How many bytes of the storage count.
  private var length: socklen_t

  /// An IP address written as digits. A name such as `localhost` needs a
  /// resolver, which is another floor's business.
  ///
  /// - Parameters:
  ///   - host: an IPv4 or IPv6 address, for instance `127.0.0.1` or `::1`. Behind the
  ///     latter may stand a `%` and the number or name of an interface, the *scope*:
  ///     `fe80::1%2`. Addresses that begin with fe80 exist once on every cable.
  ///   - port: the port; 0 lets the kernel choose when binding.
  /// - Throws: `ValueError` if the host is no address, or if there is no such interface.
  public init(_ host: String, port: UInt16) throws(ValueError) {
    var ipv4 = sockaddr_in()
    var ipv6 = sockaddr_in6()
    try checkText(host, "a host")
    let parts = host.split(
      separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    // The port travels most significant byte first, whatever the machine does.
    if inet_pton(AF_INET, host, &ipv4.sin_addr) == 1 {
      ipv4.sin_family = sa_family_t(AF_INET)
      #if os(macOS)
        ipv4.sin_len = UInt8(MemoryLayout<sockaddr_in>.size)
      #endif
      ipv4.sin_port = port.bigEndian
      length = socklen_t(MemoryLayout<sockaddr_in>.size)
      withUnsafeMutableBytes(of: &storage) {
        $0.storeBytes(of: ipv4, as: sockaddr_in.self)
      }
    } else if inet_pton(AF_INET6, String(parts[0]), &ipv6.sin6_addr) == 1 {
      ipv6.sin6_family = sa_family_t(AF_INET6)
      #if os(macOS)
        ipv6.sin6_len = UInt8(MemoryLayout<sockaddr_in6>.size)
      #endif
      ipv6.sin6_port = port.bigEndian
      if parts.count == 2 {
        ipv6.sin6_scope_id = try Self.scope(String(parts[1]))
      }
      length = socklen_t(MemoryLayout<sockaddr_in6>.size)
      withUnsafeMutableBytes(of: &storage) {
        $0.storeBytes(of: ipv6, as: sockaddr_in6.self)
      }
    } else {
      throw ValueError(
        "'\(host)' is not an IP address: write digits, for instance 127.0.0.1 or ::1")
    }
  }

  /// The number of an interface. To look up a name takes a descriptor, and where there is
  /// none, the C library leaves one error number or another, but not "no such device".
  private static func scope(_ interface: String) throws(ValueError) -> UInt32 {
    let digits = UInt32(interface)
    let number = digits ?? if_nametoindex(interface)
    if number > 0 { return number }
    if digits == nil && ![ENODEV, ENXIO].contains(errno) {
      throw ValueError(
        "interface '\(interface)' cannot be looked up: is no descriptor left?")
    }
    throw ValueError("there is no interface '\(interface)': see `\(listOfInterfaces)`")
  }

  /// A Unix socket, which has a place in the file system instead of a port.
  ///
  /// - Parameter path: the path; the kernel has room for 107 bytes, a Mac's for 103. One
  ///   that begins with a zero byte is no path at all but an *abstract* name, which Linux
  ///   keeps apart from the file system, and which goes away with its socket.
  /// - Throws: `ValueError` if the path is empty, too long, or has a zero byte elsewhere.
  public init(path: String) throws(ValueError) {
    var unix = sockaddr_un()
    let room = MemoryLayout.size(ofValue: unix.sun_path) - 1
    guard 1...room ~= path.utf8.count else {
      throw ValueError("a Unix socket's path has 1 to \(room) bytes: '\(path)'")
    }
    let isAbstract = Self.hasAbstractNames && path.utf8.first == 0
    try checkText(String(path.dropFirst(isAbstract ? 1 : 0)), "a Unix socket's path")
    unix.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &unix.sun_path) { $0.copyBytes(from: path.utf8) }
    // The family, the path, and the zero byte at its end: what the kernel counts too
    // when it tells this address to somebody. An abstract name has no such end; its
    // length is all that tells where it ends.
    length = socklen_t(Self.pathOffset + path.utf8.count + (isAbstract ? 0 : 1))
    #if os(macOS)
      unix.sun_len = UInt8(length)
    #endif
    withUnsafeMutableBytes(of: &storage) {
      $0.storeBytes(of: unix, as: sockaddr_un.self)
    }
  }

  /// The address of a Unix socket that was never bound, a client for instance.
  package static let unnamed = SocketAddress { address, size in
    #if os(macOS)
      address.pointee.sa_len = UInt8(pathOffset)
    #endif
    address.pointee.sa_family = sa_family_t(AF_UNIX)
    size = socklen_t(pathOffset)
  }

  /// Where the path begins: behind the family, and on the BSDs behind the length, too.
  private static var pathOffset: Int {
    MemoryLayout<sockaddr_un>.offset(of: \.sun_path)!
  }

  #if os(Linux)
    private static let hasAbstractNames = true
    private static let listOfInterfaces = "ip link"
  #else
    private static let hasAbstractNames = false
    private static let listOfInterfaces = "ifconfig"
  #endif

  /// An address that the kernel fills in: `accept` and `getsockname` do.
  init(filledBy body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Void) {
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &size) }
    }
    length = size
    #if os(macOS)
      // A Unix socket without a name has sixteen bytes of zeros for one there, and a name
      // may come without the zero byte at its end. Equal ones have to be equal.
      if size > 0 && family == .unix {
        let name = path!.utf8.count
        length = socklen_t(Self.pathOffset + (name == 0 ? 0 : name + 1))
        storage.ss_len = UInt8(length)
      }
    #endif
  }

  /// The kernel had nothing to fill in.
  var isEmpty: Bool { length == 0 }

  /// Lends the C form to a system call.
  func withSockaddr<Result>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  private func read<Form>(_ form: Form.Type) -> Form {
    withUnsafeBytes(of: storage) { $0.loadUnaligned(as: form) }
  }

  /// Which kind of address this is, and so which kind of socket can use it.
  public var family: AddressFamily { AddressFamily(Int32(storage.ss_family)) }

  /// The IP address in digits, with its scope if it has one, for instance `fe80::1%2`;
  /// `nil` for a Unix socket.
  public var host: String? {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    switch family {
    case .ipv4:
      var address = read(sockaddr_in.self).sin_addr
      inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
    case .ipv6:
      var address = read(sockaddr_in6.self).sin6_addr
      inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
    case .unix: return nil
    }
    let digits = String(
      decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    // As a number: to find the interface's name one would have to ask the kernel.
    let scope = family == .ipv6 ? read(sockaddr_in6.self).sin6_scope_id : 0
    return scope == 0 ? digits : "\(digits)%\(scope)"
  }

  /// The port, or `nil` for a Unix socket.
  public var port: UInt16? {
    switch family {
    case .ipv4: UInt16(bigEndian: read(sockaddr_in.self).sin_port)
    case .ipv6: UInt16(bigEndian: read(sockaddr_in6.self).sin6_port)
    case .unix: nil
    }
  }

  /// The path of a Unix socket (empty for one that was never bound; beginning with a
  /// zero byte for an abstract name), else `nil`.
  public var path: String? {
    guard family == .unix else { return nil }
    let used = Int(length) - Self.pathOffset
    return withUnsafeBytes(of: read(sockaddr_un.self).sun_path) {
      let bytes = $0.prefix(max(0, used))
      let isAbstract = Self.hasAbstractNames && bytes.first == 0
      return String(
        decoding: isAbstract ? bytes : bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

extension SocketAddress: Hashable, CustomStringConvertible {
  /// Two addresses are equal if they name the same place, byte for byte. (Their
  /// descriptions would not do: a path may look like a host and a port.)
  public static func == (a: Self, b: Self) -> Bool {
    a.bytes.elementsEqual(b.bytes)
  }
  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

  private var bytes: [UInt8] {
    withUnsafeBytes(of: storage) { Array($0.prefix(Int(length))) }
  }

  /// For instance `127.0.0.1:9006`, `[::1]:9006`, or a path; `@name` for an abstract
  /// name, and `unnamed` for a Unix socket that was never bound, a client for instance.
  public var description: String {
    switch family {
    case .ipv4: "\(host!):\(port!)"
    case .ipv6: "[\(host!)]:\(port!)"
    case .unix: path!.isEmpty ? "unnamed" : path!.replacing("\0", with: "@")
    }
  }
}

/// The kinds of address that this walkthrough knows.
public enum AddressFamily: Sendable {
  /// `AF_INET`, four bytes and a port.
  case ipv4
  /// `AF_INET6`, sixteen bytes and a port.
  case ipv6
  /// `AF_UNIX`, a path on this machine.
  case unix

  init(_ number: Int32) {
    switch number {
    case AF_INET6: self = .ipv6
    case AF_UNIX: self = .unix
    default: self = .ipv4  // we make no others, so nobody will tell us of one
    }
  }

  /// The number that the kernel knows it by.
  public var number: Int32 {
    switch self {
    case .ipv4: AF_INET
    case .ipv6: AF_INET6
    case .unix: AF_UNIX
    }
  }
}
