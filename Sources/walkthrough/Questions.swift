import Asking
import Recording
import Telling
import Terminal

/// `walkthrough NAME --predict` without a screen: the questions as a sheet of paper has
/// them, with the answers at its end.
///
/// - Parameter start: what comes before this step is not asked.
func writeQuestions(
  _ trace: Trace, title: String, asJSON: Bool, from start: Int
) throws -> Int32 {
  let questions = questions(about: trace, SourceTree()).filter { $0.step >= start }
    .selection
  if questions.isEmpty {
    throw Request.Mistake(
      "\(trace.scenario) has no questions from step \(start) on; begin before")
  }
  if asJSON {
    write(questions.map { $0.json.line + "\n" }.joined())
    return 0
  }
  var (text, answers) = ("\(title)\n", "\nAnswers\n")
  for (place, question) in questions.enumerated() {
    let state = trace.state(after: question.step - 1)
    text += "\n" + paragraph("\(place + 1). ", "after step \(question.text)")
    for section in state.sections where !section.isPrinted {
      let items = section.items.filter { !$0.isQuiet }.map {
        $0.details.isEmpty ? $0.name : "\($0.name) (\($0.details))"
      }
      if items.isEmpty && section.title != "Ready queue" { continue }
      let list = items.isEmpty ? "empty" : items.joined(separator: "; ")
      text += paragraph("     \(section.title.padded(to: 12)) ", list)
    }
    answers +=
      "\n\(place + 1). It is \(question.right + 1): \(question.place) decides.\n"
    for (number, choice) in question.choices.enumerated() {
      text += paragraph("   \(number + 1)  ", choice.sentence)
      if let reason = choice.reason {
        answers += paragraph("   not \(number + 1): ", reason)
      }
    }
  }
  write(text + answers)
  return 0
}

private func paragraph(_ label: String, _ text: String) -> String {
  wrap(label + text, to: 88, indent: label.count).map { $0 + "\n" }.joined()
}
