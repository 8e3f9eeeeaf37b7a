import Comparison
import EventLoops
import Recording
import Scenarios
import Telling

// A recording as the script in the browser wants it. It knows traces and their tellings;
// the script knows nothing of events, and shows what stands here.

/// What the browser plays: a recording with everything that the terminal would show.
struct TraceData {
  /// `accept`; `scar-A2` for a scar. It stands in addresses.
  let name: String
  let trace: Trace
  let tree: SourceTree
  let counterparts: Counterparts?
  /// The machine before the first step, if that is not where everything begins.
  var base: LoopState?
  /// The page about this recording, from the book's root.
  var page: String?
  /// What could have been otherwise at a step.
  var possible: (_ step: Int) -> [WhatIf] = { _ in [] }
  /// What comes of it is there as well, in a file of its own.
  var hasAnswers = false
  /// So many steps are those of the recording from which this one parts, and are left
  /// away.
  var shared = 0
  /// How it went there.
  var old: [String]?
  /// Why it does not come to its end.
  var failure: String?

  /// The sections of the machine, in the order of the bench: in columns, from above.
  static let sections = [
    "Tasks", "Futures", "Ready queue", "Timers", "Selector", "Kernel", "Transports",
    "Streams", "Printed",
  ]

  /// A script with all of it.
  var script: String {
    var table = Packed()
    _ = table.object(fields(in: &table))
    return table.script(name)
  }

  /// What it consists of, by name, with the places in the table.
  func fields(in table: inout Packed) -> [String: Int] {
    var teller = Teller(base ?? LoopState())
    let tellings = trace.steps.map { teller.tell($0) }
    let causes = Causes(trace)
    var object = [
      "name": table.text(name),
      "steps": steps(tellings, causes, &table), "folds": folds(tellings, &table),
      "shared": table.number(shared),
      "answers": table.bool(hasAnswers),
    ]
    let lanes = LaneData(trace, causes)
    object["marks"] = table.text(lanes.marks(after: shared))
    object["parts"] = table.list(
      lanes.parts.map { part in
        table.object([
          "first": table.number(part.first), "lanes": list(part.lanes, &table),
        ])
      })
    object["page"] = page.map { table.text($0) }
    object["failure"] = failure.map { table.text(withoutPorts($0)) }
    if let parting = trace.parting {
      object["parting"] = table.numbers([parting.old, parting.today, parting.middle])
    }
    if let old {
      object["beside"] = table.object([
        "title": table.text("The course before"),
        "rows": rows(old, tellings.map(\.sentence), &table),
      ])
    } else if let counterparts {
      object["beside"] = table.object([
        "title": table.text(counterparts.title), "rows": rows(counterparts, &table),
      ])
    }
    return object
  }

  private func list(_ texts: [String], _ table: inout Packed) -> Int {
    table.list(texts.map { table.text($0) })
  }

  // MARK: Steps

  private func steps(
    _ tellings: [Telling], _ causes: Causes, _ table: inout Packed
  ) -> Int {
    var state = base ?? LoopState()
    var machine = MachineData(state, isEmpty: shared == 0)
    var isInCallback = false
    var steps: [Int] = []
    for telling in tellings {
      let step = telling.step
      state.apply(step)
      let kind = step.event.kindOfStep
      if kind == "run" { isInCallback = true }
      let kinds = isInCallback ? "\(kind) in" : kind
      if kind == "return" { isInCallback = false }
      if step.number < shared { continue }
      if step.number == shared {
        machine = MachineData(state)
        continue
      }
      var object = [
        "turn": table.number(telling.iteration),
        "file": table.text(tree.path(step.file)),
        "line": table.number(step.line),
        "sentence": table.text(withoutPorts(telling.sentence)),
        "kind": table.text(kinds), "phase": table.text(phase(state)),
        "machine": machine.step(to: state, &table),
      ]
      if case .call(let call, let answer) = step.event {
        object["kernel"] = table.text(
          "\(text(call, step)) → \(fullText(answer, call, step))")
      }
      let theirs = counterparts?.counterpart(of: step.number)
      let function = theirs?.function ?? tree.asyncioCounterpart(step.file, step.line)
      object["asyncio"] = function.map { table.text($0) }
      object["place"] = theirs?.place.map { table.text($0) }
      object["cause"] = causes.cause(of: step.number).map { table.number($0) }
      if let thing = step.event.things.first,
        let label = causes.label(of: thing, at: step.number)
      {
        object["life"] = table.object([
          "label": table.text(label),
          "steps": table.numbers(causes.life(of: thing, at: step.number)),
        ])
      }
      let possible = possible(step.number)
      if !possible.isEmpty {
        object["could"] = table.list(
          possible.map {
            table.object([
              "be": table.text("\($0.otherwise)"), "is": table.text($0.words),
            ])
          })
      }
      steps.append(table.object(object))
    }
    return table.list(steps)
  }

  private func folds(_ tellings: [Telling], _ table: inout Packed) -> Int {
    // What begins in the middle has no beginning that one could fold away.
    table.list(
      (base == nil ? trace.folds : []).map { fold in
        var state = LoopState()
        for step in trace.steps.prefix(fold.lowerBound - 1) { state.apply(step) }
        var machine = MachineData(state, isEmpty: fold.lowerBound == 1)
        for step in trace.steps[(fold.lowerBound - 1)..<fold.upperBound] {
          state.apply(step)
        }
        let isAtEnd = tellings[fold.upperBound - 1].iteration > 0
        return table.object([
          "first": table.number(fold.lowerBound),
          "last": table.number(fold.upperBound),
          "sentence": table.text(foldedSentence(fold, isAtEnd: isAtEnd)),
          "machine": machine.step(to: state, &table),
        ])
      })
  }

  private func phase(_ state: LoopState) -> String {
    let turn = state.iteration == 0 ? "Before the loop" : "Turn \(state.iteration)"
    return state.phase == .outside ? turn : "\(turn) \(state.activity)"
  }

  // MARK: What stands beside it

  private func rows(_ counterparts: Counterparts, _ table: inout Packed) -> Int {
    var rows: [Int] = []
    var reason: String?
    for row in counterparts.rows {
      var object: [String: Int] = [:]
      let why = row.difference?.reason
      object["at"] = row.number.map { table.number($0) }
      // Where nothing stands, they do what we do.
      if why != nil || row.number == nil {
        object["text"] = table.text(withoutPorts(row.sentence ?? "nothing of the kind"))
        object["kind"] = row.mark.look.map { table.text($0) }
      }
      object["place"] = row.theirs?.place.map { table.text($0) }
      // Several rows may have one reason, and it is told once.
      if let why, why != reason { object["why"] = table.text(why) }
      reason = why
      rows.append(table.object(object))
    }
    if counterparts.isCut {
      let end = "From here on this kernel takes other amounts of bytes."
      rows.append(table.object(["why": table.text(end)]))
    }
    return table.list(rows)
  }

  /// The course before, from where the two part.
  private func rows(_ old: [String], _ now: [String], _ table: inout Packed) -> Int {
    var rows: [Int] = []
    for (before, now) in pairs(old, now) {
      var row: [String: Int] = [:]
      row["at"] = now.map { table.number($0 + 1) }
      if before == nil {
        row["kind"] = table.text("removed")
        row["text"] = table.text("nothing of the kind")
      } else if now == nil {
        row["kind"] = table.text("added")
        row["text"] = table.text(withoutPorts(old[before!]))
      } else if now! < shared {
        continue
      }
      rows.append(table.object(row))
    }
    return table.list(rows)
  }
}

extension StepEvent {
  /// What the ruler and the keys `e`, `a` and `r` have to know of it; with an ` in` behind
  /// it, it is done while a callback runs.
  fileprivate var kindOfStep: String {
    switch self {
    case .loop(.handleRun): "run"
    case .loop(.handleFinished): "return"
    case .loop(.handleQueued): "queue"
    case .loop(.handleSkipped): "skip"
    case .loop(.selectEntered): "select"
    case .loop: "loop"
    case .call: "call"
    case .note: "note"
    case .printed: "printed"
    case .part: "part"
    }
  }
}

/// A text without the ports that the kernel chose: they are others in every run, and the
/// book is the same at every run.
func withoutPorts(_ text: String) -> String {
  if text.contains("', ") { return withoutPeerPorts(text) }
  return text.contains("127.0.0.1:")
    ? text.replacing(/127\.0\.0\.1:\d{5}/, with: "127.0.0.1:port") : text
}
