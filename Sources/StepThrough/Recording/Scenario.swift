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
  /// Builds a loop that is observed by the recorder, and runs it to its end.
  package let run: @Sendable (Recorder) throws -> Void

  /// - Parameters:
  ///   - name: what to type.
  ///   - title: what it shows, in one line.
  ///   - isScripted: whether the kernel is a script.
  ///   - run: builds a loop that is observed by the recorder, and runs it.
  package init(
    _ name: String, _ title: String, isScripted: Bool = false,
    _ run: @escaping @Sendable (Recorder) throws -> Void
  ) {
    self.name = name
    self.title = title
    self.isScripted = isScripted
    self.run = run
  }

  /// Runs the scenario from beginning to end.
  ///
  /// - Returns: what happened.
  package func trace() throws -> Trace {
    let recorder = Recorder()
    try run(recorder)
    return Trace(scenario: name, steps: recorder.steps)
  }

  /// The scenario with this name.
  package static func named(_ name: String) -> Scenario? {
    all.first { $0.name == name }
  }
}

/// A scenario in which the reader is the client: the loop listens on a port of
/// this machine and waits for whoever comes.
package struct LiveScenario: Sendable {
  /// What to type.
  package let name: String
  /// Builds a loop that listens on the port, and runs it until it is done.
  package let run: @Sendable (Recorder, _ port: UInt16) throws -> Void

  /// - Parameters:
  ///   - name: what to type.
  ///   - run: builds a loop that listens on the port, and runs it.
  package init(
    _ name: String, _ run: @escaping @Sendable (Recorder, UInt16) throws -> Void
  ) {
    self.name = name
    self.run = run
  }

  /// The live scenario with this name.
  package static func named(_ name: String) -> LiveScenario? {
    all.first { $0.name == name }
  }
}
