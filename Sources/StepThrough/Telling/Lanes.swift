// A run as a picture: who did what, in which turn, and what that led to. It says which
// lane, which sign and which arrow; not how any of them is drawn.

import EventLoops
package import Recording
import Simulation

/// One part of a trace, laid out: the turns are the columns, and each step stands in the
/// lane of whoever it is about.
package struct Lanes: Sendable {
  /// Where a step stands.
  package enum Lane: Hashable, Sendable {
    case task(Int)
    case futures
    case readyQueue
    case selector
    case kernel
  }

  /// What a step is, in its lane.
  package enum Sign: String, Sendable {
    case made = "+"
    case runs = ">"
    case returns = "<"
    case queued = "q"
    case waits = "."
    case settled = "="
    case cancelled = "x"
    case asks = "?"
    case reports = "!"
    case call = "c"
    case refused = "e"
    case world = "w"
    case other = "-"
  }

  /// A step.
  package struct Mark: Sendable {
    /// Its number.
    package let step: Int
    /// The turn of the loop that it belongs to.
    package let turn: Int
    package let lane: Lane
    package let sign: Sign
    fileprivate let what: Step
    /// A few words.
    package var label: String { what.shortLabel }
  }

  /// That one step led to another.
  package struct Arrow: Sendable, Equatable {
    package enum Kind: Sendable { case queues, settles, wakes }
    package let kind: Kind
    /// The numbers of the two steps.
    package let from, to: Int
  }

  /// The lanes, from above, with what stands before them.
  package private(set) var lanes: [(lane: Lane, label: String)] = []
  /// The steps, in order.
  package private(set) var marks: [Mark] = []
  /// From the steps and to them, in the order of those they lead to.
  package private(set) var arrows: [Arrow] = []
  /// The places among the marks at which a turn begins; the first one is 0.
  package private(set) var turns: [Int] = []
  private var places: [Lane: [Int]] = [:]
  private var arrowsTo: [Int: Int] = [:]
  private var arrowsFrom: [Int: [Int]] = [:]
  private var tasks: [(id: Int, label: String)] = []
  private var isTask: Set<Int> = []
  /// The handles with which tasks wait: what was put on the future's list last.
  private var wakeUps: Set<Int> = []
  private var lastAdded = 0

  /// - Parameters:
  ///   - trace: any recording.
  ///   - number: a step of the part that is wanted; a trace without parts is one.
  ///   - causes: what led to its steps, if that is known already.
  package init(_ trace: Trace, at number: Int = 1, causes: Causes? = nil) {
    let begins = trace.steps.indices.filter { trace.steps[$0].event.isPart }
    let start = begins.last { $0 < number } ?? 0
    let end = begins.first { $0 >= max(1, number) } ?? trace.steps.count
    let causes = causes ?? Causes(trace)
    var turn = 0
    var lane = Lane.readyQueue
    for step in trace.steps[start..<end] {
      if case .loop(.selectEntered) = step.event { turn += 1 }
      note(step.event)
      lane = self.lane(of: step.event, running: lane)
      if marks.last?.turn != turn { turns.append(marks.count) }
      places[lane, default: []].append(marks.count)
      marks.append(
        Mark(
          step: step.number, turn: turn, lane: lane, sign: step.event.sign, what: step))
      if let arrow = arrow(to: step, causes) {
        arrowsTo[arrow.to] = arrows.count
        arrowsFrom[arrow.from, default: []].append(arrows.count)
        arrows.append(arrow)
      }
    }
    lanes =
      tasks.map { (.task($0.id), $0.label) }
      + [(.futures, "futures"), (.readyQueue, "ready queue"), (.selector, "selector")]
      + [(.kernel, "kernel")]
  }

  /// The step's mark; `nil` if it is in another part.
  package func mark(of step: Int) -> Mark? {
    guard let first = marks.first, marks.indices.contains(step - first.step) else {
      return nil
    }
    return marks[step - first.step]
  }

  /// The places among the marks of those in a lane, in order.
  package func places(in lane: Lane) -> [Int] { places[lane] ?? [] }

  /// The arrow that leads to a step.
  package func arrow(to step: Int) -> Arrow? { arrowsTo[step].map { arrows[$0] } }

  /// The steps at the other ends of a step's arrows.
  package func partners(of step: Int) -> [Int] {
    (arrow(to: step).map { [$0.from] } ?? [])
      + (arrowsFrom[step] ?? []).map { arrows[$0].to }
  }

  private mutating func note(_ event: StepEvent) {
    switch event {
    case .loop(.taskCreated(let task)):
      tasks.append((task.id, task.label))
      isTask.insert(task.id)
    case .loop(.callbackAdded(_, let callback)): lastAdded = callback.id
    case .loop(.taskSuspended(_, on: .some)): wakeUps.insert(lastAdded)
    default: break
    }
  }

  /// - Parameter place: where the step before was: what is printed, is printed there.
  private func lane(of event: StepEvent, running place: Lane) -> Lane {
    func future(_ name: Name) -> Lane {
      isTask.contains(name.id) ? .task(name.id) : .futures
    }
    switch event {
    case .call, .note: return .kernel
    case .printed: return place
    case .part: return .readyQueue
    case .loop(let event):
      return switch event {
      case .selectEntered, .selectReturned, .registered, .modified, .unregistered:
        .selector
      case .futureCreated(let name), .futureSettled(let name, _),
        .callbackAdded(let name, _), .callbackRemoved(let name, _),
        .taskCreated(let name), .taskStepBegun(let name), .taskSuspended(let name, _),
        .taskLeft(let name), .taskCancelRequested(let name), .taskFinished(let name):
        future(name)
      default: .readyQueue
      }
    }
  }

  private func arrow(to step: Step, _ causes: Causes) -> Arrow? {
    guard let from = causes.cause(of: step.number) else { return nil }
    switch step.event {
    case .loop(.futureSettled):
      return Arrow(kind: .settles, from: from, to: step.number)
    case .loop(.handleQueued(let handle)):
      // A settled future wakes whoever waited; its other callbacks are only queued.
      let isSettled = mark(of: from)?.sign == .settled
      return Arrow(
        kind: isSettled && wakeUps.contains(handle.id) ? .wakes : .queues, from: from,
        to: step.number)
    default: return nil
    }
  }
}

extension StepEvent {
  fileprivate var sign: Lanes.Sign {
    switch self {
    case .call(_, .error): .refused
    case .call: .call
    case .note: .world
    case .printed, .part: .other
    case .loop(let event):
      switch event {
      case .selectEntered: .asks
      case .selectReturned: .reports
      case .handleQueued, .timerDue: .queued
      case .handleRun, .taskStepBegun: .runs
      case .handleFinished: .returns
      case .handleSkipped, .handleCancelled, .timerDropped, .taskCancelRequested:
        .cancelled
      case .taskSuspended, .taskLeft: .waits
      case .futureCreated, .taskCreated: .made
      case .futureSettled: .settled
      default: .other
      }
    }
  }
}

extension Step {
  /// The step in a few words, for whoever sees from its place whose it is.
  fileprivate var shortLabel: String {
    switch event {
    case .call(let call, let answer):
      "\(text(call, self)) → \(text(answer, call, self))"
    case .note(let text), .part(let text): text
    case .printed(let who, _): "\(who) prints"
    case .loop(let event):
      switch event {
      case .selectEntered(nil): "select, no limit"
      case .selectEntered(0?): "select, no wait"
      case .selectEntered(let limit?): "select, \(seconds(limit))"
      case .selectReturned(let ready):
        ready.isEmpty ? "no news" : ready.map { name($0.fd) }.joined(separator: ", ")
      case .handleQueued(let name): "queued: \(name.label)"
      case .handleRun(let name): "call \(name.label)"
      case .handleFinished(let name, let error):
        error == nil ? "back from \(name.label)" : "\(name.label) throws"
      case .handleSkipped(let name): "skipped: \(name.label)"
      case .handleCancelled(let name): "cancelled: \(name.label)"
      case .stopRequested: "stop"
      case .timerScheduled(let name, _, let delay):
        "\(name.label) in \(seconds(delay))"
      case .timerDue(let name): "due: \(name.label)"
      case .timerDropped(let name): "dropped: \(name.label)"
      case .registered(let entry): "watch \(name(entry.fd))"
      case .modified(let entry): "watch \(name(entry.fd)) otherwise"
      case .unregistered(let fd): "forget \(name(fd))"
      case .futureCreated(let name): "\(name.label) made"
      case .callbackAdded(let name, let callback): "\(name.label) → \(callback.label)"
      case .callbackRemoved(let name, let callback):
        "\(name.label) without \(callback.label)"
      case .futureSettled(let name, .result): "\(name.label): result"
      case .futureSettled(let name, .exception): "\(name.label): error"
      case .futureSettled(let name, .cancelled): "\(name.label): cancelled"
      case .taskCreated: "made"
      case .taskStepBegun: "runs"
      case .taskSuspended(_, let future?): "waits for \(future.label)"
      case .taskSuspended(_, nil): "waits for its turn"
      case .taskLeft: "waits elsewhere"
      case .taskCancelRequested: "asked to stop"
      case .taskFinished: "code ends"
      case .transportChanged(let state): state.name.label
      case .protocolCalled(let name, let call): "\(name.label): \(call)"
      case .readerChanged(let state): state.name.label
      }
    }
  }
}
