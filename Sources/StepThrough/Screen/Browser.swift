// Where a key is handled. It knows what the reader looks at; not how that looks, nor
// where the keys come from.

package import Comparison
package import Recording
package import Scenarios
package import Telling

/// What the reader looks at, and what the keys do to it.
///
/// It knows nothing of terminals: a key goes in, and what `screen` makes of the
/// result is the next picture. So it can be tested without one.
package struct Browser {
  /// What is being stepped through.
  package private(set) var trace: Trace
  /// The same, told.
  package private(set) var tellings: [Telling] = []
  /// How many steps are done; the last of them is the current one. To go back is to
  /// make this number smaller: all that is on the screen follows from it and from the
  /// trace.
  package private(set) var position = 0
  /// What covers the screen.
  package private(set) var mode: Mode
  /// A word to the reader, until the next key.
  package var hint: String?
  /// Of a running loop, what it is doing; `nil` for a recording.
  package var liveStatus: String?
  /// What CPython did in the same scenario; `nil` if nobody has recorded it.
  let counterparts: Counterparts?
  /// Why not, in that case.
  private let lack: String
  /// It stands at the right, in the place of the machine.
  package private(set) var showsCPython = false
  /// The scenarios one can choose from.
  package let scenarios: [Scenario]
  /// How all of this went, if something could be otherwise in it.
  package private(set) var course: Course?
  /// What is otherwise in it.
  package private(set) var changes: [WhatIf] = []
  /// How it went before.
  package private(set) var old: Trace?
  private var teller = Teller()
  private var searched = ""
  let isLive: Bool

  /// What covers the screen.
  package enum Mode: Equatable {
    case steps
    case log(selected: Int)
    case help
    case scenarios(selected: Int)
    case whatIf(selected: Int)
    case question(Question, typed: String)
  }

  /// What the reader is asked for.
  package enum Question { case goTo, find }

  /// What a key asks for that the browser cannot do by itself: it runs nothing and ends
  /// nothing. So it is a value, and a test needs no terminal and no loop.
  package enum Wish: Equatable {
    case nothing
    case quit
    /// Start this scenario.
    case start(Int)
    /// Run the scenario again, with this otherwise as well.
    case otherwise(WhatIf)
    /// Let the running loop do one step, or all up to its next iteration.
    case advance(toIteration: Bool)
  }

  /// - Parameters:
  ///   - trace: what to step through; empty to let the reader choose.
  ///   - counterparts: what CPython did in the same scenario.
  ///   - lack: why it is not known, if it is not.
  ///   - scenarios: those one can choose from; none if the loop is live.
  package init(
    _ trace: Trace, _ counterparts: Counterparts? = nil, lack: String? = nil,
    scenarios: [Scenario] = [], isLive: Bool = false
  ) {
    self.trace = Trace(scenario: trace.scenario)
    self.counterparts = counterparts
    self.lack = lack ?? "there is no recording of CPython beside this one"
    self.scenarios = scenarios
    self.isLive = isLive
    let first = scenarios.firstIndex { $0.name == trace.scenario }
    mode = trace.steps.isEmpty && !isLive ? .scenarios(selected: first ?? 0) : .steps
    for step in trace.steps { append(step) }
    position = min(1, trace.steps.count)
  }

  /// The running loop did another step; the reader goes along if they stood at the end.
  package mutating func append(_ step: Step) {
    if position == trace.steps.count { position += 1 }
    trace.steps.append(step)
    tellings.append(teller.tell(step))
  }

  // MARK: Keys

  /// Does what a key asks for.
  package mutating func press(_ key: Key) -> Wish {
    hint = nil
    switch mode {
    case .steps: return pressInSteps(key)
    case .help: mode = .steps
    case .log(let selected): pressInLog(key, selected)
    case .scenarios(let selected): return pressInScenarios(key, selected)
    case .whatIf(let selected): return pressInWhatIf(key, selected)
    case .question(let question, let typed): press(key, question, typed)
    }
    return .nothing
  }

  // One function for each thing that may cover the screen. In all of them a key that
  // means nothing is answered, with a word about those that do.

  private mutating func pressInSteps(_ key: Key) -> Wish {
    switch key {
    case .right, .enter, .character(" "), .down:
      if position < trace.steps.count { return move(to: position + 1) }
      // At the end of a recording there is nothing more. At the end of a running loop
      // there is the loop.
      if isLive { return .advance(toIteration: false) }
      hint = "this was the last step (home: first step, s: other scenarios)"
    case .left, .up:
      if position > 1 { return move(to: position - 1) }
      hint = "this is the first step"
    case .character("n"):
      if let next = turns.first(where: { $0 > position }) { return move(to: next) }
      if isLive && position == trace.steps.count { return .advance(toIteration: true) }
      hint = "this is the last turn"
    case .character("p"):
      // From the middle of a turn to its beginning, from there one back.
      return move(to: turns.last { $0 < position } ?? 1)
    case .home: return move(to: 1)
    case .end: return move(to: trace.steps.count)
    case .character("g"): mode = .question(.goTo, typed: "")
    case .character("/"): mode = .question(.find, typed: "")
    case .character("c"):
      let isThere = counterparts != nil || old != nil
      if !isThere { hint = lack }
      showsCPython = isThere && !showsCPython
    case .character("w"):
      if possible.isEmpty {
        hint = "nothing else can be here; try a system call, or where a task suspends"
      } else {
        mode = .whatIf(selected: 0)
      }
    case .character("l"): mode = .log(selected: position)
    case .character("?"), .character("h"): mode = .help
    case .character("s") where !scenarios.isEmpty:
      let current = scenarios.firstIndex { $0.name == trace.scenario }
      mode = .scenarios(selected: current ?? 0)
    case .character("q"): return .quit
    default: hint = "no such key; ? shows them all"
    }
    return .nothing
  }

  private mutating func move(to step: Int) -> Wish {
    position = min(max(step, min(1, trace.steps.count)), trace.steps.count)
    return .nothing
  }

  /// The steps with which a turn begins. (Their numbers would not do: in the second
  /// part of a recording they begin anew.)
  private var turns: [Int] {
    tellings.indices.filter {
      $0 == 0 || tellings[$0].iteration != tellings[$0 - 1].iteration
    }.map { $0 + 1 }
  }

  private mutating func pressInLog(_ key: Key, _ selected: Int) {
    func moved(_ by: Int) -> Mode {
      .log(selected: min(max(1, selected + by), max(1, trace.steps.count)))
    }
    switch key {
    case .up: mode = moved(-1)
    case .down: mode = moved(1)
    case .pageUp: mode = moved(-10)
    case .pageDown: mode = moved(10)
    case .home: mode = .log(selected: 1)
    case .end: mode = moved(trace.steps.count)
    case .enter, .right, .character(" "):
      _ = move(to: selected)
      mode = .steps
    case .escape, .left, .character("l"), .character("q"): mode = .steps
    default: hint = "enter goes to the marked step, l goes back"
    }
  }

  private mutating func pressInScenarios(_ key: Key, _ selected: Int) -> Wish {
    func moved(_ by: Int) -> Mode {
      .scenarios(selected: min(max(0, selected + by), scenarios.count - 1))
    }
    switch key {
    case .up: mode = moved(-1)
    case .down: mode = moved(1)
    case .pageUp: mode = moved(-10)
    case .pageDown: mode = moved(10)
    case .home: mode = .scenarios(selected: 0)
    case .end: mode = moved(scenarios.count)
    case .enter, .right, .character(" "): return .start(selected)
    case .escape, .left, .character("s"):
      if !trace.steps.isEmpty { mode = .steps }
    case .character("q"): return .quit
    case .character(let digit):
      if let number = digit.wholeNumberValue, 1...scenarios.count ~= number {
        return .start(number - 1)
      }
      fallthrough
    default: hint = "choose with the arrows and enter, or with a number; q quits"
    }
    return .nothing
  }

  private mutating func pressInWhatIf(_ key: Key, _ selected: Int) -> Wish {
    switch key {
    case .up: mode = .whatIf(selected: max(0, selected - 1))
    case .down: mode = .whatIf(selected: min(selected + 1, possible.count - 1))
    case .enter, .right, .character(" "):
      mode = .steps
      return .otherwise(possible[selected])
    case .escape, .left, .character("w"), .character("q"): mode = .steps
    default: hint = "choose with the arrows and enter; w goes back"
    }
    return .nothing
  }

  /// This is how it went, otherwise than before: the reader stands where they part.
  mutating func stand(in course: Course, _ changes: [WhatIf], beside old: Trace?) {
    (self.course, self.changes, self.old) = (course, changes, old)
    guard old != nil, let fork = course.fork else { return }
    position = fork
    showsCPython = true
  }

  private mutating func press(_ key: Key, _ question: Question, _ typed: String) {
    switch key {
    case .character(let character):
      mode = .question(question, typed: typed + String(character))
    case .backspace where !typed.isEmpty:
      mode = .question(question, typed: String(typed.dropLast()))
    case .escape, .backspace: mode = .steps
    case .enter:
      mode = .steps
      switch question {
      case .goTo: goTo(typed)
      case .find: find(typed)
      }
    default: break
    }
  }

  private mutating func goTo(_ typed: String) {
    if typed.isEmpty { return }
    guard let number = Int(typed), 1...max(1, trace.steps.count) ~= number else {
      hint = "there are the steps 1 to \(trace.steps.count)"
      return
    }
    _ = move(to: number)
  }

  /// The next step whose sentence contains the text; after the last one the search
  /// begins again with the first.
  private mutating func find(_ typed: String) {
    if !typed.isEmpty { searched = typed }
    if searched.isEmpty { return }
    let wanted = searched.lowercased()
    let order = tellings[position...] + tellings[..<position]
    if let found = order.first(where: { $0.sentence.lowercased().contains(wanted) }) {
      _ = move(to: found.step.number)
      hint = "found '\(searched)'; / and enter finds the next one"
    } else {
      hint = "no step says '\(searched)'"
    }
  }
}
