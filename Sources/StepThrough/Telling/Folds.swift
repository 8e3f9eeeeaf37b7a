// Which steps of a recording one can do without until one wants them, and where the two
// halves of a scar part.

import EventLoops
package import Recording

/// What stands in the place of steps that are folded to one.
///
/// - Parameters:
///   - fold: their numbers.
///   - isAtEnd: they come after the last turn.
package func foldedSentence(_ fold: ClosedRange<Int>, isAtEnd: Bool) -> String {
  (isAtEnd ? "After the last turn" : "Before turn 1")
    + ": the steps \(fold.lowerBound) to \(fold.upperBound) in one; u shows each"
}

extension Trace {
  /// What is before a loop's first turn and after its last one: how the loop, its sockets
  /// and its tasks are made and put away. What the world does meanwhile is no part of it.
  package var folds: [ClosedRange<Int>] {
    let starts = steps.indices.filter { steps[$0].event.isPart }
    let bounds = ([0] + starts + [steps.count]).sorted()
    return zip(bounds, bounds.dropFirst()).flatMap { folds(in: steps[$0..<$1]) }
  }

  private func folds(in part: ArraySlice<Step>) -> [ClosedRange<Int>] {
    func place(_ matches: (LoopEvent) -> Bool) -> Int? {
      part.firstIndex {
        if case .loop(let event) = $0.event { matches(event) } else { false }
      }
    }
    guard let first = place({ if case .selectEntered = $0 { true } else { false } })
    else { return [] }
    var quiet = [part[..<first]]
    if let stop = place({ $0 == .stopRequested }) {
      let last = part[stop...].lastIndex {
        switch $0.event {
        case .loop(.handleFinished), .loop(.handleSkipped), .loop(.selectReturned): true
        default: false
        }
      }
      if let last { quiet.append(part[(last + 1)...]) }
    }
    return quiet.flatMap { steps in
      steps.split {
        switch $0.event {
        case .note, .printed, .part: true
        default: false
        }
      }
    }.filter { $0.count > 1 }.map { $0.first!.number...$0.last!.number }
  }

  /// Of a scar, the first step of each half in which they do something else, and where
  /// the second half begins; `nil` if there are no halves, or if both do the same.
  package var parting: (old: Int, today: Int, middle: Int)? {
    let parts = steps.filter(\.event.isPart)
    guard parts.count == 2 else { return nil }
    let tellings = tellings
    let middle = parts[1].number
    let old = tellings[parts[0].number..<(middle - 1)]
    let today = tellings[middle...]
    let same = zip(old, today).prefix {
      withoutPorts($0.sentence) == withoutPorts($1.sentence)
    }.count
    guard same < old.count, same < today.count else { return nil }
    return (old.startIndex + same + 1, today.startIndex + same + 1, middle)
  }
}

private func withoutPorts(_ text: String) -> String {
  text.replacing(/\b\d{4,5}\b/, with: "port")
}
