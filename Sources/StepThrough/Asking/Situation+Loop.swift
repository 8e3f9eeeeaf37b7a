// What the loop's own rules decide: who is next, and whether it may sleep.

import EventLoops
import Recording
import Selectors
import Telling

/// Each of these looks whether it is its rule that decides the next step.
extension Situation {
  typealias Wrong = Draft.Wrong

  /// After a callback, or before the first one: who stands first in the queue is called.
  func inLine(_ next: Step) -> Draft? {
    guard state.phase == .betweenCallbacks, let head = state.ready.first?.handle else {
      return nil
    }
    let isBegun = left != nil
    if isBegun ? left! < 1 : !isQueueFilled { return nil }
    let others = state.ready.map(\.handle).filter {
      $0.id != head.id && $0.label != "stop"
    }
    let (count, isOff) = (left ?? state.ready.count, state.cancelled.contains(head.id))
    let right = LoopEvent.handleRun(head)
    guard next.event == .loop(isOff ? .handleSkipped(head) : right) else { return nil }
    return Draft(
      isOff ? "skipped" : "in line",
      .init(
        file: "EventLoops/RunOnce.swift",
        code: isOff ? "if handle.cancelled() {" : "let handle = ready.popFirst()"),
      [
        isOff
          ? Wrong(
            event: .loop(right),
            reason: "\(head.label) was called off while it stood in the queue") : nil
      ]
        + others.prefix(isOff ? 1 : 2).map { other in
          Wrong(
            event: .loop(.handleRun(other)),
            reason: "\(other.label) stands behind \(head.label), and who came first "
              + "leaves first")
        } + [
          Wrong(
            event: .loop(.selectEntered(timeout: 0)),
            reason: isBegun
              ? "the number of a turn's callbacks is fixed before the first is called, "
                + "and \(count) of this turn's \(count == 1 ? "is" : "are") left"
              : "in this turn it was asked already; now comes what is queued")
        ])
  }

  /// All that is new in this turn is in the queue.
  private var isQueueFilled: Bool {
    switch last?.event {
    case .loop(.selectReturned), .loop(.handleQueued):
      news.isEmpty && !isDisturbed && isNoOtherDue
    default: false
    }
  }

  /// Whatever is on the schedule has its time later. (A loop may be a little late, and
  /// then a timer that is due soon is due as well.)
  private var isNoOtherDue: Bool {
    guard let next = state.timers.first else { return true }
    return latestDue.map { next.when > $0 + 0.05 } ?? false
  }

  /// After the last callback of a turn: the next turn, and how long it may sleep.
  func newTurn(_ next: Step) -> Draft? {
    guard state.phase == .betweenCallbacks, left == 0 else { return nil }
    let runOnce = "EventLoops/RunOnce.swift"
    let first = state.timers.first
    if let first, state.cancelled.contains(first.handle.id) {
      guard next.event == .loop(.timerDropped(first.handle)) else { return nil }
      let name = first.handle.label
      return Draft(
        "dropped",
        .init(file: runOnce, code: "while let timer = scheduled.first, timer.cancel"),
        [
          Wrong(
            event: .loop(.selectEntered(timeout: state.ready.isEmpty ? nil : 0)),
            reason: "before that the loop throws away the cancelled timers that are "
              + "first on the schedule, or it would wake up for them"),
          Wrong(
            event: .loop(.timerDue(first.handle)),
            reason: "\(name) is cancelled: for it no time will come"),
          Wrong(
            event: .loop(.handleRun(first.handle)),
            reason: "\(name) is cancelled, and not in the queue"),
        ])
    }
    guard case .loop(.selectEntered(let timeout)) = next.event else { return nil }
    if let head = state.ready.first?.handle, timeout == 0 {
      return Draft(
        "next turn", .init(file: runOnce, code: "for _ in 0..<ready.count {"),
        [
          Wrong(
            event: .loop(.handleRun(head)),
            reason: "\(head.label) was queued during this turn: it is none of those "
              + "whose number was fixed before the first was called"),
          Wrong(
            event: .loop(.selectEntered(timeout: nil)),
            reason: "somebody stands in the queue: the loop must not sleep"),
        ])
    }
    let sleep = Draft.Place(file: runOnce, code: "if !ready.isEmpty || isStopping {")
    if let first, let timeout, timeout > 0 {
      let later = state.timers.dropFirst().filter { $0.when > first.when + 0.01 }
      return Draft(
        "until a timer", sleep,
        [
          Wrong(
            event: .loop(.selectEntered(timeout: nil)),
            reason: "\(first.handle.label) is due at \(seconds(first.when)), and "
              + "nobody else would wake the loop then")
        ]
          + later.prefix(1).map {
            Wrong(
              event: .loop(.selectEntered(timeout: timeout + $0.when - first.when)),
              reason: "then \($0.handle.label) is due; \(first.handle.label) is due "
                + "before, and would be late")
          } + [
            Wrong(
              event: .loop(.handleRun(first.handle)),
              reason: "the time of \(first.handle.label) has not come, and it is not "
                + "in the queue")
          ])
    }
    guard first == nil, timeout == nil else { return nil }
    let watch = watches.first
    let sleeper = waiting()
    return Draft(
      "sleep", sleep,
      [
        Wrong(
          event: .loop(.selectEntered(timeout: 0)),
          reason: "nobody is queued and no timer is set: a loop that does not wait "
            + "then goes round and round at full speed"),
        watch.map {
          Wrong(
            event: .loop(.handleRun($0.handle)),
            reason: "\($0.handle.label) is not in the queue; it will be when the "
              + "selector reports \(name($0.fd))")
        },
        sleeper.map { task, future in
          Wrong(
            event: .loop(.taskStepBegun(task)),
            reason: "\(task.label) waits for \(future.label), and that is pending")
        },
      ])
  }

  /// The selector has reported: who is registered is queued, and nobody called.
  func reported(_ next: Step) -> Draft? {
    guard case .loop(.selectReturned) = last?.event, !isDisturbed,
      let first = news.first, next.event == .loop(.handleQueued(first.handle))
    else { return nil }
    let ready = name(first.fd)
    let others = watches.filter { other in
      !news.contains { $0.handle.id == other.handle.id }
    }
    let before = state.ready.count
    return Draft(
      "reported",
      .init(
        file: "EventLoops/Readers.swift",
        code: "enqueue(\(first.side == .read ? "reader" : "writer"), CallSite())"),
      [
        waiting().map { task, future in
          Wrong(
            event: .loop(.taskStepBegun(task)),
            reason: "\(task.label) waits for \(future.label); that \(ready) is ready "
              + "has settled nothing yet")
        },
        others.first.map {
          Wrong(
            event: .loop(.handleQueued($0.handle)),
            reason: $0.fd == first.fd
              ? "it waits for \(ready) to be "
                + ($0.side == .read ? "readable" : "writable")
              : "the selector says nothing about \(name($0.fd))")
        },
        Wrong(
          event: .loop(.handleRun(first.handle)),
          reason: "what is reported is queued first"
            + (before > 0 ? ", and \(count(before, "other")) stood there before" : "")),
        Wrong(
          event: .loop(.selectEntered(timeout: nil)),
          reason: "what was reported is queued and called first"),
      ])
  }

  /// The wait was for a timer, and nothing else came; or for several at once.
  func due(_ next: Step) -> Draft? {
    guard let first = state.timers.first, next.event == .loop(.timerDue(first.handle)),
      let timeout, timeout > 0
    else { return nil }
    let isFirst = last?.event == .loop(.selectReturned([]))
    if !isFirst && latestDue != first.when { return nil }
    let queued = state.ready.first?.handle ?? first.handle
    return Draft(
      isFirst ? "due" : "due as well",
      .init(
        file: "EventLoops/RunOnce.swift",
        code: "while let timer = scheduled.first, timer.when() < end {"),
      state.timers.dropFirst().prefix(2).map { other in
        Wrong(
          event: .loop(.timerDue(other.handle)),
          reason: other.when > first.when
            ? "\(other.handle.label) is due at \(seconds(other.when)), and before it "
              + "comes \(first.handle.label), at \(seconds(first.when))"
            : "both are for the same moment, and \(first.handle.label) was put on the "
              + "schedule first")
      } + [
        Wrong(
          event: .loop(.handleRun(queued)),
          reason: isFirst
            ? "a timer goes through the queue like everybody else"
            : "first all are queued whose time has come"),
        Wrong(
          event: .loop(.selectEntered(timeout: nil)),
          reason: "the wait was for \(first.handle.label), and its time has come"),
      ])
  }

  /// A future has settled: it queues its callbacks, in their order.
  func settled(_ next: Step) -> Draft? {
    guard case .loop(.futureSettled(let future, _)) = last?.event,
      let first = owed.first, next.event == .loop(.handleQueued(first))
    else { return nil }
    let second = owed.dropFirst().first { $0.id != first.id }
    return Draft(
      second == nil ? "one callback" : "callbacks",
      .init(
        file: "EventLoops/Future.swift", code: "for case let handle? in waiting {"),
      note: owed.count == 1
        ? nil
        : "on its list stood: " + owed.map(\.label).joined(separator: ", "),
      [
        second.map {
          Wrong(
            event: .loop(.handleQueued($0)),
            reason: "\(first.label) stands before \($0.label) on \(future.label)'s "
              + "list, and the list is queued in its order")
        },
        waiting(for: future).map { task, _ in
          Wrong(
            event: .loop(.taskStepBegun(task)),
            reason: "\(task.label) runs on when its wake-up has its turn: while one "
              + "callback runs, no other code does")
        },
        running.map {
          Wrong(
            event: .loop(.handleFinished($0, error: nil)),
            reason: "first \(future.label) queues what stands on its list")
        },
        Wrong(
          event: .loop(.handleRun(first)),
          reason: "who settles a future calls nobody: callbacks are only queued"),
      ])
  }

  /// A task is asked to stop while it waits: what it waits for is cancelled.
  func cancelled(_ next: Step) -> Draft? {
    guard case .loop(.taskCancelRequested(let task)) = last?.event,
      let future = waiting(on: task)
    else { return nil }
    let isTask = state.index(ofTask: future.id) != nil
    let right: LoopEvent =
      isTask ? .taskCancelRequested(future) : .futureSettled(future, .cancelled)
    guard next.event == .loop(right) else { return nil }
    let callbacks = state.futures.first { $0.name.id == future.id }?.callbacks ?? []
    let cleanUp = callbacks.first { cleanUps[$0.id] != nil }
    return Draft(
      "cancel",
      .init(
        file: "EventLoops/LoopTask.swift",
        code: isTask
          ? "next.noteCancelRequest(site)" : "if let waiter, waiter.cancelWait("),
      [
        Wrong(
          event: .loop(.futureSettled(task, .cancelled)),
          reason: "\(task.label) is only asked: its code hears of it at its await, may "
            + "clean up, and may refuse"),
        Wrong(
          event: .loop(.taskStepBegun(task)),
          reason: "\(task.label) hears of it when its turn comes; now it is the turn "
            + "of the one who asks"),
        cleanUp.map {
          Wrong(
            event: .loop(.handleCancelled(cleanUps[$0.id]!.handle)),
            reason: "that is \($0.label)'s work, and it is not even queued")
        },
      ])
  }

  private func waiting(on task: Name) -> Name? {
    let activity = state.tasks.first { $0.future.name.id == task.id }?.activity
    return if case .waiting(let future) = activity { future } else { nil }
  }
}
