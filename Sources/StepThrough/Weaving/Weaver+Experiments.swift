import Experiments
import Telling

extension Weaver {
  /// `<!-- experiments accept.done-first accept.clean-up -->`: lines to take out, and what
  /// was seen when that was done.
  mutating func experimentTable(_ names: Substring) -> [String] {
    var rows = ["| `walkthrough break` | | what is seen |", "|---|---|---|"]
    for name in names.split(separator: " ").map(String.init) {
      guard let experiment = Experiment.named(name) else {
        problem("there is no experiment '\(name)'")
        continue
      }
      do throws(Experiment.Lost) {
        let change = try experiment.change(in: tree)
        let link = "[\(name)](\(toRoot)\(change.path)#L\(change.line + 1))"
        let seen = experiment.claims.map { cell($0) }.joined(separator: "; ")
        rows.append("| \(link) | \(cell(experiment)) | \(seen) |")
      } catch { problem(error.description) }
    }
    return rows
  }

  /// What is done.
  private func cell(_ experiment: Experiment) -> String {
    let old = code(experiment.old.joined(separator: " "))
    return experiment.new.isEmpty
      ? "without \(old)"
      : "\(old) becomes \(code(experiment.new.joined(separator: " ")))"
  }

  /// What is seen.
  private func cell(_ claim: Experiment.Claim) -> String {
    switch claim {
    case .fails(let test, let words):
      "\(code(test)) fails: \(code(Experiment.Claim.shown(words)))"
    case .parts(let trace, let step, let words):
      "\(code(trace)) says \"\(words)\" in step \(step), and differs from there on"
        .replacing("|", with: "\\|").replacing("*", with: "\\*")
        .replacing("<", with: "&lt;")
    }
  }

  private func code(_ text: String) -> String {
    "`\(text.replacing("|", with: "\\|"))`"
  }
}
