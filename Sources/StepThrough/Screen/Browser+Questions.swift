// What the reader types: answers to questions, and what a client of a running loop is to
// do.

import Recording
import Telling

extension Browser {
  /// Whether the reader is typing an answer.
  package var isAsking: Bool {
    if case .question = mode { true } else { false }
  }

  /// A pasted text answers a question. Its line ends do not send the answer off.
  mutating func paste(_ text: String) {
    guard case .question(let question, let typed) = mode else {
      hint = "what was pasted is ignored: no question is open that it could answer"
      return
    }
    let words = text.split { $0.isNewline || $0.unicodeScalars.first!.value < 0x20 }
    mode = .question(question, typed: typed + words.joined(separator: " "))
  }

  mutating func ask(_ question: Question) {
    beneath = mode
    mode = .question(question, typed: "")
  }

  mutating func press(
    _ key: Key, _ question: Question, _ typed: String
  ) -> Wish {
    switch key {
    case .character(let character):
      mode = .question(question, typed: typed + String(character))
    case .backspace where !typed.isEmpty:
      mode = .question(question, typed: String(typed.dropLast()))
    case .escape, .backspace, .interrupt, .endOfInput: mode = beneath
    case .enter:
      mode = beneath
      switch question {
      case .goTo: goTo(typed)
      case .find: find(typed)
      case .line: return .act(.send(typed))
      }
    default: break
    }
    return .nothing
  }

  private mutating func goTo(_ typed: String) {
    if typed.isEmpty { return }
    guard let number = Int(typed), 1...max(1, trace.steps.count) ~= number else {
      hint = "there are the steps 1 to \(trace.steps.count)"
      return
    }
    _ = move(to: number)
  }

  /// The keys with which the reader is a client of the running loop.
  mutating func pressForClient(_ letter: Character) -> Wish {
    if letter == "C" { return .act(.connect) }
    guard let client else {
      hint = "no client is connected; C connects one"
      return .nothing
    }
    switch letter {
    case "W": ask(.line)
    case "E": return .act(.endSending)
    case "R": return .act(.reset)
    default:
      let number = letter.wholeNumberValue!
      if clients.contains(number) { return .act(.choose(number)) }
      let all = clients.map { "\($0)" }.joined(separator: ", ")
      hint =
        "there is no client \(number); connected: \(all); the keys are for \(client)"
    }
    return .nothing
  }
}
