// A question before it is one: what else could come, and why not.

import EventLoops
import Recording
import Simulation
import Telling

/// What else the machine makes plausible, where it is certain what comes.
struct Draft {
  let kind: String
  var wrong: [Wrong]
  /// The line that decides; `nil` for the one from which the step comes.
  var place: Place?
  /// What the machine does not show any more.
  var note: String?

  struct Wrong {
    let event: StepEvent
    let reason: String
  }

  /// A line of source, found by what stands in it.
  struct Place {
    let file: String
    let code: String
  }

  init(_ kind: String, _ place: Place? = nil, note: String? = nil, _ wrong: [Wrong?]) {
    (self.kind, self.place, self.note) = (kind, place, note)
    self.wrong = wrong.compactMap(\.self)
  }

  /// - Returns: `nil` if too little is left to choose from.
  func question(_ situation: Situation, _ next: Step, _ tree: SourceTree) -> Question? {
    guard let last = situation.last else { return nil }
    let right = Question.Choice(
      event: next.event, sentence: sentence(next, before: situation.state), reason: nil)
    var choices: [Question.Choice] = []
    for wrong in wrong where choices.count < 3 {
      let step = Step(
        number: next.number, event: wrong.event, file: "", line: 0,
        names: situation.names(with: wrong.event))
      let text = sentence(step, before: situation.state)
      // Two ways to say the same are no choice.
      if text == right.sentence || choices.contains(where: { $0.sentence == text }) {
        continue
      }
      choices.append(.init(event: wrong.event, sentence: text, reason: wrong.reason))
    }
    guard choices.count > 1 else { return nil }
    // Somewhere among them, and at the same place each time.
    let number = next.number % (choices.count + 1)
    choices.insert(right, at: number)
    return Question(
      step: next.number,
      text: "\(last.number) \(sentence(last, before: situation.before)). "
        + "What is the next step?" + (note.map { " (\($0))" } ?? ""),
      file: place?.file ?? next.file,
      line: place.map { $0.line(in: tree) } ?? next.line, kind: kind,
      note: note,
      choices: choices, right: number)
  }
}

extension Draft.Place {
  func line(in tree: SourceTree) -> Int? {
    tree.lines(file)?.firstIndex { $0.contains(code) }.map { $0 + 1 }
  }
}

extension Situation {
  /// The names of descriptors, with one for a connection that there is not.
  fileprivate func names(with event: StepEvent) -> [Int32: String] {
    guard case .call(.accept, .descriptor(let new, _)) = event else {
      return state.names
    }
    let count = state.names.values.count { $0.hasPrefix("connection ") }
    return state.names.merging([new: "connection \(count + 1)"]) { old, _ in old }
  }

  /// What must come, if that is certain, with what else one might think of.
  ///
  /// - Parameter next: what came. Where the machine would have it otherwise, nothing is
  ///   asked.
  func draft(of next: Step) -> Draft? {
    // How a loop is set up and put away is nobody's question.
    if state.isStopping || state.iteration == 0 || isPlumbing(next) { return nil }
    let rules = [
      settled, cancelled, cleaned, late, replaced, inLine, newTurn, reported, due,
      answered,
      reaction, lived, closing, flow, poured, fed, full, resumed,
    ]
    for rule in rules {
      if let draft = rule(next) { return draft }
    }
    return nil
  }

  private func isPlumbing(_ next: Step) -> Bool {
    let handles = state.ready.map(\.handle.label)
    if handles.first == "stop" { return true }
    switch next.event {
    case .note, .printed, .part: return true
    case .loop(.handleQueued(let handle)), .loop(.handleRun(let handle)):
      return handle.label == "stop" || handle.label.hasPrefix("readFromSelf")
    case .call(let call, _):
      if case .epollControl(_, _, let fd, _) = call { return name(fd) == "self-pipe" }
      return false
    default: return false
    }
  }
}
