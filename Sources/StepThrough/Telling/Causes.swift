// Why something is there, and how its life went: read off the trace alone. It knows
// steps, and nothing of screens.

import CLibrary
import EventLoops
package import Recording
import Simulation
import Sockets

/// Which step brought about which.
///
/// A handle is queued because a future settled on whose list it stood, because the
/// selector reported its descriptor, because its time had come, or because the code that
/// ran queued it. A future is settled by what the kernel answered to whoever ran then, or
/// because a task that waited for it was asked to stop; a task, because its code has
/// ended. And a callback runs because it was queued. So one can go back from any step,
/// until one stands before the program's own first line, or before the world.
package struct Causes: Sendable {
  /// For each step the number of the one that brought it about; 0 if none did.
  private var causes: [Int] = []
  /// In which part a step is, counted from 0. Numbers of things begin anew in each.
  private var parts: [Int] = []
  private var lives: [Life: [Int]] = [:]
  private var touches: [Life: [Int]] = [:]
  private var labels: [Life: String] = [:]
  private var thread = Thread()

  private struct Life: Hashable {
    let part: Int
    let thing: Thing
  }

  /// Of no steps yet.
  package init() {}

  /// - Parameter trace: the recording.
  package init(_ trace: Trace) {
    for step in trace.steps { append(step) }
  }

  /// One step more.
  ///
  /// - Parameter touched: what it may have changed, see `Step.touched`.
  package mutating func append(_ step: Step, touched: [Thing] = []) {
    var part = parts.last ?? 0
    if step.event.isPart { (thread, part) = (Thread(), part + 1) }
    causes.append(thread.cause(of: step))
    parts.append(part)
    for thing in Set(step.event.things) {
      let life = Life(part: part, thing: thing)
      lives[life, default: []].append(step.number)
      labels[life] = step.label(of: thing)
    }
    for thing in Set(touched) {
      touches[Life(part: part, thing: thing), default: []].append(step.number)
    }
  }

  /// The step that brought this one about; `nil` if the program did, or the world.
  package func cause(of number: Int) -> Int? {
    guard causes.indices.contains(number - 1) else { return nil }
    let cause = causes[number - 1]
    return cause == 0 ? nil : cause
  }

  /// All steps in which something happened to a thing, from its birth to its end.
  ///
  /// - Parameters:
  ///   - thing: which one.
  ///   - number: a step of the part in which it lives.
  package func life(of thing: Thing, at number: Int) -> [Int] {
    life(thing, number).flatMap { lives[$0] } ?? []
  }

  /// All steps after which the machine may have said something else of a thing, in
  /// order; none if nobody has told.
  package func touches(of thing: Thing, at number: Int) -> [Int] {
    life(thing, number).flatMap { touches[$0] } ?? []
  }

  /// What a thing is called, or was called last.
  package func label(of thing: Thing, at number: Int) -> String? {
    life(thing, number).flatMap { labels[$0] }
  }

  private func life(_ thing: Thing, _ number: Int) -> Life? {
    guard parts.indices.contains(number - 1) else { return nil }
    return Life(part: parts[number - 1], thing: thing)
  }
}

/// What one has to remember while one goes through the steps, to say of the next one
/// where it comes from. All of it are numbers of steps, 0 for none.
private struct Thread {
  /// The step that put a handle into the queue, for each place in it.
  private var queued: [Int] = []
  private var firstQueued = 0
  /// The handles on a future's list, and what they are queued by once it is settled.
  private var callbacks: [Int: [Int]] = [:]
  private var settled: [Int: Int] = [:]
  private var scheduled: [Int: Int] = [:]
  private var due: [Int: Int] = [:]
  /// Which future a task waits for.
  private var awaited: [Int: Int] = [:]

  // The question to the selector, and its answer while nobody has been called since.
  private var question = 0
  private var poll = 0
  private var report = 0
  /// What the world did, until a descriptor is ready because of it.
  private var note = 0

  // The callback that runs, and what happened since it was called.
  private var running = 0
  private var isTask = false
  private var answer = 0
  private var refusals: [Int32: Int] = [:]
  private var born: [Int: Int] = [:]
  private var finished: [Int: Int] = [:]
  private var request: (task: Int, step: Int)?

  /// What brought a step about; 0 if nothing that is in the trace.
  mutating func cause(of step: Step) -> Int {
    switch step.event {
    case .part: return 0
    case .printed: return running
    case .note:
      // What is noted while a callback runs is told by the callback.
      if running == 0 { note = step.number }
      return running
    case .call(let call, let answer): return cause(of: call, answer, step.number)
    case .loop(let event): return cause(of: event, step.number)
    }
  }

  private mutating func cause(
    of call: SystemCall, _ answer: SystemAnswer, _ number: Int
  ) -> Int {
    switch call {
    case .epollWait, .poll, .kqueueWait:
      poll = number
      return switch answer {
      case .ready(let ready): awakening(!ready.isEmpty)
      case .reports(let reports): awakening(!reports.isEmpty)
      default: question
      }
    case .epollControl(_, .delete, _, _), .kqueueControl(_, .delete, _, _):
      return running
    case .epollControl(_, _, let fd, _), .kqueueControl(_, _, let fd, _):
      return refusals[fd] ?? running
    case .accept(let fd), .connect(let fd, _), .recv(let fd, _), .send(let fd, _),
      .sendmsg(let fd, _):
      if case .error(EAGAIN) = answer { refusals[fd] = number }
      if case .error(EINPROGRESS) = answer { refusals[fd] = number }
      self.answer = number
      return running
    case .getsockopt(_, .error):
      self.answer = number
      return running
    // To make a socket, to name it, to close it is nobody's news.
    default: return running
    }
  }

  /// What the world did, if that has made something ready; else only the question.
  private mutating func awakening(_ isReady: Bool) -> Int {
    guard isReady, note > 0 else { return question }
    defer { note = 0 }
    return note
  }

  private mutating func cause(of event: LoopEvent, _ number: Int) -> Int {
    switch event {
    case .selectEntered:
      (question, poll, report) = (number, 0, 0)
      callReturns()
      return 0
    case .selectReturned(let ready):
      report = number
      if poll > 0 { return poll }
      // A selector that is a script makes no call.
      return awakening(!ready.isEmpty)

    case .handleQueued(let handle):
      queued.append(number)
      // Between the selector's answer and the first callback nobody else queues anything.
      return settled.removeValue(forKey: handle.id)
        ?? due.removeValue(forKey: handle.id) ?? (running == 0 ? report : running)
    case .handleRun: return call(number)
    case .handleSkipped: return leaveQueue()
    case .handleFinished:
      defer { callReturns() }
      return running

    case .timerScheduled(let handle, _, _):
      scheduled[handle.id] = number
      return running
    case .timerDue(let handle):
      due[handle.id] = number
      return scheduled[handle.id] ?? 0
    case .registered(let entry), .modified(let entry):
      return refusals[entry.fd] ?? running

    case .futureCreated(let future):
      born[future.id] = number
      return running
    case .callbackAdded(let future, let callback):
      callbacks[future.id, default: []].append(callback.id)
      return running
    case .callbackRemoved(let future, let callback):
      callbacks[future.id]?.removeAll { $0 == callback.id }
      return running
    case .futureSettled(let future, let outcome):
      for handle in callbacks.removeValue(forKey: future.id) ?? [] {
        settled[handle] = number
      }
      return settling(future.id, outcome)

    case .taskStepBegun(let task):
      isTask = true
      awaited[task.id] = nil
      return running
    case .taskSuspended(let task, let future):
      awaited[task.id] = future?.id
      return running
    case .taskFinished(let task):
      finished[task.id] = number
      return running
    case .taskCancelRequested(let task):
      defer { request = (task.id, number) }
      return passedOn(to: task.id) ?? running
    default: return running
    }
  }

  private mutating func call(_ number: Int) -> Int {
    callReturns()
    (running, report) = (number, 0)
    return leaveQueue()
  }

  private mutating func callReturns() {
    (running, isTask, answer, request) = (0, false, 0, nil)
    (refusals, born, finished) = ([:], [:], [:])
  }

  private mutating func leaveQueue() -> Int {
    guard firstQueued < queued.count else { return 0 }
    defer { firstQueued += 1 }
    return queued[firstQueued]
  }

  /// The request to stop, if it was for one who waits for this.
  private func passedOn(to future: Int) -> Int? {
    request.flatMap { awaited[$0.task] == future ? $0.step : nil }
  }

  private func settling(_ future: Int, _ outcome: LoopEvent.Outcome) -> Int {
    if let end = finished[future] { return end }
    if outcome == .cancelled { return passedOn(to: future) ?? running }
    // A callback is there for what it asks the kernel. A task's code asks for many
    // things; what it settles by an answer is the future that it made to ask.
    return answer > (isTask ? born[future] ?? Int.max : running) ? answer : running
  }
}
