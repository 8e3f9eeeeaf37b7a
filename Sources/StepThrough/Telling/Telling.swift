// Telling: a recording in words, for people and for other programs. It knows Recording
// and the package's source; not who reads it, nor what CPython did.

package import Recording

/// A step as a reader meets it in a list: with its sentence and its iteration.
package struct Telling: Sendable {
  /// The step.
  package let step: Step
  /// The turn of the loop that it belongs to; 0 before the first.
  package let iteration: Int
  /// What happened.
  package let sentence: String
  /// Descriptors that have another name from this step on, the old name to the new one:
  /// the kernel's number is the same, and the socket behind it another.
  let renamed: [String: String]
}

/// Tells one step after the other, and keeps the state that a sentence needs.
package struct Teller {
  /// The machine after all that was told.
  package private(set) var state: LoopState

  /// - Parameter state: the machine before the first step that will be told.
  package init(_ state: LoopState = LoopState()) { self.state = state }

  /// Tells the next step.
  package mutating func tell(_ step: Step) -> Telling {
    let text = sentence(step, before: state)
    var renamed: [String: String] = [:]
    // Nearly always the two are one and the same, and to see that takes no time.
    if state.names != step.names {
      for (number, old) in state.names {
        if let new = step.names[number], new != old { renamed[old] = new }
      }
      if step.event.isPart { renamed = [:] }
    }
    state.apply(step)
    return Telling(
      step: step, iteration: state.iteration, sentence: text, renamed: renamed)
  }
}

extension Trace {
  /// The whole recording, told.
  package var tellings: [Telling] {
    var teller = Teller()
    return steps.map { teller.tell($0) }
  }
}
