import Comparison
import EventLoops
import Foundation
import Recording
import Telling

// A trace as the script in the browser wants it. It knows traces and their tellings;
// the script knows nothing of events, and shows what stands here.

/// What the browser plays: a recording with everything that the terminal would show.
struct TraceData {
  /// `accept`; `scar-A2` for a scar. It is the name of the file, and stands in addresses.
  let name: String
  let title: String
  let isScripted: Bool
  let trace: Trace
  let tree: SourceTree
  let counterparts: Counterparts?
  /// The machine before the first step.
  var base = LoopState()

  /// The script that hands the trace over. It is a script and no JSON file, because a
  /// page that was opened from a folder may load scripts and nothing else.
  func script() throws -> String {
    var object: [String: Any] = [
      "name": name, "title": title, "scripted": isScripted, "steps": steps(),
      "sections": LoopState().sections.map(\.title) + [
        "Transports", "Streams", "Printed",
      ],
    ]
    if let counterparts {
      object["cpython"] = [
        "version": counterparts.version ?? "", "rows": rows(counterparts),
      ]
    }
    let data = try JSONSerialization.data(
      withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    return "book.trace(\(String(decoding: data, as: UTF8.self)))\n"
  }

  private func steps() -> [[String: Any]] {
    var state = base
    var teller = Teller(base)
    // Many steps come from one line.
    var names: [String: String?] = [:]
    func counterpart(_ step: Step) -> String? {
      let key = "\(step.file):\(step.line)"
      if let known = names[key] { return known }
      let name = tree.asyncioCounterpart(step.file, step.line)
      names[key] = .some(name)
      return name
    }
    return trace.steps.enumerated().map { place, step in
      // The first step brings everything that was there before it.
      let before = place == 0 ? LoopState() : state
      let telling = teller.tell(step)
      state.apply(step)
      var object: [String: Any] = [
        "turn": telling.iteration, "file": tree.path(step.file), "line": step.line,
        "sentence": withoutPorts(telling.sentence), "kind": kind(step.event),
        "phase": phase(state),
      ]
      if case .call(let call, let answer) = step.event {
        object["kernel"] = "\(text(call, step)) → \(fullText(answer, call, step))"
      }
      let place = counterparts?.counterpart(of: step.number)
      object["asyncio"] =
        place?.function ?? counterpart(step)
      object["place"] = place?.place
      let changed = sections(before, state)
      if !changed.isEmpty { object["machine"] = changed }
      return object
    }
  }

  private func kind(_ event: StepEvent) -> String {
    switch event {
    case .loop(.handleRun): "run"
    case .loop(.handleFinished): "return"
    case .loop(.selectEntered): "select"
    case .loop: "loop"
    case .call: "call"
    case .note: "note"
    case .printed: "printed"
    case .part: "part"
    }
  }

  private func phase(_ state: LoopState) -> String {
    let turn = state.iteration == 0 ? "Before the loop" : "Turn \(state.iteration)"
    return state.phase == .outside ? turn : "\(turn) \(state.activity)"
  }

  /// The sections that this step changed, by title, with the marks of the change. All
  /// the others are as they were.
  private func sections(_ before: LoopState, _ after: LoopState) -> [String: Any] {
    var changed: [String: Any] = [:]
    let old = Dictionary(before.sections.map { ($0.title, $0.items) }) { first, _ in
      first
    }
    for section in after.sections {
      let changes = MachineSection.changes(
        from: old[section.title].map(Array.init) ?? [], to: Array(section.items))
      if changes.contains(where: { $0.mark != .same }) {
        changed[section.title] = changes.map(object)
      }
    }
    return changed
  }

  private func object(_ change: MachineSection.Change) -> [String: Any] {
    var object: [String: Any] = [
      "name": withoutPorts(change.item.name), "details": change.item.state,
    ]
    if !change.item.callbacks.isEmpty { object["list"] = change.item.callbacks }
    if change.mark != .same { object["mark"] = change.mark.rawValue }
    return object
  }

  private func rows(_ counterparts: Counterparts) -> [[String: Any]] {
    counterparts.rows.map { row in
      var object: [String: Any] = [:]
      object["step"] = row.number
      // Where nothing stands, they do what we do.
      if row.difference != nil || row.number == nil {
        object["theirs"] = row.sentence.map(withoutPorts)
      }
      object["place"] = row.theirs?.place
      object["why"] = row.difference?.reason
      return object
    }
  }
}

/// What a program printed, without the ports that the kernel chose: they are others in
/// every run, and the book is the same at every run.
func withoutPorts(_ text: String) -> String {
  text.contains("', ") ? text.replacing(/', \d+\)/, with: "', port)") : text
}
