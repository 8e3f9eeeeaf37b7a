// Exercise 10: a relay that keeps little, however slow the other side is.

import Asyncio

/// What comes in here leaves through the outlet.
public final class Inlet: StreamProtocol {
  private let outlet: Outlet
  fileprivate private(set) var transport: SocketTransport?

  public init(_ outlet: Outlet) {
    self.outlet = outlet
    outlet.inlet = self
  }

  public func connectionMade(_ transport: SocketTransport) {
    self.transport = transport
  }
  public func dataReceived(_ bytes: [UInt8]) throws {
    try outlet.transport?.write(bytes)
  }
  public func eofReceived() -> Bool {
    outlet.transport?.writeEof()
    return true
  }
  public func connectionLost(_ error: (any Error)?) { outlet.transport?.close() }
}

/// The other side. It has to be connected before the inlet is.
public final class Outlet: StreamProtocol {
  fileprivate weak var inlet: Inlet?
  public private(set) var transport: SocketTransport?

  public init() {}

  public func connectionMade(_ transport: SocketTransport) {
    self.transport = transport
  }
  public func connectionLost(_ error: (any Error)?) { inlet?.transport?.close() }

  // Your turn. Whoever does not read on this side makes this buffer grow and grow.
}
