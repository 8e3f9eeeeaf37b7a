// What is left away until one wants it, and where the two halves of a scar part.

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
    foldedSentence(fold, isAtEnd: tellings[fold.upperBound - 1].iteration > 0)
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

  /// To where old and new part; from there to the same place in the other half.
  mutating func goToParting() {
    guard let (old, today, middle) = trace.parting else {
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
