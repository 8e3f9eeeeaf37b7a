import Recording
import Telling

// The whole run as the script in the browser wants it: three characters a step. It knows
// lanes; how they are drawn, the script and the style sheet know.

/// Where the steps of a recording stand in the picture of all of it.
struct LaneData {
  /// For each step the letter of its lane, its sign, and how its cause has led to it: `q`
  /// has queued it, `s` settled it, `w` woken it.
  private var marks: [String] = []
  /// Each part of the recording is a picture of its own: its first step, and its lanes from
  /// above, each with its letter before its name.
  private(set) var parts: [(first: Int, lanes: [String])] = []

  /// - Parameters:
  ///   - trace: any recording.
  ///   - causes: what led to its steps.
  init(_ trace: Trace, _ causes: Causes) {
    while marks.count < trace.steps.count {
      let lanes = Lanes(trace, at: marks.count + 1, causes: causes)
      if lanes.marks.isEmpty { return }
      let letters = Self.letters(lanes)
      parts.append(
        (marks.count + 1, lanes.lanes.map { "\(letters[$0.lane]!)\($0.label)" }))
      for mark in lanes.marks {
        let arrow =
          switch lanes.arrow(to: mark.step)?.kind {
          case .queues: "q"
          case .settles: "s"
          case .wakes: "w"
          case nil: " "
          }
        marks.append("\(letters[mark.lane]!)\(mark.sign.rawValue)\(arrow)")
      }
    }
  }

  /// The tasks are `A` and on, in the order in which they were made, and the others have
  /// digits: so a lane's letter stays, however many tasks there will be.
  private static func letters(_ lanes: Lanes) -> [Lanes.Lane: Character] {
    var letters: [Lanes.Lane: Character] = [
      .futures: "0", .readyQueue: "1", .selector: "2", .kernel: "3",
    ]
    var next = Unicode.Scalar("A").value
    for (lane, _) in lanes.lanes where letters[lane] == nil {
      letters[lane] = Unicode.Scalar(next).map(Character.init)
      next += 1
    }
    return letters
  }

  /// Those of the steps behind the first ones.
  func marks(after count: Int) -> String { marks.dropFirst(count).joined() }
}
