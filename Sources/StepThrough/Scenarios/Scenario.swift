// What a scenario is: a name, and something to run with a recorder. Nothing above has
// to know how one is built, and it does not know what will be done with its steps.

package import Recording
import Telling

/// Something worth stepping through.
///
/// A scenario does not contain its steps. It starts a loop and lets it work; the
/// steps are what the recorder hears meanwhile.
package struct Scenario: Sendable {
  /// What to type: `accept`.
  package let name: String
  /// What it shows, in one line.
  package let title: String
  /// The kernel is a script, because a real one does not misbehave on demand.
  package let isScripted: Bool
  /// The chapter that tells it.
  package internal(set) var chapter = 0
  /// It shows a bug, with the old code and today's one after the other.
  package let isScar: Bool
  /// Builds a loop that is observed by the recorder, and runs it to its end.
  package let run: @Sendable (Recorder) throws -> Void

  /// - Parameters:
  ///   - name: what to type.
  ///   - title: what it shows, in one line.
  ///   - isScripted: whether the kernel is a script.
  ///   - scarOf: the chapter that tells the bug, if it is one.
  ///   - run: builds a loop that is observed by the recorder, and runs it.
  package init(
    _ name: String, _ title: String, isScripted: Bool = false, scarOf: Int? = nil,
    _ run: @escaping @Sendable (Recorder) throws -> Void
  ) {
    self.name = name
    self.title = title
    self.isScripted = isScripted
    chapter = scarOf ?? 0
    isScar = scarOf != nil
    self.run = run
  }

  /// Runs the scenario from beginning to end.
  ///
  /// - Returns: what happened.
  /// - Throws: what the scenario threw, or what made it impossible to go on.
  package func trace() throws -> Trace {
    let (trace, failure) = play()
    if let failure { throw failure }
    return trace
  }

  /// The same, and if it fails, what happened until then.
  package func play() -> (trace: Trace, failure: (any Error)?) {
    let recorder = Recorder()
    var failure: (any Error)?
    do { try recorder.play(run) } catch { failure = error }
    return (Trace(scenario: name, steps: recorder.steps), failure)
  }

  /// The same, as it mostly is: what two runs in a row agree on.
  ///
  /// Over TCP, what one end does reaches the other a moment later. On a machine with
  /// much to do that moment may be longer than it takes to the loop's next question,
  /// and then an end of stream, say, comes a turn later. For a reader that is as good a
  /// story as the other. A text with the numbers of steps in it needs the usual one.
  package func usualTrace() throws -> Trace {
    try asMostly(\.shape) { try trace() }
  }

  /// The scenario with this name.
  package static func named(_ name: String) -> Scenario? {
    all.first { $0.name == name }
  }
}

/// Plays something until two runs in a row agree; if they never do, the last one is as
/// good as any.
func asMostly<Run>(
  _ shape: (Run) -> [String], _ play: () throws -> Run
) rethrows -> Run {
  var run = try play()
  for _ in 1...5 {
    let another = try play()
    if shape(run) == shape(another) { return another }
    run = another
  }
  return run
}

extension Trace {
  /// What happened, without the ports that the kernel chose.
  var shape: [String] { tellings.map { withoutPeerPorts($0.sentence) } }
}

/// A scenario in which the reader is the client: the loop listens on a port of
/// this machine and waits for whoever comes.
package struct LiveScenario: Sendable {
  /// What to type.
  package let name: String
  /// What one can do with it, in one line.
  package let title: String
  /// Builds a loop that listens on the port, and runs it until it is done.
  package let run: @Sendable (Recorder, _ port: UInt16) throws -> Void

  /// - Parameters:
  ///   - name: what to type.
  ///   - title: what one can do with it, in one line.
  ///   - run: builds a loop that listens on the port, and runs it.
  package init(
    _ name: String, _ title: String,
    _ run: @escaping @Sendable (Recorder, UInt16) throws -> Void
  ) {
    self.name = name
    self.title = title
    self.run = run
  }

  /// The live scenario with this name.
  package static func named(_ name: String) -> LiveScenario? {
    all.first { $0.name == name }
  }
}
