// Steps for a chapter. It says nothing of its own: the words are Telling's.

import Recording
import Telling

/// A piece of a trace as a Markdown table.
struct StepTable {
  /// What a column can show.
  enum Column: String, CaseIterable {
    case step, iteration, what, source, ready, selector, timers, futures, tasks, kernel

    var title: String {
      switch self {
      case .what: "what happened"
      case .iteration: "turn"
      case .ready: "ready queue"
      default: rawValue
      }
    }
  }

  let columns: [Column]
  /// The steps to show, by number.
  let steps: ClosedRange<Int>

  /// The way from the text's folder to the package's: `../`, or nothing.
  let toRoot: String

  /// The lines of the table.
  ///
  /// All steps are folded, also those before the first that is shown: a state is the
  /// sum of all of them.
  func lines(_ trace: Trace, _ tree: SourceTree) -> [String] {
    var state = LoopState()
    var rows: [[String]] = []
    for telling in trace.tellings {
      state.apply(telling.step)
      if steps.contains(telling.step.number) {
        rows.append(columns.map { cell($0, telling, state, tree) })
      }
    }
    let heading = row(columns.map(\.title))
    let rule = "|" + columns.map { _ in "---|" }.joined()
    return [heading, rule] + rows.map(row)
  }

  private func row(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |"
  }

  private func cell(
    _ column: Column, _ telling: Telling, _ state: LoopState, _ tree: SourceTree
  ) -> String {
    func section(_ place: Int) -> String {
      // The loop's own plumbing and what is over and done would fill the table.
      let items = state.sections[place].items.filter { !$0.isQuiet }
      let texts = items.map {
        $0.details.isEmpty ? $0.name : "\($0.name): \($0.details)"
      }
      return texts.joined(separator: "; ")
    }
    let step = telling.step
    let text: String
    switch column {
    case .step: text = "\(step.number)"
    case .iteration: text = "\(telling.iteration)"
    case .what: text = telling.sentence
    case .source:
      return "[\(step.site)](\(toRoot)\(tree.path(step.file))#L\(step.line))"
    case .ready: text = section(0)
    case .selector: text = section(1)
    case .timers: text = section(2)
    case .futures: text = section(3)
    case .tasks: text = section(4)
    case .kernel: text = section(5)
    }
    // What has a meaning in a Markdown table must not have it here.
    return text.replacing("|", with: "\\|").replacing("*", with: "\\*")
      .replacing("<", with: "&lt;")
  }
}
