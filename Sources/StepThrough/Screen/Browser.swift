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
  package internal(set) var position = 0
  /// What covers the screen.
  package internal(set) var mode: Mode
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
  private var teller = Teller()
  let isLive: Bool
  /// The source and the chapters, for the keys that look into them.
  package var tree = SourceTree(root: nil)
  /// What is chosen in the machine: the section's title and the item's id.
  package var selected: (section: String, id: String)?
  /// Which step led to which.
  var causes = Causes()
  /// Where the reader was before they went to a cause, the last one last.
  var trail: [Stop] = []
  /// What the reader follows.
  package internal(set) var following: Following?
  var search = Search()
  /// What a question covers.
  private var beneath = Mode.steps
  /// The picture of the whole run, while it is shown.
  var lanes: Lanes?

  /// What covers the screen.
  package enum Mode: Equatable {
    case steps
    case log(selected: Int)
    case help
    case scenarios(selected: Int)
    case question(Question, typed: String)
    /// The life of what is followed.
    case stations(selected: Int)
    /// A chapter, from a line on.
    case chapter(ChapterPlace, top: Int)
    /// The whole run.
    case timeline
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
    /// Let the running loop do one step, or all up to its next iteration.
    case advance(toIteration: Bool)
  }

  /// - Parameters:
  ///   - trace: what to step through; empty to let the reader choose.
  ///   - counterparts: what CPython did in the same scenario.
  ///   - lack: why it is not known, if it is not.
  ///   - scenarios: those one can choose from; none if the loop is live.
  ///   - start: the step to begin with.
  package init(
    _ trace: Trace, _ counterparts: Counterparts? = nil, lack: String? = nil,
    scenarios: [Scenario] = [], isLive: Bool = false,
    start: Int = 1
  ) {
    self.trace = Trace(scenario: trace.scenario)
    self.counterparts = counterparts
    self.lack = lack ?? "there is no recording of CPython beside this one"
    self.scenarios = scenarios
    self.isLive = isLive
    let first = scenarios.firstIndex { $0.name == trace.scenario }
    mode = trace.steps.isEmpty && !isLive ? .scenarios(selected: first ?? 0) : .steps
    for step in trace.steps { append(step) }
    position = min(start, trace.steps.count)
  }

  /// The running loop did another step; the reader goes along if they stood at the end.
  package mutating func append(_ step: Step) {
    if position == trace.steps.count { position += 1 }
    trace.steps.append(step)
    tellings.append(teller.tell(step))
    causes.append(step)
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
    case .question(let question, let typed): press(key, question, typed)
    case .stations(let selected): pressInStations(key, selected)
    case .chapter(let place, let top): pressInChapter(key, place, top)
    case .timeline: pressInTimeline(key)
    }
    return .nothing
  }

  // One function for each thing that may cover the screen. In all of them a key that
  // means nothing is answered, with a word about those that do.

  private mutating func pressInSteps(_ key: Key) -> Wish {
    if walk(key) { return .nothing }
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
    case .character("g"): ask(.goTo)
    case .character("/"): ask(.find)
    case .character("c"):
      if counterparts == nil { hint = lack }
      showsCPython = counterparts != nil && !showsCPython
    case .character("l"): mode = .log(selected: position)
    case .character("?"), .character("h"): mode = .help
    case .character("s") where !scenarios.isEmpty:
      let current = scenarios.firstIndex { $0.name == trace.scenario }
      mode = .scenarios(selected: current ?? 0)
    case .character("q"): return .quit
    default: if !pressToFollow(key) { hint = "no such key; ? shows them all" }
    }
    return .nothing
  }

  mutating func move(to step: Int) -> Wish {
    position = min(max(step, min(1, trace.steps.count)), trace.steps.count)
    return .nothing
  }

  /// The steps with which a turn begins. (Their numbers would not do: in the second
  /// part of a recording they begin anew.)
  var turns: [Int] {
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
    case .character("/"): ask(.find)
    case .character("N"): find("", forwards: false)
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

  private mutating func ask(_ question: Question) {
    beneath = mode
    mode = .question(question, typed: "")
  }

  private mutating func press(_ key: Key, _ question: Question, _ typed: String) {
    switch key {
    case .character(let character):
      mode = .question(question, typed: typed + String(character))
    case .backspace where !typed.isEmpty:
      mode = .question(question, typed: String(typed.dropLast()))
    case .escape, .backspace: mode = beneath
    case .enter:
      mode = beneath
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
}
