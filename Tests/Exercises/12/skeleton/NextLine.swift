// Exercise 12: the next line of a stream, as people mean it.

import Asyncio

extension StreamReader {
  /// The next line, without what ends it: a newline, or a carriage return and a newline.
  /// A last line may do without; when there is no line any more it is `nil`.
  public func nextLine() async throws -> String? {
    // Your turn. An empty line is a line, too.
    let line = try await readline()
    return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
  }
}
