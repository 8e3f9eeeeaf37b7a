// Protocols: your half of a connection.
//
// "Protocol" here is meant as in "network protocol": an object that knows what the
// bytes mean. It never reads and never waits; the transport calls it when there is
// news. (That Swift calls its interfaces protocols too is nobody's fault. So the one
// that asyncio calls `Protocol` is `StreamProtocol` here.)
//
// The life of one, as a sentence of its calls:
//
//     connectionMade  dataReceived*  eofReceived?  connectionLost
//
// with pairs of `pauseWriting` and `resumeWriting` anywhere in between, strictly
// alternating. What a method throws goes to the exception handler, and mostly it ends
// the connection. (A `SystemError` is taken for the kernel's, as in asyncio: it ends the
// connection, and only `connectionLost` hears of it.)

// [protocol.base]
/// What all protocols have in common: a beginning, an end, and flow control.
///
/// asyncio: protocols.BaseProtocol
public protocol BaseProtocol: AnyObject {
  /// There is a connection. The first call, and it comes once.
  ///
  /// - Parameter transport: the other half. Keep it, to write to it.
  ///
  /// asyncio: BaseProtocol.connection_made
  func connectionMade(_ transport: SocketTransport) throws

  /// The connection is gone. The last call, and it comes once.
  ///
  /// - Parameter error: why, if something went wrong; `nil` if somebody here closed
  ///   the transport, or if the peer has finished and so have we.
  ///
  /// asyncio: BaseProtocol.connection_lost
  func connectionLost(_ error: (any Error)?) throws

  /// More than the high water mark is waiting in the transport's buffer: please write
  /// no more for a while. (`write` still works. It only takes more memory.)
  ///
  /// asyncio: BaseProtocol.pause_writing
  func pauseWriting() throws

  /// The buffer has drained to the low water mark: go on.
  ///
  /// asyncio: BaseProtocol.resume_writing
  func resumeWriting() throws
}

// [protocol.stream]
/// A protocol that is given arrays of bytes.
///
/// asyncio: protocols.Protocol
public protocol StreamProtocol: BaseProtocol {
  /// Bytes have come.
  ///
  /// They come in order and complete, but not as they were sent: one message may come
  /// in three pieces, and three messages in one.
  ///
  /// - Parameter bytes: at least one byte, at most 256 KiB.
  ///
  /// asyncio: Protocol.data_received
  func dataReceived(_ bytes: [UInt8]) throws

  /// The peer has finished sending. It may still be reading.
  ///
  /// - Returns: whether to keep the connection open, to go on writing; otherwise the
  ///   transport closes itself.
  ///
  /// asyncio: Protocol.eof_received
  func eofReceived() throws -> Bool
}

// [protocol.buffered]
/// A protocol that says where the bytes should go, and so spares a copy.
///
/// asyncio: protocols.BufferedProtocol
public protocol BufferedStreamProtocol: BaseProtocol {
  /// Where do you want the next bytes?
  ///
  /// - Parameter hint: how many bytes may come; -1 if nobody can tell.
  /// - Returns: memory that stays valid until `bufferUpdated`. Not empty: to receive
  ///   zero bytes is how the end of the stream looks (T4).
  ///
  /// asyncio: BufferedProtocol.get_buffer
  func getBuffer(_ hint: Int) throws -> UnsafeMutableRawBufferPointer

  /// They are there.
  ///
  /// - Parameter count: how many, from the beginning of the buffer.
  ///
  /// asyncio: BufferedProtocol.buffer_updated
  func bufferUpdated(_ count: Int) throws

  /// The same as in `StreamProtocol`.
  ///
  /// asyncio: BufferedProtocol.eof_received
  func eofReceived() throws -> Bool
}

// Who does not care about something need not write it down.

extension BaseProtocol {
  /// Does nothing.
  public func connectionMade(_ transport: SocketTransport) throws {}
  /// Does nothing.
  public func connectionLost(_ error: (any Error)?) throws {}
  /// Does nothing, so the buffer may grow without limit.
  public func pauseWriting() throws {}
  /// Does nothing.
  public func resumeWriting() throws {}
}

extension StreamProtocol {
  /// Throws the bytes away.
  public func dataReceived(_ bytes: [UInt8]) throws {}
  /// Lets the transport close itself.
  public func eofReceived() throws -> Bool { false }
}

extension BufferedStreamProtocol {
  /// Lets the transport close itself.
  public func eofReceived() throws -> Bool { false }
}
