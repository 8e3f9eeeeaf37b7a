// Exercise 12: the next line of a stream, as people mean it.

import Asyncio

extension StreamReader {
  /// The next line, without what ends it: a newline, or a carriage return and a newline.
  /// A last line may do without; when there is no line any more it is `nil`.
  public func nextLine() async throws -> String? {
    var line = try await readline()
    // Only at the end there is not even a newline.
    if line.isEmpty { return nil }
    if line.last == UInt8(ascii: "\n") {
      line.removeLast()
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
    }
    return String(decoding: line, as: UTF8.self)
  }
}
