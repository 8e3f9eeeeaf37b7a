// A trace as rows, each an arrow from one who does something to one to whom it is done,
// with a few words; and how long each thing lives, counted in rows. No pixel is in it.

import EventLoops
import Recording

/// Pieces of a trace, row by row.
struct PictureRows {
  /// Who has a column of their own.
  enum Column: Hashable {
    case task(Int), future(Int), reader(Int), transport(Int), timers, queue, selector
    case kernel, world
  }

  /// One thing that happened: often some steps in one.
  struct Row {
    enum Look { case plain, queues, calls, attempt }
    var steps: ClosedRange<Int>
    var turn = 0
    /// The part that begins here, in words.
    var part: String?
    var from: Column?
    /// Without it nothing leads anywhere: it is a word beside a bar.
    var to: Column?
    var words: String
    /// What comes back, if that is worth a line.
    var answer: String?
    var look = Look.plain
    /// The place in the queue, or on the future's list.
    var place: Int?
    /// How often it happened, one time after the other.
    var count = 1

    fileprivate func isLike(_ other: Row) -> Bool {
      (turn, words, from, to) == (other.turn, other.words, other.from, other.to)
        && (answer, other.answer) == (nil, nil) && (other.part, place) == (nil, nil)
    }
  }

  /// Something that lasts.
  struct Life {
    enum Look: Int { case waits, sleeps, watched, owns, pending, settled, runs }
    let column: Column
    let look: Look
    /// Two for each row: the room before it, and the row itself.
    let from: Int
    var to: Int
    /// Which of several descriptors; counted from 0.
    let lane: Int
    /// Counts all that begin.
    let number: Int
  }

  /// A buffer's content from a row on.
  struct Level {
    let transport: Int
    let from: Int
    let bytes, low, high: Int
  }

  var rows: [Row] = []
  var lives: [Life] = []
  var levels: [Level] = []
  var labels: [Column: String] = [:]

  var open: [Opening: Life] = [:]
  struct Opening: Hashable {
    let column: Column
    let look: Life.Look
    var lane = 0
  }
  let causes: Causes
  let places: [Int: Int]
  var state = LoopState()
  var steps: [Step] = []
  var step: Step { steps[steps.count - 1] }
  var isShown = false
  var part: String?
  /// A step that will be told together with the next one.
  var held: Int?
  /// A callback was called, and whose it is will be seen in the next step.
  var called: Name?
  /// The descriptors on which an attempt was in vain.
  var refused: Set<Int32> = []
  var watched: [Int32?] = []
  /// Who waits for a future; its box is there until they go on.
  var awaited: [Int: Int] = [:]
  /// The tasks that have had a turn.
  var known: Set<Int> = []
  var begun = 0
  var listed: [Int: Int] = [:]

  /// - Parameters:
  ///   - trace: any recording.
  ///   - shown: the steps that are wanted.
  init(_ trace: Trace, _ shown: [ClosedRange<Int>]) {
    causes = Causes(trace)
    places = placesInQueue(trace, causes)
    for step in trace.steps {
      steps.append(step)
      isShown = shown.contains { $0.contains(step.number) }
      if case .loop(.taskStepBegun) = step.event {} else { tellCall() }
      tell(step.event)
      state.apply(step)
    }
    endAll()
  }

  // MARK: Rows and lives

  /// The row of this step, or the room behind the last one.
  var here: Int {
    let hasRow = isShown && rows.last?.steps.contains(step.number) == true
    return 2 * rows.count - (hasRow ? 1 : 0)
  }

  mutating func add(
    _ from: Column?, _ to: Column?, _ words: String, answer: String? = nil,
    _ look: Row.Look = .plain, place: Int? = nil, first: Int? = nil, last: Int? = nil
  ) {
    defer { held = nil }
    guard isShown else { return }
    let number = last ?? step.number
    var row = Row(
      steps: min(first ?? number, held ?? number)...number, turn: state.iteration,
      from: from, to: to, words: words, answer: answer, look: look, place: place)
    if case .loop(.selectEntered) = step.event { row.turn += 1 }
    (row.part, part) = (part, nil)
    if let last = rows.last, last.isLike(row) {
      rows[rows.count - 1].steps = last.steps.lowerBound...number
      rows[rows.count - 1].count += 1
    } else {
      rows.append(row)
    }
  }

  /// The step is told by the row of the one before.
  mutating func join() {
    guard isShown, let last = rows.last else { return }
    rows[rows.count - 1].steps = last.steps.lowerBound...step.number
  }

  /// - Parameter from: where; without it at the row of this step, or between two.
  mutating func begin(
    _ column: Column, _ look: Life.Look, lane: Int = 0, from: Int? = nil
  ) {
    begun += 1
    open[Opening(column: column, look: look, lane: lane)] = Life(
      column: column, look: look, from: from ?? here, to: here, lane: lane,
      number: begun)
  }

  mutating func end(_ column: Column, _ look: Life.Look, lane: Int = 0) {
    let key = Opening(column: column, look: look, lane: lane)
    guard var life = open.removeValue(forKey: key) else { return }
    life.to = here
    if life.from < life.to, !rows.isEmpty { lives.append(life) }
  }

  mutating func endAll() {
    for key in open.keys { end(key.column, key.look, lane: key.lane) }
    lives.sort { ($0.look.rawValue, $0.number) < ($1.look.rawValue, $1.number) }
  }

  // MARK: Who is meant

  /// Whose code runs; `nil` for the program before and after the loop.
  var running: Column? {
    if let task = state.runningTask { return .task(task.id) }
    if case .running = state.phase { return .queue }
    return nil
  }

  mutating func column(_ name: Name) -> Column {
    let isTask = state.index(ofTask: name.id) != nil
    let column = isTask ? Column.task(name.id) : .future(name.id)
    labels[column] = name.label
    return column
  }

  mutating func queuer() -> Column? {
    guard let cause = causes.cause(of: step.number) else { return running }
    switch steps[cause - 1].event {
    case .loop(.futureSettled(let name, _)): return column(name)
    case .loop(.selectReturned): return .selector
    case .loop(.timerDue): return .timers
    default: return running
    }
  }

  /// Code, but for the wake-ups, which are no function's name.
  func named(_ handle: Name) -> String {
    guard handle.label.hasPrefix("wake-up") else { return "`\(handle.label)`" }
    return state.tasks.count > 1 ? handle.label : "wake-up"
  }
}

/// At which place of its batch a handle is queued and called; none for one alone.
private func placesInQueue(_ trace: Trace, _ causes: Causes) -> [Int: Int] {
  var places: [Int: Int] = [:]
  var batch: [(queued: Int, called: Int)] = []
  func endBatch() {
    for (place, steps) in batch.enumerated() where batch.count > 1 {
      places[steps.queued] = place + 1
      places[steps.called] = place + 1
    }
    batch = []
  }
  for step in trace.steps {
    switch step.event {
    case .loop(.selectEntered), .part: endBatch()
    case .loop(.handleRun), .loop(.handleSkipped):
      if let queued = causes.cause(of: step.number) {
        batch.append((queued, step.number))
      }
    default: break
    }
  }
  endBatch()
  return places
}
