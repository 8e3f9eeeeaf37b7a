// Asking: what is the next step? It knows recordings and their words; not who answers,
// nor on what: a terminal, a page, a sheet of paper.

package import Recording
package import Telling

/// A question about a recording, with the answers to choose from.
package struct Question: Sendable, Equatable {
  /// The number of the step that is hidden.
  package let step: Int
  /// What happened just before it, and what is asked.
  package let text: String
  /// The file of the line that decides, as `Module/File.swift`.
  package let file: String
  /// That line; `nil` if the source is not here.
  package let line: Int?
  /// What it is about: two of one kind are much alike.
  package let kind: String
  /// What the machine does not show any more, and one has to know.
  package let note: String?
  /// What could come; one of them is what came.
  package var choices: [Choice]
  /// Which of them it is, counted from 0.
  package var right: Int

  /// A possible answer.
  package struct Choice: Sendable, Equatable {
    /// What would happen.
    package let event: StepEvent
    /// The same in words.
    package let sentence: String
    /// Why it cannot be; `nil` for the right one.
    package let reason: String?

    /// - Parameters:
    ///   - event: what would happen.
    ///   - sentence: the same in words.
    ///   - reason: why it cannot be.
    package init(event: StepEvent, sentence: String, reason: String?) {
      (self.event, self.sentence, self.reason) = (event, sentence, reason)
    }
  }

  /// The line that decides, for people: `RunOnce.swift:69`.
  package var place: String {
    let name = String(file.split(separator: "/").last ?? "")
    return line.map { "\(name):\($0)" } ?? name
  }

  /// The same for other programs.
  package var json: JSON {
    let choices = choices.map { choice in
      var object: [String: JSON] = ["sentence": .text(choice.sentence)]
      object["reason"] = choice.reason.map(JSON.text)
      return JSON.object(object)
    }
    var object: [String: JSON] = [
      "step": JSON(step), "question": .text(text), "choices": .list(choices),
      "right": JSON(right), "file": .text(file),
    ]
    object["line"] = line.map { JSON($0) }
    return .object(object)
  }
}

/// All questions that a recording gives.
///
/// It is asked only where the machine as it stands says what must come, and where it
/// makes at least two other things plausible.
///
/// - Parameters:
///   - trace: the recording.
///   - tree: where the lines that decide are looked up.
package func questions(about trace: Trace, _ tree: SourceTree) -> [Question] {
  var situation = Situation()
  var found: [Question] = []
  // Of a scar's two parts only the last one is today's code.
  let lastPart = trace.steps.last(where: \.event.isPart)?.number ?? 0
  for step in trace.steps {
    if step.number > lastPart, let draft = situation.draft(of: step) {
      found += [draft.question(situation, step, tree)].compactMap(\.self)
    }
    situation.apply(step)
  }
  return found
}

extension [Question] {
  /// Some ten of them, of as many kinds as there are: first what this recording has and
  /// others have not, up to two of a kind; then what every loop does in every turn.
  package var selection: [Question] {
    let everyday: Set = [
      "in line", "next turn", "sleep", "reported", "quiet", "one callback",
    ]
    var counts: [String: Int] = [:]
    let ranked = map { question in
      let round = counts[question.kind, default: 0]
      counts[question.kind] = round + 1
      let rank = 2 * round + (everyday.contains(question.kind) ? 3 : 0)
      return (question: question, rank: rank)
    }
    return ranked.sorted { ($0.rank, $0.question.step) < ($1.rank, $1.question.step) }
      .prefix(10).map(\.question).sorted { $0.step < $1.step }
  }
}
