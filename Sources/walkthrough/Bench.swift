import Experiments
import Foundation
import Recording
import Scars
import Scenarios
import Telling
import Terminal

/// Where experiments are done: one after the other, in one copy of the package.
final class Bench {
  private let tree: SourceTree
  private let workshop: Workshop
  /// All tests of a package are one program.
  private let tests = "walkthroughPackageTests"
  /// So many seconds a program may take that needs one or two. What turns in circles is
  /// ended by its turns, long before; this is for what does not even turn.
  private let patience = 120.0

  init(_ tree: SourceTree) throws {
    self.tree = tree
    workshop = try Workshop("break", of: tree)
    Child.hearStops()
  }

  /// Does one, and writes what is claimed beside what was seen.
  ///
  /// - Parameter isAlone: whether to say what is done, and to show the traces.
  func isAsClaimed(_ experiment: Experiment, isAlone: Bool) throws -> Bool {
    let start = ContinuousClock.now
    let change = try experiment.change(in: tree)
    write("\(experiment.name), \(change.path):\(change.line + 1)\n")
    for line in experiment.old { write("  - \(line)\n") }
    for line in experiment.new { write("  + \(line)\n") }
    let say = { (text: String) in if isAlone { write("\(text)\n") } }
    say("\nThe package is copied to \(workshop.folder), which is kept.")
    let seen = try look(experiment, change, say)
    var isRight = true
    for (claim, sight) in zip(experiment.claims, seen) {
      isRight = sight.isAs(claim) && isRight
      let texts = [
        "claimed: \(claim.sentence)", "seen:    \(sight.sentence(beside: claim))",
      ]
      for text in texts {
        for line in wrap(text, to: 88, indent: 9) { write(line + "\n") }
      }
    }
    let seconds = (ContinuousClock.now - start).components.seconds
    write("\(isRight ? "as claimed" : "NOT AS CLAIMED"), after \(seconds) s\n\n")
    if isAlone {
      for case .parted(let it) in seen {
        write(comparison(it.usual, it.other, it.both, from: it.row, atMost: 24))
      }
    }
    return isRight
  }

  /// What there is to see, for each claim.
  private func look(
    _ experiment: Experiment, _ change: Experiment.Change, _ say: (String) -> Void
  ) throws -> [Sight] {
    let names = experiment.tests
    var targets: [String] = names.isEmpty ? [] : [experiment.target]
    if !experiment.traces.isEmpty { targets.append(Tracer.name) }
    let manifest = try workshop.manifest(for: targets, and: [Tracer.target])
    let own = ["Package.swift": manifest, Tracer.path: Tracer.text]
    try workshop.copy(with: own.merging([change.path: change.text]) { $1 })
    say("Building \(targets.joined(separator: " and ")): a minute or two, once.")
    if let refusal = try workshop.build(tests: !names.isEmpty) {
      // Whose fault is it? The package's own, if it cannot be built without the change.
      try workshop.copy(with: own)
      if let error = try workshop.build(tests: !names.isEmpty) {
        throw Workshop.Trouble("the package itself cannot be built: \(error)")
      }
      return experiment.claims.map { _ in .otherwise("it cannot be built: \(refusal)") }
    }
    var run: TestRun?
    if !names.isEmpty {
      say("Running the tests.")
      let filters = names.flatMap {
        ["--filter", NSRegularExpression.escapedPattern(for: $0)]
      }
      let program = "\(workshop.products)/\(tests).xctest"
      let words = [program, "--testing-library", "swift-testing"] + filters
      run = TestRun(try Child(words).run(patience: patience))
    }
    return try experiment.claims.map {
      switch $0 {
      case .fails(let test, _): try run!.sight(of: test)
      case .parts(let name, _, _):
        try sight(
          of: Child(["\(workshop.products)/\(Tracer.name)", name])
            .run(patience: patience),
          beside: usual(name))
      }
    }
  }

  private func sight(
    of outcome: Child.Outcome, beside usual: TraceFile
  ) throws -> Sight {
    if outcome.isEndless { return .otherwise("it neither ends nor turns") }
    // What the program itself writes, about errors that nobody hears, is no step.
    let text = outcome.output.split(separator: "\n").filter { $0.hasPrefix("{") }
      .joined(separator: "\n")
    do throws(TraceError) {
      let parting = Parting(usual, try TraceFile(text: text), tree)
      return parting.map(Sight.parted) ?? .same
    } catch {
      let last = outcome.output.split(separator: "\n").last ?? "no word"
      return .otherwise("there is no trace: \(last)")
    }
  }

  /// The trace without any change: this very program plays it.
  private func usual(_ name: String) throws -> TraceFile {
    guard let scenario = Scenario.played(name) else {
      throw Workshop.Trouble("there is no scenario '\(name)'")
    }
    return TraceFile(try scenario.usualTrace())
  }
}
