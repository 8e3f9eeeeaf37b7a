import Comparison
import Experiments
import Recording
import Telling

/// What was seen where an experiment claims something.
enum Sight {
  /// A test failed, and said this.
  case failed([String])
  /// It did not.
  case passed
  /// The trace is another one from some step on.
  case parted(Parting)
  /// The trace is the same.
  case same
  /// Something else: the compiler refuses the change, or there is no end.
  case otherwise(String)

  /// Whether that is what is claimed.
  func isAs(_ claim: Experiment.Claim) -> Bool {
    switch (self, claim) {
    case (.failed(let lines), .fails(_, let words)):
      return lines.contains { $0.contains(words) }
    case (.parted(let parting), .parts(_, let step, let words)):
      return parting.step == step && parting.there.contains(words)
    default: return false
    }
  }

  /// In a sentence. Of all that a test has said it is what is claimed, if it is there.
  func sentence(beside claim: Experiment.Claim) -> String {
    switch self {
    case .failed(let lines):
      var shown = lines[0]
      if case .fails(_, let words) = claim {
        shown = lines.first { $0.contains(words) } ?? shown
      }
      return "it fails: \(shown)"
        + (lines.count > 1 ? ", and \(lines.count - 1) more" : "")
    case .passed: return "it passes: nobody notices"
    case .same: return "it is the same trace: nothing is otherwise"
    case .parted(let parting):
      return "it says \"\(parting.there)\" in step \(parting.step),"
        + " and not \"\(parting.here)\""
    case .otherwise(let what): return what
    }
  }
}

/// Where two traces part.
struct Parting {
  let usual: TraceFile, other: TraceFile
  /// What the usual trace says there, and what the other one.
  let here: String, there: String
  /// All rows, and the first that differs.
  let both: Counterparts, row: Int
  /// The first step that is another one: up to there the two go side by side.
  var step: Int { row + 1 }

  init?(_ usual: TraceFile, _ other: TraceFile, _ tree: SourceTree) {
    (self.usual, self.other) = (usual, other)
    both = Counterparts(usual, beside: other, tree)
    guard let difference = both.firstDifference,
      let row = both.rows.firstIndex(where: {
        $0.number == difference.number && $0.theirNumber == difference.theirNumber
      })
    else { return nil }
    self.row = row
    func sentence(_ file: TraceFile) -> String {
      let tellings = file.trace.tellings
      return tellings.indices.contains(row) ? tellings[row].sentence : "nothing more"
    }
    (here, there) = (sentence(usual), sentence(other))
  }
}

/// What a run of tests has said, by test.
struct TestRun {
  private let lines: [String]
  private let outcome: Child.Outcome

  init(_ outcome: Child.Outcome) {
    self.outcome = outcome
    // (It may be in colours, also where there is no terminal.)
    lines = outcome.output.replacing(/\u{1B}\[[0-9;]*m/, with: "")
      .split(separator: "\n").map(String.init)
  }

  /// - Throws: `Workshop.Trouble` if there is no such test.
  func sight(of test: String) throws -> Sight {
    guard lines.contains(where: { $0.contains(test) }) else {
      throw Workshop.Trouble(
        "there is no test '\(test)' any more, or the tests do not run: "
          + (lines.last ?? "they say nothing"))
    }
    if outcome.isEndless { return .otherwise("the tests do not come to their end") }
    var said: [String] = []
    var isOurs = false
    for line in lines {
      if let place = line.firstRange(of: " recorded an issue") {
        isOurs = line.contains(test)
        let text = line[place.upperBound...].replacing(
          /^.*? at \S+:\d+:\d+:\s/, with: "")
        if isOurs { said.append(String(text)) }
      } else if isOurs, line.hasPrefix("↳ ") {
        said.append(String(line.dropFirst(2)))
      } else {
        isOurs = false
      }
    }
    if outcome.code >= 128 {
      let last = lines.first { $0.contains("Fatal error") } ?? "a signal"
      said.append("the process ends: \(last)")
    }
    return said.isEmpty ? .passed : .failed(said)
  }
}
