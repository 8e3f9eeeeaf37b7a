import EventLoops
package import Sockets

/// How a scenario ends that cannot go on.
extension Recorder {
  /// Plays a scenario, to its end or to where it fails. That is its last step then, and
  /// its loop is closed.
  ///
  /// - Throws: what the scenario threw, or what made it impossible to go on.
  package func play(_ scenario: (Recorder) throws -> Void) throws {
    do { try scenario(self) } catch { fail(error) }
    guard let failure else { return }
    try? loop?.close()
    throw failure
  }

  /// The scenario cannot go on. How the loop comes to its end is not written down.
  package func fail(_ error: any Error, at site: CallSite = CallSite()) {
    if failure != nil { return }
    failure = error
    conclude("the scenario ends here: \(error)", at: site)
    endPart()
    forgetActs()
    whenStuck = nil  // it holds its stage, and the stage holds us
    loop?.stop()
  }

  /// Nobody is left who could wake the loop.
  package func stuck() { fail(Stuck(part)) }
}

/// A scenario comes no further: its loop sleeps, and nobody is left who could wake it.
struct Stuck: Error, CustomStringConvertible {
  let description: String

  /// - Parameter steps: what happened. A task that has failed, and whose error nobody
  ///   wanted, is likely to be the reason.
  init(_ steps: ArraySlice<Step>) {
    var tasks: Set<Int> = []
    var failed: [String] = []
    for step in steps {
      switch step.event {
      case .loop(.taskCreated(let task)): tasks.insert(task.id)
      case .loop(.futureSettled(let name, .exception(let error)))
      where tasks.contains(name.id):
        failed.append("; \(name.label) has failed: \(error)")
      default: break
      }
    }
    description =
      "nothing is left that could wake the loop, it would sleep for ever"
      + failed.joined()
  }
}
