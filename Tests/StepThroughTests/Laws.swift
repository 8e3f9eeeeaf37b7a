import CLibrary
import EventLoops
import Recording
import Selectors
import Simulation
import Sockets

/// What can come next and what cannot, said once more and in another way than the
/// questions say it: not what must come, but what is forbidden now.
///
/// It keeps its own books, from the events alone. Of `LoopState` it takes what another
/// test compares with the real loop.
struct Laws {
  private var state = LoopState()
  private var steps: [Step] = []
  /// What stands on each future's list.
  private var lists: [Int: [Name]] = [:]
  /// What a settled future has still to queue.
  private var owed: [Name] = []
  /// Whose registration a clean-up is about.
  private var targets: [Int: Name] = [:]
  /// The future of each of those registrations.
  private var futures: [Int: Name] = [:]
  private var entry: Registration?
  /// It is at least so late.
  private var clock = 0.0
  /// The steps since the last question to the selector, and since a callback began.
  private var turn = 0
  private var call = 0

  mutating func add(_ step: Step) {
    if step.event.isPart { self = Laws() }
    steps.append(step)
    state.apply(step)
    guard case .loop(let event) = step.event else { return }
    switch event {
    case .selectEntered: turn = steps.count
    case .handleRun: call = steps.count
    case .registered(let new), .modified(let new): entry = new
    case .callbackAdded(let future, let callback):
      lists[future.id, default: []].append(callback)
      if callback.label.hasPrefix("sockReadDone") {
        targets[callback.id] = entry?.reader
      } else if callback.label.hasPrefix("sockWriteDone") {
        targets[callback.id] = entry?.writer
      }
      if let target = targets[callback.id] { futures[target.id] = future }
    case .callbackRemoved(let future, let callback):
      lists[future.id]?.removeAll { $0.id == callback.id }
    case .futureSettled(let future, _):
      owed = lists.removeValue(forKey: future.id) ?? []
    case .handleQueued(let handle):
      if owed.first?.id == handle.id { owed.removeFirst() }
    case .timerScheduled(_, let when, let delay): clock = max(clock, when - delay)
    case .timerDue(let handle):
      let due = steps.compactMap { step -> Double? in
        guard case .loop(.timerScheduled(handle, let when, _)) = step.event else {
          return nil
        }
        return when
      }
      clock = max(clock, due.last ?? 0)
    default: break
    }
  }

  /// Why this cannot be the next step; `nil` if it can, for all that is known here.
  func forbid(_ event: StepEvent) -> String? {
    if let owed = owed.first, event != .loop(.handleQueued(owed)) {
      return "\(owed.label) is to be queued first"
    }
    return switch event {
    case .loop(let event): forbid(event)
    case .call(let call, let answer): forbid(call, answer)
    default: nil
    }
  }

  // MARK: The loop

  private var running: Name? {
    if case .running(let handle) = state.phase { handle } else { nil }
  }

  private var isAsking: Bool {
    if case .selecting = state.phase { true } else { false }
  }

  /// How many of the queue belong to this turn: all but those that came since its first
  /// callback was called.
  private var left: Int {
    if turn == 0 { return 0 }
    let turn = steps[(turn - 1)...]
    let first = turn.firstIndex {
      switch $0.event {
      case .loop(.handleRun), .loop(.handleSkipped): true
      default: false
      }
    }
    guard let first else { return state.ready.count }
    return state.ready.count - steps[first...].count { isQueuing($0) }
  }

  private func isQueuing(_ step: Step) -> Bool {
    if case .loop(.handleQueued) = step.event { true } else { false }
  }

  /// Those that the selector has reported in this turn and that are not queued yet.
  private var reported: [Name] {
    let turn = steps[max(0, turn - 1)...]
    guard
      let place = turn.lastIndex(where: {
        if case .loop(.selectReturned) = $0.event { true } else { false }
      }), case .loop(.selectReturned(let ready)) = steps[place].event
    else { return [] }
    let since = steps[(place + 1)...]
    // From the first callback on there is no more to be queued.
    if !since.allSatisfy({
      switch $0.event {
      case .loop(.handleQueued), .loop(.timerDue): true
      default: false
      }
    }) {
      return []
    }
    var handles: [Name] = []
    for descriptor in ready {
      guard let entry = state.registrations.first(where: { $0.fd == descriptor.fd })
      else { continue }
      if descriptor.events.contains(.read) {
        handles += [entry.reader].compactMap(\.self)
      }
      if descriptor.events.contains(.write) {
        handles += [entry.writer].compactMap(\.self)
      }
    }
    handles.removeAll { state.cancelled.contains($0.id) }
    for step in since {
      if case .loop(.handleQueued(let handle)) = step.event,
        let place = handles.firstIndex(where: { $0.id == handle.id })
      {
        handles.remove(at: place)
      }
    }
    return handles
  }

  private func forbid(_ event: LoopEvent) -> String? {
    switch event {
    case .handleRun(let handle), .handleSkipped(let handle):
      if running != nil { return "a callback runs" }
      if isAsking { return "the loop asks the selector" }
      if state.ready.first?.handle.id != handle.id { return "not the first in line" }
      if left == 0 { return "not in this turn" }
      if !reported.isEmpty { return "there is news to be queued" }
      if case .loop(.handleQueued) = steps.last?.event, let first = state.timers.first,
        first.when <= clock
      {
        return "another timer is due"
      }
      let isSkipped = if case .handleSkipped = event { true } else { false }
      return state.cancelled.contains(handle.id) == isSkipped
        ? nil : "cancelled or not"
    case .selectEntered(let timeout):
      if running != nil { return "a callback runs" }
      if isAsking { return "it asks already" }
      if left > 0 { return "callbacks of this turn are left" }
      if !reported.isEmpty { return "there is news to be queued" }
      return forbid(timeout)
    case .handleQueued(let handle):
      let isWatching = state.registrations.contains {
        $0.reader?.id == handle.id || $0.writer?.id == handle.id
      }
      if let first = reported.first {
        return first.id == handle.id ? nil : "others first"
      }
      return isWatching ? "the selector has not reported it" : nil
    case .taskStepBegun(let task):
      if case .loop(.handleRun(let handle)) = steps.last?.event,
        handle.label == "wake-up of \(task.label)"
      {
        return nil
      }
      return "its wake-up has not been called"
    case .taskSuspended(let task, let future?):
      return lists[future.id]?.last?.label == "wake-up of \(task.label)"
        ? nil : "nothing would wake it"
    case .futureSettled(let future, let outcome): return forbid(future, outcome)
    case .handleFinished(let handle, _):
      if running?.id != handle.id { return "that one does not run" }
      if state.runningTask != nil {
        return "a task's code runs"
      }
      if let target = cleanUp, isRegistered(target) { return "there is work to do" }
      return isCalledInTime ? "it has not tried" : nil
    case .timerDue(let handle):
      switch steps.last?.event {
      case .loop(.selectReturned), .loop(.handleQueued), .loop(.timerDropped): break
      default: return "that is looked at after the selector's answer"
      }
      if running != nil { return "a callback runs" }
      return state.timers.first?.handle.id == handle.id ? nil : "others before"
    case .unregistered: return forbidRemoval
    case .handleCancelled(let handle):
      if let target = cleanUp { return target.id == handle.id ? nil : "not its own" }
      return nil
    default: return nil
    }
  }

  private func forbid(_ timeout: Double?) -> String? {
    if state.isStopping { return nil }
    guard state.ready.isEmpty else { return timeout == 0 ? nil : "somebody is queued" }
    guard let first = state.timers.first else {
      return timeout == nil ? nil : "nobody is queued or scheduled"
    }
    if state.cancelled.contains(first.handle.id) { return "a dead timer is first" }
    guard let timeout else { return "a timer is set" }
    return timeout > first.when - clock + 0.02 ? "the first timer would be late" : nil
  }

  private func forbid(_ future: Name, _ outcome: LoopEvent.Outcome) -> String? {
    if state.index(ofTask: future.id) != nil {
      return steps.last?.event == .loop(.taskFinished(future))
        ? nil : "its code has not ended"
    }
    if state.futures.contains(where: { $0.name.id == future.id && $0.outcome != nil }) {
      return "it is settled already"
    }
    if case .exception(let text) = outcome,
      text.contains("EAGAIN") || text.contains("EINPROGRESS")
    {
      return "that is no error"
    }
    guard let last = steps.last, last.file.hasPrefix("SocketOperations/Sock") else {
      return nil
    }
    let isResult = outcome == .result
    switch last.event {
    case .call(_, .error): return isResult ? "there is no result" : nil
    case .call(.getsockopt, .number(let error)):
      return isResult == (error == 0) ? nil : "SO_ERROR says otherwise"
    case .call(.send(_, let all), .number(let some)):
      return isResult == (some == all) ? nil : "that was only a part"
    case .call: return isResult ? nil : "it has worked"
    case .loop(.handleRun): return "nobody has asked the kernel"
    default: return nil
    }
  }

  /// The clean-up that was called just now, and what it is about.
  private var cleanUp: Name? {
    guard case .loop(.handleRun(let handle)) = steps.last?.event else { return nil }
    return targets[handle.id]
  }

  /// A step was called just now: whether its future is settled; `nil` if it is none.
  private var isCalledLate: Bool? {
    guard case .loop(.handleRun(let handle)) = steps.last?.event,
      let future = futures[handle.id]
    else { return nil }
    return state.futures.contains { $0.name.id == future.id && $0.outcome != nil }
  }
  private var isLate: Bool { isCalledLate == true }
  private var isCalledInTime: Bool { isCalledLate == false }

  private func isRegistered(_ handle: Name) -> Bool {
    state.registrations.contains {
      $0.reader?.id == handle.id || $0.writer?.id == handle.id
    }
  }

  private var forbidRemoval: String? {
    if isLate { return "the clean-up does that" }
    return cleanUp.flatMap {
      isRegistered($0) ? nil : "its own is not registered any more"
    }
  }

  // MARK: The kernel

  private func forbid(_ call: SystemCall, _ answer: SystemAnswer) -> String? {
    if case .call(call, .error(EAGAIN)) = steps.last?.event { return "asked already" }
    if isLate {
      switch call {
      case .accept, .recv, .getsockopt: return "nobody wants it any more"
      default: break
      }
    }
    func socket(_ fd: Int32) -> LoopState.SocketState? {
      state.sockets.first { $0.descriptor == fd }
    }
    switch (call, answer) {
    case (.accept(let fd), _):
      if case .loop(.handleFinished) = steps.last?.event { return "nobody runs" }
      guard let waiting = socket(fd)?.facts.backlog else { return nil }
      if case .descriptor = answer { return waiting == 0 ? "nobody waits" : nil }
      return answer == .error(EAGAIN) && waiting > 0 ? "somebody waits" : nil
    case (.recv(let fd, let limit), .number(let some)) where limit > 0:
      guard let facts = socket(fd)?.facts, let there = facts.received else {
        return nil
      }
      if some == 0 { return there > 0 || !facts.isEnded ? "this is not the end" : nil }
      return some > there ? "so much is not there" : nil
    case (.recv(let fd, _), .error(EAGAIN)):
      guard let facts = socket(fd)?.facts, let there = facts.received else {
        return nil
      }
      return there > 0 || facts.isEnded ? "there is something" : nil
    case (.epollControl(_, .delete, _, _), _): return forbidRemoval
    case (.epollWait(_, 0), .ready(let ready)):
      for socket in state.sockets {
        if let reason = forbid(ready[socket.descriptor] ?? 0, socket) { return reason }
      }
      return nil
    default: return nil
    }
  }

  /// What epoll says of one socket.
  private func forbid(_ bits: UInt32, _ socket: LoopState.SocketState) -> String? {
    guard let watched = socket.watched, socket.condition != .counter else { return nil }
    if bits & 5 & ~watched != 0 { return "nobody has asked for that" }
    let facts = socket.facts
    let isListening = if case .listening = socket.condition { true } else { false }
    let isConnected =
      switch socket.condition {
      case .connected, .adopted, .halfClosed: true
      default: false
      }
    guard isListening && facts.backlog != nil || isConnected && facts.received != nil
    else { return nil }
    let hasSome = (facts.backlog ?? 0) + (facts.received ?? 0) > 0 || facts.isEnded
    if watched & 1 != 0, hasSome != (bits & 1 != 0), bits & 0x18 == 0 {
      return hasSome ? "there is something to fetch" : "there is nothing to fetch"
    }
    if watched & 4 != 0, facts.unsent == 0, bits & 4 == 0 { return "there is room" }
    return nil
  }
}
