// What is left away until one wants it, and where the two halves of a scar part.

import EventLoops
import Recording
import Telling

extension Browser {
  /// The fold that stands on the screen as one line, if the current step begins one.
  var fold: ClosedRange<Int>? {
    isFolding ? folds.first { $0.lowerBound == position } : nil
  }

  /// The last step that is done on the screen: the current one, or its fold's last.
  var lastShown: Int { fold?.upperBound ?? position }

  /// The line on which a step stands: its own, or that of the fold around it.
  func folded(_ number: Int) -> Int {
    guard isFolding else { return number }
    return folds.first { $0.contains(number) }?.lowerBound ?? number
  }

  /// What the one line says.
  func sentence(of fold: ClosedRange<Int>) -> String {
    let isAtEnd = tellings[fold.upperBound - 1].iteration > 0
    return (isAtEnd ? "After the last turn" : "Before turn 1")
      + ": the steps \(fold.lowerBound) to \(fold.upperBound) in one; u shows each"
  }

  mutating func toggleFolding() {
    if folds.isEmpty {
      hint = "nothing is folded here"
      return
    }
    isFolding.toggle()
    hint = isFolding ? "folded what is before and after the turns" : "all steps shown"
    // Not in the middle of what is one line now. Set in any case: the picture of a
    // fold's first step changes without a change of the number.
    position = folded(position)
  }

  // MARK: A scar's two halves

  /// What came of the old shape and of today's; `nil` if this is no scar.
  var outcomes: (old: Substring, today: Substring)? {
    guard case .note(let text) = trace.steps.last?.event, text.hasPrefix("old: "),
      let middle = text.firstRange(of: "; today: ")
    else { return nil }
    return (text[..<middle.lowerBound].dropFirst(5), text[middle.upperBound...])
  }

  /// The first step of each half in which they do something else, and where the second
  /// half begins.
  private var parting: (old: Int, today: Int, middle: Int)? {
    let parts = trace.steps.filter { if case .part = $0.event { true } else { false } }
    guard parts.count == 2 else { return nil }
    let middle = parts[1].number
    let old = tellings[parts[0].number..<(middle - 1)]
    let today = tellings[middle...]
    let same = zip(old, today).prefix {
      withoutPorts($0.sentence) == withoutPorts($1.sentence)
    }.count
    guard same < old.count, same < today.count else { return nil }
    return (old.startIndex + same + 1, today.startIndex + same + 1, middle)
  }

  /// To where old and new part; from there to the same place in the other half.
  mutating func goToParting() {
    guard let (old, today, middle) = parting else {
      hint =
        outcomes == nil
        ? "there is one shape of the code here; scars have two"
        : "both shapes do the same, step for step"
      return
    }
    let isOld =
      position == today || position != old && position < middle
    _ = move(to: isOld ? old : today)
    hint =
      "here \(isOld ? "the old shape parts from today's" : "today's shape parts from the old")"
      + "; d: the same place in the other"
  }
}

private func withoutPorts(_ text: String) -> String {
  text.replacing(/\b\d{4,5}\b/, with: "port")
}

extension Trace {
  /// What is before a loop's first turn and after its last one: how the loop, its sockets
  /// and its tasks are made and put away. What the world does meanwhile is no part of it.
  var folds: [ClosedRange<Int>] {
    let starts = steps.indices.filter {
      if case .part = steps[$0].event { true } else { false }
    }
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
}
