// Which steps the log shows, without a list of a hundred thousand numbers.

import Recording

/// The steps that have a line in the log: all but those that a fold has swallowed.
struct LoggedSteps: RandomAccessCollection {
  /// How many steps there are.
  let steps: Int
  /// The folds that are folded.
  let folds: [ClosedRange<Int>]

  var startIndex: Int { 0 }
  var endIndex: Int { steps - folds.reduce(0) { $0 + $1.count - 1 } }

  subscript(place: Int) -> Int {
    var number = place + 1
    for fold in folds where fold.lowerBound < number { number += fold.count - 1 }
    return number
  }

  /// The place of a step, or of the fold in which it is.
  func place(of step: Int) -> Int { Swift.max(0, partitioned { $0 > step } - 1) }
}
