import Glibc
package import Sockets
import Testing

/// Two non-blocking sockets that are connected with each other.
///
/// - Parameter buffers: what the kernel's buffers are to be, in bytes.
package func socketPair(buffers: Int32? = nil) throws -> (Socket, Socket) {
  var fds: [Int32] = [-1, -1]
  let type = Int32(
    SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
  try #require(socketpair(AF_UNIX, type, 0, &fds) == 0)
  let pair = fds.map { Socket(owning: $0, .unix, isBlocking: false) }
  for end in pair {
    guard let buffers else { break }
    try end.setsockopt(.sendBuffer, buffers)
    try end.setsockopt(.receiveBuffer, buffers)
  }
  return (pair[0], pair[1])
}

/// A non-blocking listener on a port of the kernel's choice, and its address.
package func tcpListener() throws -> (Socket, SocketAddress) {
  let listener = try Socket()
  try listener.bind(SocketAddress("127.0.0.1", port: 0))
  try listener.listen()
  try listener.setBlocking(false)
  return (listener, try listener.getsockname())
}

/// A new, non-blocking socket.
package func tcpSocket() throws -> Socket {
  let socket = try Socket()
  try socket.setBlocking(false)
  return socket
}

/// A place where nobody listens. As long as the socket lives, its port is nobody
/// else's either.
package func deserted() throws -> (holder: Socket, place: SocketAddress) {
  let holder = try Socket()
  try holder.bind(SocketAddress("127.0.0.1", port: 0))
  return (holder, try holder.getsockname())
}
