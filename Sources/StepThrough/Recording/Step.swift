// What a recording is made of. All that is above knows steps, and a step knows nobody:
// no loop, no sentence, no screen.

package import EventLoops
package import Simulation

/// One thing that happened, and the line of source that made it happen.
///
/// A recording is a list of these. Everything that the step-through shows, the
/// sentence, the machine's state, the source, comes from them and from nowhere
/// else; so what is not in a step is not on the screen.
package struct Step: Sendable, Equatable {
  /// Counts from 1.
  package let number: Int
  /// What happened.
  package let event: StepEvent
  /// The file, as `Module/File.swift`.
  package let file: String
  /// The line number in that file.
  package let line: Int
  /// What the descriptors were called at this moment.
  ///
  /// The numbers in `event` are not the kernel's. The kernel gives a closed
  /// descriptor's number to the next one that asks, and two runs need not agree on
  /// them; the recorder counts descriptors from 1 instead and uses no number twice.
  package let names: [Int32: String]
  /// What the kernel keeps for the sockets of which it keeps something else than before
  /// this step.
  package let facts: [Int32: KernelFacts]

  /// - Parameters:
  ///   - number: counts from 1.
  ///   - event: what happened.
  ///   - file: the file, as `Module/File.swift`.
  ///   - line: the line number in that file.
  ///   - names: what the descriptors are called.
  ///   - facts: what has changed on the kernel's side.
  package init(
    number: Int, event: StepEvent, file: String, line: Int, names: [Int32: String],
    facts: [Int32: KernelFacts] = [:]
  ) {
    self.number = number
    self.event = event
    self.file = file
    self.line = line
    self.names = names
    self.facts = facts
  }

  /// The name of a descriptor. A script may use one that nobody has opened.
  package func name(_ descriptor: Int32) -> String {
    names[descriptor] ?? "descriptor \(descriptor)"
  }

  /// The same step in another place.
  package func numbered(_ number: Int) -> Step {
    Step(
      number: number, event: event, file: file, line: line, names: names, facts: facts)
  }

  /// The line, for people: `SockAccept.swift:33`.
  package var site: String { "\(file.split(separator: "/").last ?? ""):\(line)" }
}

/// What a step can be.
package enum StepEvent: Sendable, Equatable {
  /// The loop did something.
  case loop(LoopEvent)
  /// The kernel was asked for something, and this is what it said.
  case call(SystemCall, SystemAnswer)
  /// Somebody outside the loop did something, a client for instance.
  case note(String)
  /// A program of the scenario printed a line.
  case printed(String, String)
  /// A new part begins, on an empty stage: nothing of what was is there any more.
  case part(String)

  /// A note that from here on this is another course than the kernel's own.
  ///
  /// - Parameter text: what is otherwise, a sentence without its full stop.
  package static func fork(_ text: String) -> StepEvent { .note(forkMark + text) }
  /// Whether it is such a note.
  package var isFork: Bool {
    if case .note(let text) = self { text.hasPrefix(Self.forkMark) } else { false }
  }
  private static let forkMark = "What if: "
  /// Whether a new part begins.
  package var isPart: Bool { if case .part = self { true } else { false } }
}

/// A whole recording.
package struct Trace: Sendable, Equatable {
  /// The scenario that was recorded.
  package let scenario: String
  /// Who did it: our loop, or `CPython 3.13.0`.
  package let by: String
  /// What happened, in order.
  package var steps: [Step]

  /// - Parameters:
  ///   - scenario: the name of the scenario.
  ///   - by: who did it.
  ///   - steps: what happened.
  package init(scenario: String, by: String = "walkthrough", steps: [Step] = []) {
    self.scenario = scenario
    self.by = by
    self.steps = steps
  }

  /// The machine after the first `count` steps.
  ///
  /// It is folded anew every time. That is what makes going back as easy as going
  /// on: there is nothing to undo. (Who goes back often, or far, has `Snapshots`.)
  package func state(after count: Int) -> LoopState {
    var state = LoopState()
    for step in steps.prefix(count) { state.apply(step) }
    return state
  }
}
