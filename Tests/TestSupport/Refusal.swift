import CLibrary
public import Sockets

/// The error number with which a connection attempt to `place` is refused; `nil` if
/// somebody listens there.
///
/// A listener that was closed may live on for a moment: another test is starting a child,
/// which has a copy of all our descriptors until it runs its own program. Whoever gets in
/// by that copy is hung up on when it goes, and asks again.
public func refusal(_ place: SocketAddress) throws -> Int32? {
  while true {
    let client = try Socket(place.family)
    let outcome = Result { try client.connect(place) }
    if case .failure(let error) = outcome { return (error as? SystemError)?.errno }
    if try !isHungUpOn(client) { return nil }
  }
}

private func isHungUpOn(_ client: Socket) throws -> Bool {
  var limit = timeval(tv_sec: 60, tv_usec: 0)
  setsockopt(
    client.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit,
    socklen_t(MemoryLayout<timeval>.size))
  var byte: UInt8 = 0
  return recv(client.descriptor, &byte, 1, 0) >= 0 || errno != EAGAIN
}
