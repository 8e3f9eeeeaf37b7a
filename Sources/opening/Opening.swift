import Foundation

// `swift run opening 6`: the program with which chapter 6 begins. Each of them is short
// enough to be read before it is run, and ends in the question of its chapter.

@main struct Opening {
  static let programs: [@Sendable () throws -> Void] = [
    nobodyAccepts, twoMessages, askAround, stopInTheMiddle, aLetter, oneThread,
    tryAgain,
    allOfIt, whoCalls, atOnce, closedAndServing, inPieces, isItSent, newsForAda,
    fiveBytes,
  ]

  static func main() {
    let words = CommandLine.arguments.dropFirst()
    guard words.count == 1, let number = Int(words.first!),
      programs.indices.contains(number - 1)
    else {
      end(2, "of which chapter? Say: swift run opening 1 (or up to \(programs.count))")
    }
    do { try programs[number - 1]() } catch { end(1, "\(error)") }
  }

  static func end(_ code: Int32, _ sentence: String) -> Never {
    FileHandle.standardError.write(Data("opening: \(sentence)\n".utf8))
    exit(code)
  }
}
