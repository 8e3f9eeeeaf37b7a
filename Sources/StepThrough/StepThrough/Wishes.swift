import CLibrary
import Telling

/// What the reader wants to see of their program.
struct Wishes {
  private(set) var isPlain = false
  private(set) var isJSON = false
  private(set) var isLive = false
  /// How many steps to record, if it is not what the program says.
  private(set) var limit: Int?

  /// What cannot be meant.
  struct Mistake: Error, CustomStringConvertible { let description: String }

  /// From the variable `STEP_THROUGH`, if there is one, and then a word that means nothing
  /// is a mistake; else from the program's own arguments, where it is the program's.
  init() throws(Mistake) {
    if let variable = getenv("STEP_THROUGH") {
      let words = String(cString: variable).split(separator: " ").map(String.init)
      try self.init(words, areAllOurs: true)
    } else {
      try self.init(Array(CommandLine.arguments.dropFirst()), areAllOurs: false)
    }
  }

  init(_ words: [String], areAllOurs: Bool) throws(Mistake) {
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--plain": isPlain = true
      case "--json": isJSON = true
      case "--live": isLive = true
      case "--steps":
        guard let number = rest.popFirst().flatMap({ Int($0) }), number > 0 else {
          throw Mistake(description: "--steps wants a number from 1 on")
        }
        limit = number
      case _ where areAllOurs:
        throw Mistake(
          description: "STEP_THROUGH knows --plain, --json, --live and --steps N, "
            + "not '\(word)'")
      default: break
      }
    }
    if isJSON && (isPlain || isLive) {
      throw Mistake(description: "--json goes with no other view; leave one out")
    }
  }
}
