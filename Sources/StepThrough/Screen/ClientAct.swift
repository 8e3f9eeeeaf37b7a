// What a key may ask of a client. It knows no sockets.

/// What the reader can do as a client of a running loop.
package enum ClientAct: Equatable, Sendable {
  /// Be one more client.
  case connect
  /// Write a line; without its end, which is added.
  case send(String)
  /// Say that nothing more will be written, and still read.
  case endSending
  /// Throw the connection away.
  case reset
  /// Be this client from now on.
  case choose(Int)
}
