package import Sockets

// What the operations are tested on: like `Sockets.swift`, but non-blocking.

/// Two non-blocking sockets that are connected with each other.
///
/// - Parameter buffers: what the kernel's buffers are to be, in bytes.
package func socketPair(buffers: Int32) throws -> (Socket, Socket) {
  let pair = try socketPair(isBlocking: false)
  for end in [pair.0, pair.1] {
    try end.setsockopt(.sendBuffer, buffers)
    try end.setsockopt(.receiveBuffer, buffers)
  }
  return pair
}

/// A non-blocking listener on a port of the kernel's choice, and its address.
package func tcpListener() throws -> (Socket, SocketAddress) {
  let listener = try listener()
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
