// What a scar is: a report, and a replay with two shapes of the code. It knows no bug.

package import Recording
package import Scenarios
import Sockets

/// A bug of asyncio's socket layer or of a relative, uvloop for instance, and the line
/// that is here because of it. Most are mended; some are there to this day.
package struct Scar: Sendable {
  /// What to type: `A2`.
  package let id: String
  /// When it was found, or mended.
  package let year: String
  /// What people saw, in one line.
  package let symptom: String
  /// Where it was reported.
  package let report: String
  /// The chapter that tells it.
  package let chapter: Int
  /// The bug, to step through; `nil` if it is only told.
  package let replay: Replay?

  /// The same script, played with two shapes of the code.
  package struct Replay: Sendable {
    /// Whose shape the old one is, in a few words: `asyncio 3.9 to 3.14`.
    package let before: String
    /// The kernel is a script.
    package let isScripted: Bool
    /// Plays the script with one of the shapes.
    ///
    /// - Returns: what came of it, as half a sentence without its full stop. It is
    ///   made of what happened (a count, an error's name) and not written beforehand.
    package let play: @Sendable (Recorder, Shape) throws -> String
    /// Where it stands in the source: there one begins to step.
    let site: CallSite

    /// - Parameters:
    ///   - before: whose shape the old one is.
    ///   - isScripted: whether the kernel is a script.
    ///   - play: plays the script with one of the shapes.
    package init(
      before: String, isScripted: Bool = true,
      file: StaticString = #fileID, line: UInt = #line,
      _ play: @escaping @Sendable (Recorder, Shape) throws -> String
    ) {
      self.before = before
      self.isScripted = isScripted
      site = CallSite(file, line)
      self.play = play
    }
  }

  /// Which of the two shapes of the code is played.
  package enum Shape: Sendable {
    /// As it was there. It lives with the replay, and never in the floors.
    case old
    /// As it is in the floors.
    case today
  }

  /// A scar; without a replay it is told, and not played.
  ///
  /// - Parameters:
  ///   - id: what to type.
  ///   - year: when it was found, or mended.
  ///   - symptom: what people saw, in one line.
  ///   - report: where it was reported.
  ///   - chapter: the chapter that tells it.
  ///   - replay: the bug, to step through.
  init(
    _ id: String, _ year: String, _ symptom: String, report: String, chapter: Int,
    _ replay: Replay? = nil
  ) {
    self.id = id
    self.year = year
    self.symptom = symptom
    self.report = report
    self.chapter = chapter
    self.replay = replay
  }

  /// The scar with this id, whatever the case of its letters. Where a scar has several
  /// acts, the chapters speak of `L7a` and `L7b`; those are `L7`.
  package static func named(_ id: String) -> Scar? {
    all.first { id.uppercased().wholeMatch(of: /([A-Z][0-9]+)[A-D]?/)?.1 == $0.id[...] }
  }

  /// Both shapes, one after the other, and a sentence about the two. Each has a loop
  /// of its own; the recording is one.
  package var scenario: Scenario? {
    guard let replay else { return nil }
    return Scenario(
      "scar \(id)", "\(symptom) (\(report))", isScripted: replay.isScripted,
      scarOf: chapter
    ) { recorder in
      // What is the replay's own, and no line of either shape, is told at the replay.
      let (file, line) = (replay.site.file, replay.site.line)
      recorder.beginPart("the old shape: \(replay.before)", file: file, line: line)
      let old = try play(replay, recorder, .old)
      recorder.beginPart("today's shape, on the same script", file: file, line: line)
      let today = try play(replay, recorder, .today)
      recorder.conclude("old: \(old); today: \(today)", at: replay.site)
    }
  }
}

/// What came of it, unless that says nothing because the replay could not go on.
private func play(
  _ replay: Scar.Replay, _ recorder: Recorder, _ shape: Scar.Shape
) throws -> String {
  let outcome = try replay.play(recorder, shape)
  if let failure = recorder.failure { throw failure }
  return outcome
}

extension Scenario {
  /// The scenario of this name, or the scar that is played under it: `scar A2`.
  package static func played(_ name: String) -> Scenario? {
    named(name) ?? Scar.all.first { "scar \($0.id)" == name }?.scenario
  }
}
