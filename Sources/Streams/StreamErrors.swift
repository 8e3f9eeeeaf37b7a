/// The stream ended before there was as much as was asked for.
///
/// asyncio: exceptions.IncompleteReadError
public struct IncompleteReadError: Error, Equatable, CustomStringConvertible {
  /// What there was. It is not in the buffer any more, so this is the last chance.
  public let partial: [UInt8]
  /// How many bytes were asked for; `nil` if it was a separator.
  public let expected: Int?

  /// - Parameters:
  ///   - partial: what there was.
  ///   - expected: how many bytes were asked for; `nil` if it was a separator.
  public init(partial: [UInt8], expected: Int?) {
    self.partial = partial
    self.expected = expected
  }

  /// For instance `the stream ended after 3 bytes of 8`.
  public var description: String {
    let wanted = expected.map { "of \($0)" } ?? "without a separator"
    return "the stream ended after \(partial.count) bytes \(wanted)"
  }
}

/// More bytes stand before the separator than the limit allows, whether it has come or
/// not.
///
/// asyncio: exceptions.LimitOverrunError
public struct LimitOverrunError: Error, Equatable, CustomStringConvertible {
  /// What was too long.
  public let description: String
  /// So many bytes at the front of the buffer hold no separator. They are still there:
  /// read them with `readexactly`, or `readuntil` will throw again.
  public let consumed: Int

  /// - Parameters:
  ///   - description: what was too long.
  ///   - consumed: how many bytes hold no separator.
  public init(_ description: String, consumed: Int) {
    self.description = description
    self.consumed = consumed
  }
}
