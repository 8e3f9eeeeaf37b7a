import EventLoops
import Recording
import Scars
import Scenarios
import Simulation

/// What has ever come after what, in many courses of all scenarios: the usual ones, and
/// such as the what-if engine makes of them.
struct Habits {
  private var seen: [String: [String: Int]] = [:]
  /// How many courses.
  private(set) var courses = 0
  /// What the laws forbid, and what came all the same.
  private(set) var violations: [String] = []

  /// - Parameter others: how many what-if courses of each scenario.
  init(others: Int) {
    for scar in Scar.all {
      guard let trace = try? scar.scenario?.trace() else { continue }
      let today = trace.steps.lastIndex(where: \.event.isPart)
      add(Trace(scenario: scar.id, steps: Array(trace.steps[(today ?? 0)...])))
    }
    for scenario in Scenario.all {
      let usual = scenario.course()
      add(usual.trace)
      let all = everything(in: usual)
      // From everywhere in the scenario, and the same ones each time.
      let stride = Swift.max(1, all.count / others)
      for place in Swift.stride(from: 0, to: all.count, by: stride) {
        add(
          scenario.course([all[place]], limit: 3 * usual.trace.steps.count + 500).trace)
      }
    }
  }

  private mutating func add(_ trace: Trace) {
    courses += 1
    var (laws, state) = (Laws(), LoopState())
    var last: Step?
    for step in trace.steps {
      // (What a kernel is made to answer need not be what it would.)
      if last?.event.isFork != true, let reason = laws.forbid(step.event) {
        violations.append("\(trace.scenario), step \(step.number): \(reason)")
      }
      if let last {
        seen[situation(last, state), default: [:]][
          kind(step.event, state), default: 0] +=
          1
      }
      laws.add(step)
      (last, state) = (step, after(step, state))
    }
  }

  /// How often there was something like this.
  func count(of last: Step, _ state: LoopState) -> Int {
    seen[situation(last, state)]?.values.reduce(0, +) ?? 0
  }

  /// Whether an event of this kind ever came then.
  func hasCome(_ event: StepEvent, after last: Step, _ state: LoopState) -> Bool {
    seen[situation(last, state)]?[kind(event, state)] != nil
  }

  /// What may matter for what comes next: the last step, the code that did it, and of the
  /// machine what that code looks at.
  private func situation(_ last: Step, _ state: LoopState) -> String {
    let isTask = state.runningTask != nil
    let isFull = state.readers.contains {
      !$0.hasPaused && $0.bufferSize - $0.limit > $0.limit
    }
    let isOthers = ["Scenarios/", "Scars/"].contains { last.file.hasPrefix($0) }
    return "\(isOthers ? "" : last.file) \(kind(last.event, nil)) \(isTask) \(isFull) "
      + traits(last.event, state)
  }

  private func traits(_ event: StepEvent, _ state: LoopState) -> String {
    guard case .loop(let event) = event else { return "" }
    switch event {
    case .transportChanged(let new):
      return "\(new.bufferSize > new.high) \(new.bufferSize <= new.low) "
        + "\(new.isWritingPaused) \(new.isClosing) \(new.bufferSize == 0)"
    case .readerChanged(let new):
      return "\(new.waiter != nil) \(new.bufferSize == 0) \(new.isAtEnd)"
    case .taskCancelRequested(let task):
      let activity = state.tasks.first { $0.future.name.id == task.id }?.activity
      return if case .waiting = activity { "waiting" } else { "" }
    case .protocolCalled: return "\(state.readers.isEmpty)"
    case .modified(let entry):
      return "\(entry.reader != nil) \(entry.writer != nil)"
    default: return ""
    }
  }

  /// - Parameter before: the machine before it, for what only tells how things are now.
  private func kind(_ event: StepEvent, _ before: LoopState?) -> String {
    switch event {
    case .loop(let event):
      let name = "\(event)".prefix { $0 != "(" }
      switch event {
      case .handleRun(let handle): return "\(name) \(plain(handle.label))"
      case .transportChanged(let new):
        let old = before?.transports.first { $0.name.id == new.name.id }
        return old.map { old in
          "\(name) \(new.bufferSize > old.bufferSize) \(new.bufferSize < old.bufferSize) "
            + "\(new.isWritingPaused) \(new.isReading) \(new.isClosing) \(new.isLost)"
        } ?? String(name)
      case .readerChanged(let new):
        let old = before?.readers.first { $0.name.id == new.name.id }
        return old.map { old in
          "\(name) \(new.bufferSize > old.bufferSize) \(new.bufferSize < old.bufferSize) "
            + "\(new.waiter != nil) \(new.hasPaused)"
        } ?? String(name)
      case .protocolCalled(_, let what): return "\(name) \(what.prefix { $0 != " " })"
      case .futureSettled(_, let outcome):
        return "\(name) \("\(outcome)".prefix { $0 != "(" })"
      default: return String(name)
      }
    case .call(let call, let answer):
      let name = "\(call)".prefix { $0 != "(" }
      switch (call, answer) {
      case (.epollControl(_, let change, _, _), _): return "\(name) \(change)"
      case (.send(_, let all), .number(let some)):
        return "\(name) \(some == all ? "all" : "part")"
      case (_, .number(let number)): return "\(name) \(number == 0 ? "0" : "more")"
      case (_, .error(let error)): return "\(name) error \(error)"
      default: return String(name)
      }
    case .note: return "note"
    case .printed: return "printed"
    case .part: return "part"
    }
  }

  /// `sockReadDone` of `sockReadDone 2`.
  private func plain(_ label: String) -> String {
    label.hasPrefix("wake-up of ")
      ? "wake-up" : String(label.prefix { !$0.isNumber && $0 != " " })
  }

  private func after(_ step: Step, _ state: LoopState) -> LoopState {
    var state = state
    state.apply(step)
    return state
  }
}
