// The keys with which one follows: from a step to the one that led to it, along the life
// of one thing, and from event to event of one kind.

import EventLoops
import Recording
import Scenarios
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
    case .character("y"): hint = address
    default: return false
    }
    return true
  }

  /// How one comes back to this step, and not only to one that looks like it.
  private var address: String {
    if isLive { return "a live loop has no address: it is never the same again" }
    if scenario == nil { return "this is step \(position) of this trace; g goes to it" }
    let otherwise = changes.map { " --what-if '\($0.place)=\($0.otherwise)'" }
    return "this is `walkthrough \(trace.scenario):\(position)\(otherwise.joined())`"
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

  /// The step in which the chosen line became what it is. It is one of those that touched
  /// its thing; whether one has changed the line, the machine before and after it says.
  private var lastChange: Int? {
    guard let selected, let item = after.item(selected) else { return nil }
    guard let thing = item.thing else {
      // A printed line has come once, and stays.
      return trace.steps[(partBegin - 1)..<lastShown].lazy.filter {
        if case .printed = $0.event { true } else { false }
      }.dropFirst(Int(item.id) ?? 0).first?.number
    }
    let touches = causes.touches(of: thing, at: position)
    return touches[..<touches.firstIndex(from: lastShown + 1)].last { step in
      state(after: step).item(selected) != state(after: step - 1).item(selected)
    }
  }

  // MARK: A life

  private mutating func follow() {
    guard position > 0 else { return }
    // What has gone in this step is still there to be chosen.
    let chosen = selected.flatMap {
      after.item($0)?.thing ?? before.item($0)?.thing
    }
    if let following, chosen == nil || chosen == following.thing {
      mode = .stations(selected: max(0, stations.firstIndex(from: position + 1) - 1))
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
      let stations = stations
      let next = stations.firstIndex(from: position + 1)
      if next < stations.count {
        land(on: stations[next])
      } else {
        hint = "this is the last of \(following.label); escape stops following it"
      }
    case .left:
      let stations = stations
      let previous = stations.firstIndex(from: position) - 1
      if previous >= 0 {
        land(on: stations[previous])
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
    let index = stations.firstIndex(from: position)
    let isOne = index < stations.count && stations[index] == position
    let place = isOne ? "\(index + 1) of " : ""
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

/// The stations of a life, a line each, with where they stand in the source.
func stationScreen(
  _ browser: Browser, _ selected: Int, _ tree: SourceTree, _ size: ScreenSize
) -> [StyledLine] {
  let bar = StyledLine(
    " \(browser.following?.label ?? "") · its life · enter goes there, f goes back",
    .bar
  ).fitted(to: size.columns, filling: .bar)
  let foot = browser.hint.map { [StyledLine($0, .changed)] } ?? []
  let room = size.rows - 2 - foot.count
  let stations = browser.stations
  // Only those that are on the screen become lines.
  let rows = window(
    stations.indices.lazy.map(ListRow.row), around: selected, room
  ) { .note($0) }
  let places = rows.compactMap {
    if case .row(let place) = $0 { place } else { nil }
  }
  func source(_ place: Int) -> String { browser.trace.steps[stations[place] - 1].site }
  let digits = browser.digits
  let width = min(30, places.map { source($0).count }.max() ?? 0)
  // Where there is room, the line of source itself stands there, too.
  let codeWidth = size.columns < 120 ? 0 : (size.columns - width - 2 * digits - 6) / 2
  let lines = rows.map { row in
    let place: Int
    switch row {
    case .note(let note):
      return StyledLine(String(repeating: " ", count: 2 * digits + 4) + note, .dim)
    case .row(let station): place = station
    }
    let telling = browser.tellings[stations[place] - 1]
    let mark = telling.step.number == browser.position ? "▶" : " "
    var text =
      mark + padded("\(telling.step.number)", digits) + " "
      + padded("\(telling.iteration)", digits) + "  "
      + clipFront(source(place), to: width).padded(to: width) + "  "
    if codeWidth > 0 {
      let lines = tree.lines(telling.step.file) ?? []
      let line = telling.step.line - 1
      let code = lines.indices.contains(line) ? lines[line].drop { $0 == " " } : ""
      text += clip(String(code), to: codeWidth).padded(to: codeWidth) + "  "
    }
    return StyledLine(
      clip(text + telling.sentence, to: size.columns),
      place == selected ? .current : .plain, .row(place))
  }
  let sourceWidth = codeWidth > 0 ? width + 2 + codeWidth : width
  let heading =
    " \(padded("step", digits)) \(padded("turn", digits))  "
    + "source".padded(to: sourceWidth) + "  what happened"
  return [bar, StyledLine(heading, .heading)] + lines
    + Array(repeating: StyledLine(), count: room - lines.count) + foot
}
