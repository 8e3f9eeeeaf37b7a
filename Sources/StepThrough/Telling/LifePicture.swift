// A whole run as a picture, a row for each turn of the loop: which task ran, what it
// asked the kernel for, and who woke whom. For runs that are too long for a row a step.

import EventLoops
package import Recording
import Simulation

/// A trace as an SVG file, turn by turn.
///
/// - Parameters:
///   - trace: any recording; of one with parts it is the last that has turns.
///   - title: what it shows.
package func lifePicture(_ trace: Trace, title: String) -> String {
  var life = LifePicture(trace)
  return life.file(title)
}

private struct LifePicture {
  /// Whose code runs: a task's, or a callback that is none.
  private enum Column: Hashable {
    case task(Int), callbacks, kernel
  }
  private struct Place: Hashable {
    let turn: Int
    let column: Column
  }

  /// What a column has to say of a turn.
  private var cells: [Place: [String]] = [:]
  private var turns: [Int] = []
  /// The steps of each turn.
  private var steps: [Int: ClosedRange<Int>] = [:]
  private let name: String
  private var tasks: [(id: Int, label: String, from: Int, to: Int?)] = []
  /// From where a task was woken, or made, to where it runs.
  private var wakes: [(from: Place, to: Place)] = []
  private var svg = SVG(width: 720)

  // MARK: What happened

  init(_ trace: Trace) {
    name = trace.scenario
    let causes = Causes(trace)
    var state = LoopState()
    var runners: [Int: Place] = [:]
    for step in trace.steps {
      if step.event.isPart {
        (cells, turns, steps, tasks, wakes) = ([:], [], [:], [], [])
        state = LoopState()
      }
      state.apply(step)
      let turn = state.iteration
      steps[turn] = (steps[turn]?.lowerBound ?? step.number)...step.number
      let column = running(state)
      if let column { runners[step.number] = Place(turn: turn, column: column) }
      note(step, turn, column)
      // Who woke it: what queued the handle, or settled the future that did.
      if case .loop(.taskStepBegun(let name)) = step.event,
        let queued = causes.cause(of: step.number - 1)
      {
        let cause = causes.cause(of: queued) ?? queued
        let to = Place(turn: turn, column: .task(name.id))
        if let from = runners[cause], from.turn < turn { wakes.append((from, to)) }
      }
    }
  }

  private func running(_ state: LoopState) -> Column? {
    if let task = state.runningTask { return .task(task.id) }
    if case .running = state.phase { return .callbacks }
    return nil
  }

  private mutating func add(_ line: String, _ turn: Int, _ column: Column) {
    cells[Place(turn: turn, column: column), default: []].append(line)
  }

  private mutating func note(_ step: Step, _ turn: Int, _ column: Column?) {
    switch step.event {
    case .loop(.selectEntered): turns.append(turn)
    case .loop(.selectReturned(let ready)) where !ready.isEmpty:
      for one in ready { add(step.name(one.fd), turn, .kernel) }
    case .note: add("somebody else", turn, .kernel)
    case .loop(.handleRun(let name)) where !name.label.hasPrefix("wake-up"):
      add("`\(name.label)`", turn, .callbacks)
    case .loop(.taskCreated(let name)):
      tasks.append((name.id, name.label, turn, nil))
      if let column { add("makes \(name.label)", turn, column) }
    case .loop(.taskFinished(let name)):
      add("ends", turn, .task(name.id))
      for place in tasks.indices where tasks[place].id == name.id {
        tasks[place].to = turn
      }
    case .printed: if let column { add("prints", turn, column) }
    case .call(let call, let answer):
      guard case .task? = column, let name = call.shortName else { return }
      add("`\(name)` → \(text(answer, call, step))", turn, column!)
    default: break
    }
  }

  // MARK: The picture

  private static let line = 17
  private var columns: [(column: Column, x: Int, label: String)] {
    let left = 54
    let width = (svg.width - left - 236) / max(1, tasks.count)
    return tasks.enumerated().map {
      (.task($0.element.id), left + $0.offset * width + 12, $0.element.label)
    } + [
      (.callbacks, svg.width - 228, "callbacks"), (.kernel, svg.width - 100, "kernel"),
    ]
  }

  mutating func file(_ title: String) -> String {
    let columns = columns
    let xs = Dictionary(uniqueKeysWithValues: columns.map { ($0.column, $0.x) })
    for (place, column) in columns.enumerated() {
      let next = place + 1 < columns.count ? columns[place + 1].x : svg.width
      for turn in turns {
        let cell = Place(turn: turn, column: column.column)
        cells[cell] = cells[cell]?.flatMap { fitting($0, next - column.x - 12) }
      }
    }
    // Where each turn's row begins and ends.
    var rows: [Int: Range<Int>] = [:]
    var y = 50
    for turn in turns {
      let count =
        columns.compactMap { cells[Place(turn: turn, column: $0.column)] }
        .map(\.count).max() ?? 0
      y += 14 + 7 * wakes.count { $0.to.turn == turn }
      rows[turn] = y..<y + max(1, count) * Self.line + 12
      y = rows[turn]!.upperBound
    }
    for column in columns { svg.text(column.label, "h", x: column.x, y: 32) }
    for turn in turns {
      svg.rect(
        "band", x: 6, y: rows[turn]!.lowerBound, width: svg.width - 12,
        height: rows[turn]!.count, round: 6)
      svg.link(to: steps[turn]!, of: name, "turn \(turn)", rows: rows[turn]!)
    }
    drawLives(xs, rows)
    for turn in turns { drawTurn(turn, rows[turn]!, columns) }
    drawWakes(xs, rows)
    return svg.file(title, height: y + 14)
  }

  private mutating func drawTurn(
    _ turn: Int, _ row: Range<Int>, _ columns: [(column: Column, x: Int, label: String)]
  ) {
    svg.text("turn \(turn)", "q", x: 14, y: row.lowerBound + 18)
    for column in columns {
      guard let lines = cells[Place(turn: turn, column: column.column)] else {
        continue
      }
      if case .task = column.column {
        svg.rect(
          "bar", x: column.x - 9, y: row.lowerBound + 5, width: 4,
          height: row.count - 10, round: 2)
      }
      for (number, line) in lines.enumerated() {
        let isRefusal = line.hasSuffix(" EAGAIN") || line.hasSuffix(" EINPROGRESS")
        let look = isRefusal ? "a" : ""
        svg.text(
          line, look, x: column.x, y: row.lowerBound + 18 + number * Self.line)
      }
    }
    if cells[Place(turn: turn, column: .kernel)] != nil,
      cells[Place(turn: turn, column: .callbacks)] != nil,
      let kernel = columns.last
    {
      svg.arrow(
        "to", tip: "head", from: kernel.x - 4, to: kernel.x - 22,
        y: row.lowerBound + 14)
    }
  }

  /// A task between two of its turns, and before its first one.
  private mutating func drawLives(_ xs: [Column: Int], _ rows: [Int: Range<Int>]) {
    for task in tasks {
      guard let x = xs[.task(task.id)] else { continue }
      let top = rows[task.from]?.upperBound ?? 44
      let end = task.to ?? turns.last ?? 0
      guard let bottom = rows[end]?.lowerBound, top < bottom else { continue }
      svg.path("dots", "M\(x - 7) \(top + 3)V\(bottom)")
    }
  }

  private mutating func drawWakes(_ xs: [Column: Int], _ rows: [Int: Range<Int>]) {
    var used: [Int: Int] = [:]
    for wake in wakes {
      guard let from = xs[wake.from.column], let to = xs[wake.to.column],
        let top = rows[wake.from.turn]?.upperBound, let row = rows[wake.to.turn]
      else { continue }
      used[wake.to.turn, default: 0] += 1
      let (start, end) = (from + 8 * used[wake.to.turn]!, to - 7)
      let y = row.lowerBound - 2 - 7 * used[wake.to.turn]!
      svg.path("to", "M\(start) \(top - 5)V\(y)H\(end)V\(row.lowerBound - 1)")
      svg.path("head", "M\(end) \(row.lowerBound + 5)l-4 -8h8z")
    }
  }

  /// As much as there is room for, on two lines if it is a call and its answer.
  private func fitting(_ text: String, _ room: Int) -> [String] {
    if SVG.width(text) <= room { return [text] }
    if let answer = text.firstRange(of: " → ") {
      return [String(text[..<answer.lowerBound])]
        + fitting(String(text[text.index(after: answer.lowerBound)...]), room)
    }
    var text = text
    while !text.isEmpty, SVG.width(text) > room - 12 { text.removeLast() }
    return [text + "…" + (text.count { $0 == "`" } % 2 == 1 ? "`" : "")]
  }
}

extension SystemCall {
  /// Its name, for the calls that a story is about.
  fileprivate var shortName: String? {
    switch self {
    case .accept: "accept4"
    case .connect: "connect"
    case .recv: "recv"
    case .send: "send"
    case .sendmsg: "sendmsg"
    case .close: "close"
    default: nil
    }
  }
}
