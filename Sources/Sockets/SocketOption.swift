import CLibrary

/// An option of a socket that is a number, and the level that it belongs to.
public enum SocketOption: String, Sendable {
  /// The error of a connection attempt that ended meanwhile; reading it clears it.
  case error = "SO_ERROR"
  /// Bind although connections of a former owner are still fading away.
  case reuseAddress = "SO_REUSEADDR"
  /// Several sockets, each with this option, may bind the same address; the kernel
  /// deals the clients out among them.
  case reusePort = "SO_REUSEPORT"
  /// The kernel's buffer for what is on its way out, in bytes. Linux takes twice
  /// what is asked for, the other half is for its own books.
  case sendBuffer = "SO_SNDBUF"
  /// The kernel's buffer for what came in, in bytes; doubled in the same way.
  case receiveBuffer = "SO_RCVBUF"
  /// Seconds that `close` waits for unsent bytes; 0 resets the connection, and a
  /// negative number, the usual state, lets the kernel send them later by itself.
  case linger = "SO_LINGER"
  /// Send small pieces at once (Nagle's algorithm off).
  case noDelay = "TCP_NODELAY"
  /// An IPv6 socket takes no IPv4 clients.
  case ipv6Only = "IPV6_V6ONLY"

  #if os(macOS)
    // SO_LINGER exists, and counts in ticks of a hundredth of a second.
    private static var lingerInSeconds: Int32 { SO_LINGER_SEC }
  #else
    private static var lingerInSeconds: Int32 { SO_LINGER }
  #endif

  /// The two numbers that the system call wants.
  var numbers: (level: Int32, name: Int32) {
    switch self {
    case .error: (SOL_SOCKET, SO_ERROR)
    case .reuseAddress: (SOL_SOCKET, SO_REUSEADDR)
    case .reusePort: (SOL_SOCKET, SO_REUSEPORT)
    case .sendBuffer: (SOL_SOCKET, SO_SNDBUF)
    case .receiveBuffer: (SOL_SOCKET, SO_RCVBUF)
    case .linger: (SOL_SOCKET, Self.lingerInSeconds)
    case .noDelay: (Int32(IPPROTO_TCP), TCP_NODELAY)
    case .ipv6Only: (Int32(IPPROTO_IPV6), Int32(IPV6_V6ONLY))
    }
  }
}
