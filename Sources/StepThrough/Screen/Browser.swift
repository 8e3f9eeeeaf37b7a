// What the reader looks at, and what a key does to it while they step. It knows neither
// how that looks nor where the keys come from. The keys of lists, questions and panes
// stand in `Browser+….swift`.

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
  package internal(set) var position = 0 { didSet { look() } }
  /// What covers the screen.
  package internal(set) var mode: Mode
  /// A word to the reader, until the next key.
  package var hint: String?
  /// Of a running loop, what it is doing; `nil` for a recording.
  package var liveStatus: String?
  /// The numbers of the clients that the reader has connected to a running loop.
  package var clients: [Int] = []
  /// The one of them that the keys are for.
  package var client: Int?
  /// What a run that is no scenario shows, in a line.
  package var title: String?
  /// What CPython did in the same scenario; `nil` if nobody has recorded it.
  let counterparts: Counterparts?
  /// Why not, in that case.
  private let lack: String
  /// CPython's own source, for its line at each step; `nil` if it is not here.
  package var original: OriginalSource?
  /// CPython stands at the right, in the place of the machine.
  package internal(set) var showsCPython = false
  /// Where there is room for both, it is left away.
  var hidesCPython = false
  /// The scenarios one can choose from.
  package let scenarios: [Scenario]
  let isLive: Bool
  /// How all of this went, if something could be otherwise in it.
  package private(set) var course: Course?
  /// What is otherwise in it.
  package private(set) var changes: [WhatIf] = []
  /// How it went before.
  package private(set) var old: Trace?
  /// Where one was in the scenarios that one has left.
  private var left: [String: Int] = [:]

  /// How large the screen is.
  package internal(set) var size = ScreenSize(columns: 80, rows: 24)
  /// The pane that the arrows belong to; `nil` if they step.
  package internal(set) var focus: Pane?
  /// That pane takes the whole screen.
  package internal(set) var isZoomed = false
  /// What is chosen in the machine's pane: the section's title, and the item.
  package var selected: (section: String, id: String)?
  /// How far a pane is scrolled from where it would stand by itself.
  var scrolled: [Pane: Int] = [:]
  /// The first line of the help that is on the screen.
  var helpTop = 0

  /// What is folded to one line, for those who came for the loop's turns.
  let folds: [ClosedRange<Int>]
  /// Until one wants it.
  package internal(set) var isFolding = true
  /// The steps with which a turn begins. (Their numbers would not do: in the second
  /// part of a recording they begin anew.)
  private(set) var turns: [Int] = []

  /// The parts of the recording, with the step that begins each.
  private var parts: [(number: Int, title: String)] = []

  private var teller = Teller()
  private var snapshots = Snapshots()
  /// The machine before what is on the screen, and after it.
  private(set) var before = LoopState()
  private(set) var after = LoopState()
  private var seen = (before: 0, after: 0)
  private var modeBeforeEscape: Mode?
  /// What a question covers.
  var beneath = Mode.steps

  /// The source and the chapters, for the keys that look into them.
  package var tree = SourceTree(root: nil)
  /// Which step led to which.
  var causes = Causes()
  /// Where the reader was before they went to a cause, the last one last.
  var trail: [Stop] = []
  /// What the reader follows.
  package internal(set) var following: Following?
  var search = Search()
  /// The picture of the whole run, while it is shown.
  var lanes: Lanes?
  /// The questions, while the reader is asked.
  var prediction: Prediction?

  /// What covers the screen.
  package enum Mode: Equatable {
    case steps
    case log(selected: Int)
    indirect case help(over: Mode)
    case whatIf(selected: Int)
    case scenarios(selected: Int, filter: String = "")
    case question(Question, typed: String)
    /// The life of what is followed.
    case stations(selected: Int)
    /// A chapter, from a line on.
    case chapter(ChapterPlace, top: Int)
    /// The whole run.
    case timeline
  }

  /// What the reader is asked for.
  package enum Question { case goTo, find, line }

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
    /// Let a client of the running loop do something.
    case act(ClientAct)
    /// Show this place in the reader's pager.
    case page(ChapterPlace)
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
    folds = isLive ? [] : trace.folds
    mode = .steps
    if trace.steps.isEmpty && !isLive { mode = choice }
    for step in trace.steps { add(step) }
    position = min(start, trace.steps.count)
    // Who asks for a step by its number wants that one, and not a fold.
    if start > 1, fold != nil { isFolding = false }
    look()  // within `init` nobody observes a property
  }

  /// The next one, when the reader has chosen another scenario. Who comes back to one
  /// finds it as they left it.
  package func opening(
    _ trace: Trace, _ counterparts: Counterparts?
  ) -> Browser {
    var next = Browser(
      trace, counterparts, lack: lack, scenarios: scenarios, isLive: isLive)
    next.left = left
    next.left[self.trace.scenario] = position
    (next.size, next.original, next.tree) = (size, original, tree)
    (next.isFolding, next.hidesCPython) = (isFolding, hidesCPython)
    if let place = left[trace.scenario], place > 1, place <= trace.steps.count {
      next.position = place
      next.hint = "step \(place), where you left; home: the beginning"
    }
    return next
  }

  /// Another step was done; the reader goes along if they stood at the end.
  ///
  /// - Parameter isFollowed: whether they go along at all.
  package mutating func append(_ step: Step, isFollowed: Bool = true) {
    let isAtEnd = position == trace.steps.count && (isFollowed || position == 0)
    add(step)
    if isAtEnd { position += 1 }
  }

  private mutating func add(_ step: Step) {
    trace.steps.append(step)
    causes.append(step, touched: step.touched(before: teller.state))
    tellings.append(teller.tell(step))
    let count = tellings.count
    snapshots.add(teller.state, after: count)
    if case .part(let title) = step.event { parts.append((count, title)) }
    if count == 1 || tellings[count - 2].iteration != tellings[count - 1].iteration {
      turns.append(count)
    }
  }

  /// Makes the two states those of the position.
  private mutating func look() {
    let wanted = (before: max(0, position - 1), after: lastShown)
    if wanted == seen { return }
    if wanted.before == seen.after {
      before = after
    } else if wanted.before != seen.before {
      before = snapshots.state(after: wanted.before, of: trace.steps)
    }
    after = before
    for step in trace.steps[wanted.before..<wanted.after] { after.apply(step) }
    seen = wanted
    (scrolled[.source], scrolled[.cpython]) = (nil, nil)
    if let selected, after.item(selected) == nil { self.selected = nil }
  }

  /// The machine after any step.
  func state(after count: Int) -> LoopState {
    snapshots.state(after: count, of: trace.steps)
  }

  /// The step with which the next turn begins, seen from another one; `nil` if none does.
  func turn(after step: Int) -> Int? {
    let place = turns.firstIndex(from: step + 1)
    return place < turns.count ? turns[place] : nil
  }

  /// The last one with which a turn began before another.
  func turn(before step: Int) -> Int? {
    let place = turns.firstIndex(from: step)
    return place > 0 ? turns[place - 1] : nil
  }

  /// How many digits the numbers of steps have, in lists.
  var digits: Int { max(4, "\(trace.steps.count)".count) }

  // MARK: Keys

  /// Does what a key asks for.
  package mutating func press(_ key: Key) -> Wish {
    switch key {
    case .mouse(let mouse): return press(mouse)
    case .notEscape:
      mode = modeBeforeEscape ?? mode
      return .nothing
    case .pasted(let text):
      paste(text)
      return .nothing
    default: break
    }
    hint = nil
    modeBeforeEscape = key == .escape ? mode : nil
    switch mode {
    case .steps: return pressInSteps(key)
    case .help(let under): pressInHelp(key, under)
    case .log(let selected): pressInLog(key, selected)
    case .scenarios(let selected, let filter):
      return pressInScenarios(key, selected, filter)
    case .whatIf(let selected): return pressInWhatIf(key, selected)
    case .question(let question, let typed): return press(key, question, typed)
    case .stations(let selected): pressInStations(key, selected)
    case .chapter(let place, let top): return pressInChapter(key, place, top)
    case .timeline: pressInTimeline(key)
    }
    return .nothing
  }

  // One function for each thing that may cover the screen. In all of them a key that
  // means nothing is answered, with a word about those that do.

  private mutating func pressInSteps(_ key: Key) -> Wish {
    if let wish = pressToPredict(key) { return wish }
    if walk(key) || pressInPane(key) { return .nothing }
    switch key {
    case .right, .enter, .character(" "), .down:
      if lastShown < trace.steps.count { return move(to: lastShown + 1) }
      // At the end of a recording there is nothing more. At the end of a running loop
      // there is the loop.
      if isLive { return .advance(toIteration: false) }
      hint = "this was the last step (home: first step, s: other scenarios)"
    case .left, .up:
      if position > 1 { return move(to: folded(position - 1)) }
      hint = "this is the first step"
    case .character("n"):
      if let next = turn(after: position) { return move(to: next) }
      if isLive {
        position = trace.steps.count
        return .advance(toIteration: true)
      }
      hint = "this is the last turn"
    case .character("p"):
      // From the middle of a turn to its beginning, from there one back.
      return move(to: turn(before: position) ?? 1)
    case .home: return move(to: 1)
    case .end: return move(to: folded(trace.steps.count))
    case .character("g"): ask(.goTo)
    case .character("/"): ask(.find)
    case .character("c"): toggleCPython()
    case .character("w"):
      if course == nil {
        hint = "this cannot be run again with something otherwise; a scenario can"
      } else if possible.isEmpty {
        hint = "nothing else can be here; try a system call, or where a task suspends"
      } else {
        mode = .whatIf(selected: 0)
      }
    case .character("d"): goToParting()
    case .character("u"): toggleFolding()
    case .character("l"): mode = .log(selected: folded(position))
    case .character("?"), .character("h"): openHelp()
    case .character(let letter) where isLive && "CWER123456789".contains(letter):
      return pressForClient(letter)
    case .character("s") where !scenarios.isEmpty: mode = choice
    case .character("B"): return openPager()
    case .character("q"): return .quit
    default: if !pressToFollow(key) { hint = "no such key; ? shows them all" }
    }
    return .nothing
  }

  mutating func move(to step: Int) -> Wish {
    position = min(max(step, min(1, trace.steps.count)), trace.steps.count)
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
    case .character("?"), .character("h"): openHelp()
    default: hint = "choose with the arrows and enter; w goes back, ? shows all keys"
    }
    return .nothing
  }

  /// This is how it went, otherwise than before: the reader stands where they part.
  package mutating func stand(
    in course: Course, _ changes: [WhatIf], beside old: Trace?
  ) {
    (self.course, self.changes, self.old) = (course, changes, old)
    guard old != nil, let fork = course.fork else { return }
    position = fork
    showsCPython = true
  }

  /// To a step that was asked for: it alone is shown, though a fold begins with it.
  package mutating func land(on step: Int) {
    if folds.contains(where: { $0.lowerBound == step }) { isFolding = false }
    _ = move(to: step)
  }

  private mutating func toggleCPython() {
    if counterparts == nil && old == nil {
      hint = lack
    } else if hasRoomForAll {
      hidesCPython.toggle()
    } else {
      showsCPython.toggle()
    }
    leaveGonePane()
  }

  /// The scenario of which this is a recording; `nil` if it is none of those.
  var scenario: Scenario? { scenarios.first { $0.name == trace.scenario } }

  /// Which part the current step belongs to, in two words: `the old shape`.
  var part: String? {
    let title = parts.last { $0.number <= position }?.title
    return title?.split(whereSeparator: ":,".contains).first.map(String.init)
  }

  /// The step that begins it.
  var partBegin: Int { parts.last { $0.number <= position }?.number ?? 1 }

  /// What to read or to try when this is over.
  var whatNext: String? {
    guard let scenario,
      let place = scenarios.firstIndex(where: { $0.name == scenario.name })
    else { return nil }
    let next = scenarios.dropFirst(place + 1).first.map { "; then try \($0.name) (s)" }
    return "the end: chapter \(scenario.chapter) tells this story\(next ?? "")"
  }

  /// The list of scenarios, with this one chosen, or the one to begin with.
  private var choice: Mode {
    func place(_ name: String) -> Int? { scenarios.firstIndex { $0.name == name } }
    return .scenarios(
      selected: place(trace.scenario) ?? place(Scenario.suggested) ?? 0)
  }
}
