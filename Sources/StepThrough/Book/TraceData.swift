import EventLoops
import Foundation

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

  /// The script that hands the trace over. It is a script and no JSON file, because a
  /// page that was opened from a folder may load scripts and nothing else.
  func script() throws -> String {
    var object: [String: Any] = [
      "name": name, "title": title, "scripted": isScripted, "steps": steps(),
      "sections": LoopState().sections.map(\.title) + ["Transports", "Streams", "Printed"],
    ]
    if let counterparts {
      object["cpython"] = ["version": counterparts.version, "rows": rows(counterparts)]
    }
    let data = try JSONSerialization.data(
      withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    return "book.trace(\(String(decoding: data, as: UTF8.self)))\n"
  }

  private func steps() -> [[String: Any]] {
    var state = LoopState()
    var last: String?
    return trace.tellings.map { telling in
      let before = state
      let step = telling.step
      state.apply(step)
      var object: [String: Any] = [
        "turn": telling.iteration, "file": tree.path(step.file), "line": step.line,
        "sentence": telling.sentence, "kind": kind(step.event), "phase": phase(state),
      ]
      if case .call(let call, let answer) = step.event {
        last = "\(text(call, step)) → \(fullText(answer, call, step))"
        object["kernel"] = last
      } else if let last {
        object["before"] = last
      }
      let place = counterparts?.counterpart(of: step.number)
      object["asyncio"] = place?.function ?? tree.asyncioCounterpart(step.file, step.line)
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
    let old = Dictionary(before.sections.map { ($0.title, $0.items) }) { first, _ in first }
    for section in after.sections {
      let changes = MachineSection.changes(from: old[section.title] ?? [], to: section.items)
      if changes.contains(where: { $0.mark != .same }) {
        changed[section.title] = changes.map(object)
      }
    }
    return changed
  }

  private func object(_ change: MachineSection.Change) -> [String: Any] {
    var object: [String: Any] = ["name": change.item.name, "details": change.item.details]
    if change.mark != .same { object["mark"] = change.mark.rawValue }
    return object
  }

  private func rows(_ counterparts: Counterparts) -> [[String: Any]] {
    counterparts.rows.map { row in
      var object: [String: Any] = [:]
      object["step"] = row.number
      object["theirs"] = row.theirs.map(\.summary)
      object["place"] = row.theirs?.whereabouts(80)
      object["why"] = row.difference?.reason
      return object
    }
  }
}
