import EventLoops
import Recording
import Scars
import Simulation
import Sockets
import Testing

/// One shape of a replay, and what happened in it.
struct Played {
  let steps: [Step]

  init(_ id: String, _ shape: Scar.Shape) throws {
    let recorder = Recorder()
    _ = try #require(Scar.named(id)?.replay).play(recorder, shape)
    steps = recorder.steps
  }

  /// The system calls, with their answers.
  var calls: [(call: SystemCall, answer: SystemAnswer)] {
    steps.compactMap {
      if case .call(let call, let answer) = $0.event { (call, answer) } else { nil }
    }
  }

  /// What the loop told.
  var events: [LoopEvent] {
    steps.compactMap { if case .loop(let event) = $0.event { event } else { nil } }
  }

  /// The place of the first step that is as described, from a place on.
  func place(
    from start: Int? = 0, where isMeant: (Step) -> Bool
  ) -> Int? {
    start.flatMap { steps[$0...].firstIndex(where: isMeant) }
  }

  func place(from start: Int? = 0, of event: LoopEvent) -> Int? {
    place(from: start) { $0.event == .loop(event) }
  }

  /// The place where a callback is called.
  func call(of label: String, from start: Int? = 0) -> Int? {
    place(from: start) {
      if case .loop(.handleRun(let name)) = $0.event {
        name.label == label
      } else {
        false
      }
    }
  }

  /// The descriptor with this name.
  func number(_ name: String) throws -> Int32 {
    try #require(steps.last?.names.first { $0.value == name }?.key)
  }

  /// How often callbacks were called whose label begins so.
  func runs(of label: String) -> Int {
    events.count {
      if case .handleRun(let name) = $0 { name.label.hasPrefix(label) } else { false }
    }
  }

  /// How often they were thrown away instead.
  func skips(of label: String) -> Int {
    events.count {
      if case .handleSkipped(let name) = $0 {
        name.label.hasPrefix(label)
      } else {
        false
      }
    }
  }

  /// What callbacks threw.
  var errors: [String] {
    events.compactMap {
      if case .handleFinished(let name, let error?) = $0 {
        "\(name.label): \(error)"
      } else {
        nil
      }
    }
  }

  /// The turn of the loop that a step belongs to.
  func turn(_ place: Int?) -> Int? {
    place.map { place in
      steps[...place].count {
        if case .loop(.selectEntered) = $0.event { true } else { false }
      }
    }
  }

  /// Whether it ended with a loop that nobody could wake.
  var isStuck: Bool {
    steps.contains {
      if case .note(let text) = $0.event {
        text.hasPrefix("nothing is left that could wake the loop")
      } else {
        false
      }
    }
  }
}
