import EventLoops
import Glibc
public import Sockets

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

  init(_ type: SocketType, _ address: SocketAddress) {
    self.type = type
    self.address = address
    family = address.family
    `protocol` = Int32(type == .stream ? IPPROTO_TCP : IPPROTO_UDP)
  }
}

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
/// - Returns: the one entry, or `nil` if the resolver has to be asked.
///
/// asyncio: base_events._ipaddr_info
public func ipaddrInfo(
  _ host: String?, _ port: String?, _ type: SocketType
) -> AddressInfo? {
  let digits = port.flatMap { $0.isEmpty ? nil : $0 } ?? "0"
  guard let host, let number = UInt16(digits),
    let address = try? SocketAddress(host, port: number)
  else { return nil }
  return AddressInfo(type, address)
}
