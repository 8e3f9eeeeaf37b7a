import Asyncio
import Support
import Testing

@testable import Exercise9

@Suite struct LinesTests {
  /// The lines that these pieces are, and the end of the stream behind them.
  private func lines(_ pieces: [[UInt8]]) -> [String] {
    var lines: [String] = []
    let proto = Lines { lines.append($0) }
    for piece in pieces { proto.dataReceived(piece) }
    _ = proto.eofReceived()
    return lines
  }

  @Test func `however it is cut, it is the same`() {
    let text = Array("to be or\nnot to be\n\ndas heißt: sein\nthat".utf8)
    let whole = ["to be or", "not to be", "", "das heißt: sein", "that"]
    for size in 1...text.count {
      let pieces = stride(from: 0, to: text.count, by: size).map {
        Array(text[$0..<min($0 + size, text.count)])
      }
      let lines = lines(pieces)
      #expect(lines == whole, "in pieces of \(size)")
      if lines != whole { break }
    }
  }

  @Test func `a line waits for its end`() {
    var lines: [String] = []
    let proto = Lines { lines.append($0) }
    proto.dataReceived(Array("to be".utf8))
    #expect(lines == [])
    proto.dataReceived(Array(" or\nnot".utf8))
    #expect(lines == ["to be or"])
  }

  @Test func `the end is told once, and nothing is made up for it`() {
    #expect(lines([Array("one\n".utf8)]) == ["one"])
    #expect(lines([]) == [])
  }
}
