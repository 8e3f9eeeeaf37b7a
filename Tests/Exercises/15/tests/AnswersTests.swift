import Asyncio
import Support
import Testing

@testable import Exercise15

@Suite struct AnswersTests {
  /// What is written, one text for each call, when these pieces come.
  private func written(_ pieces: String...) throws -> [String] {
    let answers = Answers()
    var written: [String] = []
    answers.write = { written.append(String(decoding: $0, as: UTF8.self)) }
    for piece in pieces { try answers.dataReceived(Array(piece.utf8)) }
    return written
  }

  @Test func `a hundred lines, one call`() throws {
    let lines = (1...100).map { String(repeating: "a", count: $0) }
    let piece = lines.map { $0 + "\n" }.joined()
    let written = try written(piece)
    #expect(written.count == 1, "so many calls")
    #expect(written.joined() == (1...100).map { "\($0)\n" }.joined())
  }

  @Test func `a line that has not ended waits, and nothing is said`() throws {
    let written = try written("to", " be\nor ", "not\n\nto")
    #expect(written == ["5\n", "6\n0\n"])
  }
}
