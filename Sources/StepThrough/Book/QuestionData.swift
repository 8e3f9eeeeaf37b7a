import Asking
import Telling

// Questions as the script in the browser wants them. Those about all recordings are one
// file: they have most of their words in common, and few readers ask for them.

extension Packed {
  /// - Parameter all: the questions about a recording, in order.
  mutating func questions(_ all: [Question], _ tree: SourceTree) -> Int {
    // Which of them a reader gets depends on where they begin. Each says from which step
    // on it is one of those; from there on it stays one.
    var begins: [Int: Int] = [:]
    for begin in [0] + all.map(\.step) {
      for question in all.filter({ $0.step > begin }).selection
      where begins[question.step] == nil {
        begins[question.step] = begin
      }
    }
    return list(
      all.compactMap { question in
        guard let begin = begins[question.step] else { return nil }
        var fields = [
          "step": number(question.step), "from": number(begin),
          "file": text(tree.path(question.file)), "place": text(question.place),
          "choices": list(question.choices.map { choice($0) }),
        ]
        fields["line"] = question.line.map { number($0) }
        fields["note"] = question.note.map { text($0) }
        return object(fields)
      })
  }

  private mutating func choice(_ choice: Question.Choice) -> Int {
    var fields = ["is": text(withoutPorts(choice.sentence))]
    fields["no"] = choice.reason.map { text(withoutPorts($0)) }
    return object(fields)
  }
}
