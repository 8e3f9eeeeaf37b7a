package import EventLoops
package import Transports

/// A protocol that writes down what it is told, and does what the test wants.
package final class Diary: StreamProtocol {
  package var entries: [String] = []
  package var bytes: [UInt8] = []
  /// As long as there is a connection.
  package var transport: SocketTransport!
  package var onMade: (SocketTransport) throws -> Void = { _ in }
  package var onData: ([UInt8]) throws -> Void = { _ in }
  package var onEnd: () throws -> Bool = { false }
  package var onPause: () throws -> Void = {}
  package var onResume: () throws -> Void = {}
  package var onLost: () throws -> Void = {}
  /// Settled when the connection is lost.
  package var lost: Future<Void>?

  package init() {}

  package func connectionMade(_ transport: SocketTransport) throws {
    self.transport = transport
    entries.append("made")
    try onMade(transport)
  }
  package func dataReceived(_ bytes: [UInt8]) throws {
    self.bytes += bytes
    entries.append("data \(bytes.count)")
    try onData(bytes)
  }
  package func eofReceived() throws -> Bool {
    entries.append("eof")
    return try onEnd()
  }
  package func pauseWriting() throws {
    entries.append("pause")
    try onPause()
  }
  package func resumeWriting() throws {
    entries.append("resume")
    try onResume()
  }
  package func connectionLost(_ error: (any Error)?) throws {
    entries.append(error.map { "lost: \($0)" } ?? "lost")
    transport = nil
    // Some of these hold the diary, which holds them.
    defer {
      (onMade, onData, onEnd) = ({ _ in }, { _ in }, { false })
      (onPause, onResume, onLost) = ({}, {}, {})
    }
    try onLost()
    if lost?.done() == false { try lost?.setResult(()) }
  }
}
