// The keys with which one follows: from a step to the one that led to it, along the life
// of one thing, and from event to event of one kind.

import EventLoops
import Recording
import Telling

extension Browser {
  /// A thing that the reader follows.
  package struct Following: Equatable {
    let thing: Thing
    let label: String
    /// A step of the part in which it lives.
    let step: Int
  }

  /// Where the reader was, and what was chosen there.
  struct Stop {
    let position: Int
    let selected: (section: String, id: String)?
    let isFolding: Bool
  }

  /// Does what a key of these asks for.
  ///
  /// - Returns: whether it is one of them.
  mutating func pressToFollow(_ key: Key) -> Bool {
    switch key {
    case .character("o"): goToCause()
    case .backspace: goBack()
    case .character("f"): follow()
    case .character("e"), .character("E"):
      jump(key == .character("e"), "end of a callback") {
        if case .loop(.handleFinished) = $0 { true } else { false }
      }
    case .character("a"), .character("A"):
      jump(key == .character("a"), "system call") {
        if case .call = $0 { true } else { false }
      }
    case .character("r"), .character("R"):
      jump(key == .character("r"), "change of the ready queue") { event in
        switch event {
        case .loop(.handleQueued), .loop(.handleRun), .loop(.handleSkipped): true
        default: false
        }
      }
    case .character("N"): find("", forwards: false)
    case .character("b"): openChapter()
    case .character("t"): openTimeline()
    case .character("y"):
      hint =
        isLive
        ? "a live loop has no address: it is never the same again"
        : "this is `walkthrough \(trace.scenario):\(position)`"
    default: return false
    }
    return true
  }

  // MARK: Causes

  /// To the step in which the chosen line came or changed last; from there, and without
  /// a choice, to the one that led to the present step.
  mutating func goToCause() {
    guard position > 0 else { return }
    if let change = lastChange, change < position {
      leave(for: change)
      hint = "here that line came to be as it was; o: what led to it, backspace: back"
    } else if let cause = causes.cause(of: position) {
      hint = "this led to step \(position); o: what led to this, backspace: back"
      leave(for: cause)
    } else {
      hint = "nothing in this run led to it: the program did, or the world"
    }
  }

  private mutating func leave(for step: Int) {
    trail.append(
      Stop(position: position, selected: selected, isFolding: isFolding))
    selected = nil
    land(on: step)
  }

  /// Back to where the last `goToCause` began.
  mutating func goBack() {
    guard let stop = trail.popLast() else {
      hint = "there is nowhere to go back to; o goes to what led to this step"
      return
    }
    isFolding = stop.isFolding
    _ = move(to: stop.position)
    selected = stop.selected
  }

  private var lastChange: Int? {
    guard let selected else { return nil }
    var state = LoopState()
    var last: MachineSection.Item?
    var change: Int?
    for step in trace.steps.prefix(lastShown) {
      state.apply(step)
      let item = state.item(selected)
      if item != last { (last, change) = (item, step.number) }
    }
    return change
  }

  // MARK: A life

  private mutating func follow() {
    guard position > 0 else { return }
    // What has gone in this step is still there to be chosen.
    let chosen = selected.flatMap {
      after.item($0)?.thing ?? before.item($0)?.thing
    }
    if let following, chosen == nil || chosen == following.thing {
      mode = .stations(selected: stations.lastIndex { $0 <= position } ?? 0)
    } else if let thing = chosen ?? trace.steps[position - 1].event.things.first {
      following = Following(
        thing: thing, label: causes.label(of: thing, at: position) ?? "this",
        step: position)
    } else {
      hint = "this step is about no task, future, handle or descriptor"
    }
  }

  /// The steps of the life of what is followed.
  var stations: [Int] {
    following.map { causes.life(of: $0.thing, at: $0.step) } ?? []
  }

  /// Along the life of what is followed, if something is.
  ///
  /// - Returns: whether it was a key for that.
  mutating func walk(_ key: Key) -> Bool {
    guard let following else { return false }
    switch key {
    case .right, .enter, .character(" "):
      if let next = stations.first(where: { $0 > position }) {
        land(on: next)
      } else {
        hint = "this is the last of \(following.label); escape stops following it"
      }
    case .left:
      if let previous = stations.last(where: { $0 < position }) {
        land(on: previous)
      } else {
        hint = "\(following.label) begins here; escape stops following it"
      }
    case .escape: self.following = nil
    default: return false
    }
    return true
  }

  /// What is followed, and how far; `nil` if nothing is.
  var followingStatus: String? {
    guard let following else { return nil }
    let stations = stations
    let place = stations.firstIndex(of: position).map { "\($0 + 1) of " } ?? ""
    return "\(following.label): \(place)\(count(stations.count, "station")) · "
      + "→ ← along its life · f lists them · esc ends"
  }

  mutating func pressInStations(_ key: Key, _ selected: Int) {
    func moved(_ by: Int) -> Mode {
      .stations(selected: min(max(0, selected + by), stations.count - 1))
    }
    switch key {
    case .up, .character("k"): mode = moved(-1)
    case .down, .character("j"): mode = moved(1)
    case .pageUp: mode = moved(-10)
    case .pageDown: mode = moved(10)
    case .home: mode = .stations(selected: 0)
    case .end: mode = moved(stations.count)
    case .enter, .right, .character(" "):
      land(on: stations[selected])
      mode = .steps
    case .character("?"), .character("h"): openHelp()
    case .escape, .left, .character("f"), .character("q"): mode = .steps
    default: hint = "enter goes to the marked step, f goes back, ? shows all keys"
    }
  }

  // MARK: Events of a kind

  private mutating func jump(
    _ forwards: Bool, _ what: String, _ matches: (StepEvent) -> Bool
  ) {
    let step =
      forwards
      ? trace.steps[position...].first { matches($0.event) }
      : trace.steps.prefix(max(0, position - 1)).last { matches($0.event) }
    if let step {
      land(on: step.number)
    } else {
      hint = "no \(what) comes \(forwards ? "after" : "before") this step"
    }
  }
}

extension LoopState {
  func item(_ place: (section: String, id: String)) -> MachineSection.Item? {
    sections.first { $0.title == place.section }?.items.first { $0.id == place.id }
  }
}

/// The stations of a life, a line each, with where they stand in the source.
func stationScreen(
  _ browser: Browser, _ selected: Int, _ tree: SourceTree, _ size: ScreenSize
) -> [StyledLine] {
  let bar = StyledLine(
    " \(browser.following?.label ?? "") · its life · enter goes there, f goes back",
    .bar
  ).fitted(to: size.columns, filling: .bar)
  let tellings = browser.stations.map { browser.tellings[$0 - 1] }
  let sources = tellings.map { telling in
    "\(telling.step.file.split(separator: "/").last ?? ""):\(telling.step.line)"
  }
  let width = min(30, sources.map(\.count).max() ?? 0)
  let lines = zip(tellings, sources).enumerated().map { place, entry in
    let (telling, source) = entry
    let mark = telling.step.number == browser.position ? "▶" : " "
    let text =
      mark + padded("\(telling.step.number)", 4) + padded("\(telling.iteration)", 4)
      + "  " + clipFront(source, to: width).padded(to: width) + "  " + telling.sentence
    return StyledLine(
      clip(text, to: size.columns), place == selected ? .current : .plain)
  }
  let heading = " step turn  " + "source".padded(to: width) + "  what happened"
  let foot = browser.hint.map { [StyledLine($0, .changed)] } ?? []
  let room = size.rows - 2 - foot.count
  let top = min(max(0, selected - room / 2), max(0, lines.count - room))
  let shown = lines.dropFirst(top).prefix(room)
  return [bar, StyledLine(heading, .heading)] + shown
    + Array(repeating: StyledLine(), count: room - shown.count) + foot
}
