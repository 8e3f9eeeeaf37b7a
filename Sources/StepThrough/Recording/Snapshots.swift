// States along the way, for whoever goes back and forth in a long recording. What a state
// is, and how it comes about, is the fold's affair.

/// Some states of a trace, so that none has to be folded from the beginning.
///
/// Going back still means folding, only from a state nearby. There are never more than
/// so many of them: in a long trace they are further apart.
package struct Snapshots: Sendable {
  /// The states after 0, `distance`, 2 × `distance`, … steps.
  private var kept = [LoopState()]
  private var distance = 16
  private static let most = 128

  /// Begins before the first step.
  package init() {}

  /// Keeps a state, if its place is one of those.
  ///
  /// - Parameters:
  ///   - state: the machine.
  ///   - count: after so many steps; one more than at the last call.
  package mutating func add(_ state: LoopState, after count: Int) {
    guard count == kept.count * distance else { return }
    kept.append(state)
    if kept.count > Self.most {
      kept = stride(from: 0, to: kept.count, by: 2).map { kept[$0] }
      distance *= 2
    }
  }

  /// The machine after the first `count` of these steps.
  package func state(after count: Int, of steps: [Step]) -> LoopState {
    let place = min(count / distance, kept.count - 1)
    var state = kept[place]
    for step in steps[(place * distance)..<count] { state.apply(step) }
    return state
  }
}
