// Where the sentences about the loop are made. Each is made of the step and of the
// machine before it, and of nothing else: no sentence knows which scenario it stands
// in.

import EventLoops
package import Recording
import Selectors

/// What happened, in one plain sentence.
///
/// A sentence says what the event says and what the state before it says. It never
/// guesses why: the reason stands in the source, beside it on the screen.
///
/// - Parameters:
///   - step: what happened.
///   - before: the machine as it was until then.
/// - Returns: a sentence without its full stop.
package func sentence(_ step: Step, before: LoopState) -> String {
  switch step.event {
  case .loop(let event): sentence(event, step, before)
  case .call(let call, let answer):
    "\(text(call, step)) → \(text(answer, call, step)): \(meaning(call, answer))"
  case .note(let text): text.prefix(1).uppercased() + text.dropFirst()
  case .part(let title): title.prefix(1).uppercased() + title.dropFirst()
  case .printed(let who, let line): "The \(who) prints: \(line)"
  }
}

private func sentence(_ event: LoopEvent, _ step: Step, _ before: LoopState) -> String {
  switch event {
  case .selectEntered(let timeout):
    "Turn \(before.iteration + 1): \(question(timeout, before))"
  case .selectReturned(let ready): news(ready, step)

  // Where an event alone says too little, the machine before it says the rest: how long
  // the queue was, whether the callback had done anything, where a handle stood.
  case .handleQueued(let handle):
    switch before.ready.count {
    case 0: "\(handle.label) is queued, first in line"
    case let others: "\(handle.label) is queued behind \(count(others, "other"))"
    }
  case .handleRun(let handle):
    "The loop takes \(handle.label) from the front of the queue and calls it"
  case .handleFinished(let handle, nil) where !before.hasActed:
    "\(handle.label) returns to the loop; it found nothing to do"
  case .handleFinished(let handle, nil): "\(handle.label) returns to the loop"
  case .handleFinished(let handle, let error?):
    "\(handle.label) throws \(error); the exception handler hears of it"
  case .handleSkipped(let handle):
    "\(handle.label) is cancelled: the loop throws it away instead of calling it"
  case .handleCancelled(let handle): cancellation(handle, before)

  case .stopRequested: "The loop is asked to stop after this turn"

  case .timerScheduled(let handle, let when, let delay):
    // Between the call and this moment lie some microseconds.
    "\(handle.label) is put on the schedule: due in "
      + "\(seconds((delay * 10_000).rounded() / 10_000)), "
      + "at \(seconds(when)) on the loop's clock"
  case .timerDue(let handle): "The time of \(handle.label) has come"
  case .timerDropped(let handle):
    "\(handle.label) is cancelled: it is dropped from the schedule"

  case .registered(let new):
    "The selector will watch \(step.name(new.fd)): \(callees(new))"
  case .modified(let new):
    "The selector's entry for \(step.name(new.fd)) changes: \(callees(new))"
  case .unregistered(let fd): "The selector will watch \(step.name(fd)) no more"

  case .futureCreated(let future):
    "\(future.label) is made: the place for a result that is not there yet"
  case .callbackAdded(let future, let callback):
    "When \(future.label) settles, \(callback.label) is to be queued"
  case .callbackRemoved(let future, let callback):
    "When \(future.label) settles, \(callback.label) is not to be queued any more"
  case .futureSettled(let future, let outcome): settling(future, outcome, before)

  case .taskCreated(let task): "\(task.label) is made: it runs when its turn comes"
  case .taskStepBegun(let task):
    "The code of \(task.label) runs, until it suspends or ends"
  case .taskSuspended(let task, let future?):
    "\(task.label) suspends: it waits for \(future.label)"
  case .taskSuspended(let task, nil):
    "\(task.label) suspends, but only until its next turn"
  case .taskLeft(let task):
    "\(task.label) suspends: it waits for something that is not the loop's"
  case .taskCancelRequested(let task): "\(task.label) is asked to stop"
  case .taskFinished(let task): "The code of \(task.label) has ended"

  case .transportChanged(let new): change(new, step, before)
  case .readerChanged(let new): change(new, before)
  case .protocolCalled(let transport, let call):
    "\(transport.label) calls its protocol: \(call)"
  }
}

/// How the loop asks the selector, and why it may not wait longer.
private func question(_ timeout: Double?, _ before: LoopState) -> String {
  switch timeout {
  case nil: "the loop asks the selector, and waits as long as it takes"
  case 0? where before.ready.isEmpty: "the loop asks the selector without waiting"
  case 0?:
    "the loop asks the selector without waiting: "
      + "\(count(before.ready.count, "callback")) queued already"
  case let limit?:
    "the loop asks the selector, and waits \(seconds(limit)) at the most"
  }
}

private func news(_ ready: [ReadyDescriptor], _ step: Step) -> String {
  if ready.isEmpty { return "The selector has no news" }
  let list = ready.map { "\(step.name($0.fd)) is \(words($0.events))" }
  return "The selector reports: " + list.joined(separator: ", ")
}

/// To cancel is only to mark, and what that leads to depends on where the handle is.
private func cancellation(_ handle: Name, _ before: LoopState) -> String {
  if before.cancelled.contains(handle.id) {
    "\(handle.label) is cancelled once more, which changes nothing"
  } else if before.phase == .running(handle) {
    "\(handle.label) is cancelled: it runs just now, and will not run again"
  } else if before.ready.contains(where: { $0.handle.id == handle.id }) {
    "\(handle.label) is cancelled: it stays in the queue, and will be skipped"
  } else if before.timers.contains(where: { $0.handle.id == handle.id }) {
    "\(handle.label) is cancelled: it stays on the schedule, and will not run"
  } else {
    "\(handle.label) is cancelled: it will not run any more"
  }
}

/// How a future ends, and what comes of it next: that is its list of callbacks, which
/// only the machine before this step still has.
private func settling(
  _ name: Name, _ outcome: LoopEvent.Outcome, _ before: LoopState
) -> String {
  let next =
    switch before.future(name)?.callbacks.count ?? 0 {
    case 0: "; it has no callbacks"
    case 1: "; next it queues its callback"
    case let number: "; next it queues its \(number) callbacks"
    }
  return switch outcome {
  case .result: "\(name.label) has its result\(next)"
  case .exception(let error): "\(name.label) fails with \(error)\(next)"
  case .cancelled: "\(name.label) is cancelled\(next)"
  }
}

/// Who is called when: `readable → sockAccept`.
func callees(_ registration: Registration) -> String {
  [("readable", registration.reader), ("writable", registration.writer)]
    .compactMap { event, handle in handle.map { "\(event) → \($0.label)" } }
    .joined(separator: ", ")
}

private func words(_ events: Events) -> String {
  switch events {
  case .read: "readable"
  case .write: "writable"
  default: "readable and writable"
  }
}

/// `1 callback`, `2 callbacks`.
package func count(_ number: Int, _ noun: String) -> String {
  "\(number) \(noun)\(number == 1 ? "" : "s")"
}

/// A duration with as many digits as a person wants to read: `0.25 s`.
package func seconds(_ time: Double) -> String {
  // Hundredths of a second are enough, except where the story is about less.
  if time > 0, time < 0.1 {
    let milliseconds = (time * 100_000).rounded() / 100
    return milliseconds == milliseconds.rounded()
      ? "\(Int(milliseconds)) ms" : "\(milliseconds) ms"
  }
  if time > 1e9 { return "more than 30 years" }
  let hundredths = Int((max(time, 0) * 100).rounded())
  let rest = hundredths % 100
  if rest == 0 { return "\(hundredths / 100) s" }
  return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) s"
}

/// A text without the ports that the kernel chose, which are others in every run:
/// `('127.0.0.1', port)`.
package func withoutPeerPorts(_ text: String) -> String {
  text.contains("', ") ? text.replacing(/', \d+\)/, with: "', port)") : text
}
