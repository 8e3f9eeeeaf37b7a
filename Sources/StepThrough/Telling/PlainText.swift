// A recording for pipes and pagers: `--plain`. Lines, and no screen to put them on.

import Recording

/// A step as one line of text: number, iteration, line of source, sentence.
///
/// The sentence comes last, because it is the only part whose length varies.
package struct PlainText {
  private var iteration = -1

  /// Begins a new list.
  package init() {}

  /// What stands above the columns.
  package static let heading =
    "step turn  " + "source".padded(to: sourceWidth) + "  what happened\n"

  private static let sourceWidth = 26

  /// One line, with its line end.
  package mutating func line(_ telling: Telling) -> String {
    // A turn is numbered where it begins, so that the eye finds the beginning.
    let turn = telling.iteration == iteration ? "" : "\(telling.iteration)"
    iteration = telling.iteration
    let begin = telling.step.event.isPart ? "\n" : ""
    let source = telling.step.site.padded(to: Self.sourceWidth)
    return begin + padded("\(telling.step.number)", 4) + padded(turn, 5)
      + "  \(source)  \(telling.sentence)\n"
  }
}
