import CLibrary
import EventLoops
import Foundation
import Selectors
import Simulation
import SocketOperations
import Sockets
import Testing

@testable import Scenarios
@testable import Recording

/// A scenario that fails says so in its last step, and leaves nothing behind.
struct Failing {
  private struct Trouble: Error, CustomStringConvertible { let description = "trouble" }

  /// Plays it, and checks that this is its last step and its error.
  private func play(
    _ reason: String, _ scenario: @escaping (Recorder) throws -> Void
  ) {
    let recorder = Recorder()
    let failure = #expect(throws: (any Error).self) { try recorder.play(scenario) }
    #expect(failure.map { "\($0)" } == reason)
    #expect(recorder.steps.last?.event == .note("the scenario ends here: \(reason)"))
    #expect(recorder.loop == nil)
  }

  @Test func `the set-up throws`() {
    play("trouble") { recorder in
      let stage = try Stage(recorder)
      _ = try stage.listener()
      throw Trouble()
    }
  }

  @Test func `an act throws`() {
    play("trouble") { recorder in
      let stage = try Stage(recorder)
      let (loop, listener) = (stage.loop, try stage.listener())
      recorder.whenIdle { throw Trouble() }
      recorder.whenIdle { try stage.aClientConnects() }
      try stage.run(loop.createTask { _ = try await loop.sockAccept(listener) })
    }
  }

  @Test func `the task throws`() {
    play("trouble") { recorder in
      let stage = try Stage(recorder)
      let loop = stage.loop
      try stage.run(
        loop.createTask {
          try await loop.sleep(0)
          throw Trouble()
        })
    }
  }

  private let stuck =
    "nothing is left that could wake the loop, it would sleep for ever"

  @Test func `nothing more can happen`() {
    play(stuck) { recorder in
      let stage = try Stage(recorder)
      let (loop, listener) = (stage.loop, try stage.listener())
      try stage.run(loop.createTask { _ = try await loop.sockAccept(listener) })
    }
  }

  @Test func `nothing more can happen, because a task has failed`() {
    play(stuck + "; helper has failed: trouble") { recorder in
      let stage = try Stage(recorder)
      let loop = stage.loop
      stage.hearErrors()
      try stage.run(
        loop.createTask {
          let news = loop.createFuture(of: Void.self)
          try loop.createTask("helper") { throw Trouble() }
          try await news.value()
        })
    }
  }

  @Test func `nothing more can happen in a script`() {
    for ready: [[Int32: Events]]? in [[], nil] {
      play(stuck) { recorder in
        let script: [ScriptedKernel.Line] = [(.accept(fd: 5), .error(EAGAIN))]
        let stage =
          try ready.map { try Stage(recorder, script, selector: $0) }
          ?? Stage(recorder, script)
        let loop = stage.loop
        let listener = stage.scripted(5, "listener")
        try stage.run(loop.createTask { _ = try await loop.sockAccept(listener) })
      }
    }
  }

  @Test func `the program leaves the script`() {
    play("the script is over, but the program calls accept(fd: 5)") { recorder in
      let stage = try Stage(recorder, [], selector: [])
      let loop = stage.loop
      let listener = stage.scripted(5, "listener")
      try stage.run(loop.createTask { _ = try await loop.sockAccept(listener) })
    }
  }

  @Test func `whoever may still come is waited for`() throws {
    // Nobody but the live loop's own client would wake it: that is not stuck.
    let recorder = Recorder()
    let stage = try Stage(recorder, isLive: true)
    #expect(recorder.patience == nil)
    try stage.end()
  }

  // MARK: The program, out of descriptors

  /// What comes of it with so few descriptors; `nil` if with these not even the program's
  /// libraries can be opened: the loader's 127.
  private func outcome(
    _ limit: Int, _ arguments: [String]
  ) throws -> Program.Outcome? {
    let outcome = try Program.run(
      ["-c", "ulimit -n \(limit); exec \"$@\"", "sh", Program.path] + arguments,
      path: "/bin/sh")
    return outcome.error.contains("shared libraries") ? nil : outcome
  }

  /// Real kernels only; a script needs no descriptors.
  @Test(
    arguments: [
      ["chat"], ["transport-echo"], ["stream-echo"], ["server-close-race"], ["connect"],
      ["sendall-partial"], ["scar", "A2"], ["scar", "L2"], ["scar", "F1"],
      ["scar", "R2"],
    ])
  func `with too few descriptors it ends with a word`(_ arguments: [String]) throws {
    var codes: Set<Int32> = []
    for limit in 4...20 {
      guard let outcome = try outcome(limit, ["--plain"] + arguments) else { continue }
      codes.insert(outcome.code)
      let hasEnd = outcome.output.contains("The scenario ends here: ")
      let last = outcome.output.split(separator: "\n").last ?? ""
      switch outcome.code {
      case 0: #expect(!hasEnd && !outcome.output.contains("EMFILE"))
      case 1:
        #expect(last.contains("The scenario ends here: ") && last.contains("EMFILE"))
        #expect(outcome.error.contains("ends before its end: "))
        #expect(outcome.error.contains("EMFILE"))
      default:
        Issue.record("\(limit): \(outcome.code) \(outcome.output) \(outcome.error)")
      }
    }
    #expect(codes == [0, 1])
  }

  @Test(
    arguments: [
      ["accept", "--predict"], ["accept:60", "--plain"],
      ["accept", "--what-if", "20=EINTR", "--plain"],
    ])
  func `out of descriptors it says so, whatever it was asked for`(_ arguments: [String])
    throws
  {
    var hasFailed = false
    for limit in 4...20 {
      guard let outcome = try outcome(limit, arguments) else { continue }
      if outcome.code == 0 { break }
      hasFailed = true
      #expect(outcome.error.contains("ends before its end: "))
      #expect((outcome.error + outcome.output).contains("EMFILE"))
    }
    #expect(hasFailed)
  }
}
