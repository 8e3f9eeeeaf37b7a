// Why something is there, and how its life went: read off the trace alone. It knows
// steps and the machine between them, and nothing of screens.

import EventLoops
package import Recording
import Simulation

/// A thing that has a life in a trace.
package enum Thing: Hashable, Sendable {
  case handle(Int)
  /// A future, or a task: they are numbered together.
  case future(Int)
  case descriptor(Int32)
  case transport(Int)
  case reader(Int)
}

/// Which step brought about which.
///
/// A handle is queued because a future settled on whose list it stood, because the
/// selector reported its descriptor, because its time had come, or because the code that
/// ran queued it. A future is settled by what the kernel answered to whoever ran then.
/// And a callback runs because it was queued. So one can go back from any step, until one
/// stands before the program's own first line.
package struct Causes: Sendable {
  /// For each step the number of the one that brought it about; 0 if none did.
  private var causes: [Int] = []
  /// In which part a step is, counted from 0. Numbers of things begin anew in each.
  private var parts: [Int] = []
  private var lives: [Life: [Int]] = [:]

  private struct Life: Hashable {
    let part: Int
    let thing: Thing
  }

  /// - Parameter trace: the recording.
  package init(_ trace: Trace) {
    var thread = Thread()
    var part = 0
    for step in trace.steps {
      if case .part = step.event {
        (thread, part) = (Thread(), part + 1)
      }
      causes.append(thread.cause(of: step))
      parts.append(part)
      for thing in step.event.things {
        lives[Life(part: part, thing: thing), default: []].append(step.number)
      }
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
    guard parts.indices.contains(number - 1) else { return [] }
    return lives[Life(part: parts[number - 1], thing: thing)] ?? []
  }
}

extension StepEvent {
  /// What it happened to, the most important first.
  package var things: [Thing] {
    switch self {
    case .loop(let event): event.things
    case .call(let call, let answer):
      if case .descriptor(let new, _) = answer {
        [.descriptor(new)] + call.descriptors
      } else {
        call.descriptors
      }
    case .note, .printed, .part: []
    }
  }
}

extension LoopEvent {
  fileprivate var things: [Thing] {
    switch self {
    case .selectEntered, .stopRequested: []
    case .selectReturned(let ready): ready.map { .descriptor($0.fd) }
    case .handleQueued(let handle), .handleRun(let handle),
      .handleFinished(let handle, _),
      .handleSkipped(let handle), .handleCancelled(let handle),
      .timerScheduled(let handle, _, _), .timerDue(let handle),
      .timerDropped(let handle):
      [.handle(handle.id)]
    case .registered(let entry), .modified(let entry):
      [.descriptor(entry.fd)]
        + [entry.reader, entry.writer].compactMap { $0.map { .handle($0.id) } }
    case .unregistered(let fd): [.descriptor(fd)]
    case .futureCreated(let future), .futureSettled(let future, _): [.future(future.id)]
    case .callbackAdded(let future, let callback),
      .callbackRemoved(let future, let callback):
      [.future(future.id), .handle(callback.id)]
    case .taskCreated(let task), .taskStepBegun(let task), .taskLeft(let task),
      .taskCancelRequested(let task), .taskFinished(let task):
      [.future(task.id)]
    case .taskSuspended(let task, let future):
      [.future(task.id)] + (future.map { [.future($0.id)] } ?? [])
    case .transportChanged(let state):
      [.transport(state.name.id), .descriptor(state.fd)]
    case .protocolCalled(let transport, _): [.transport(transport.id)]
    case .readerChanged(let state): [.reader(state.name.id)]
    }
  }
}

extension SystemCall {
  fileprivate var descriptors: [Thing] {
    switch self {
    case .bind(let fd, _), .listen(let fd, _), .accept(let fd), .connect(let fd, _),
      .recv(let fd, _), .send(let fd, _), .sendmsg(let fd, _), .shutdown(let fd, _),
      .close(let fd), .getsockopt(let fd, _), .setsockopt(let fd, _, _),
      .setBlocking(let fd, _), .getsockname(let fd), .getpeername(let fd),
      .epollControl(_, _, let fd, _), .raise(let fd), .drain(let fd):
      [.descriptor(fd)]
    case .socket, .epollCreate, .epollWait, .poll, .eventfd: []
    }
  }
}

/// What one has to remember while one goes through the steps, to say of the next one
/// where it comes from.
private struct Thread {
  private var state = LoopState()
  /// The step that put a handle into the queue, for each place in it.
  private var queued: [Int] = []
  /// When a future was settled, for each handle on its list.
  private var settled: [Int: Int] = [:]
  private var scheduled: [Int: Int] = [:]
  private var due: [Int: Int] = [:]
  /// The callback that runs, and the last thing that the kernel said to it.
  private var running = 0
  private var lastCall = 0
  private var lastNote = 0
  private var lastQuestion = 0
  private var report = 0

  /// What brought a step about; 0 if nothing that is in the trace.
  mutating func cause(of step: Step) -> Int {
    defer { state.apply(step) }
    let number = step.number
    switch step.event {
    case .part, .printed: return running
    case .note:
      lastNote = number
      return running
    case .call(let call, _):
      defer { lastCall = number }
      switch call {
      case .epollWait, .poll: return max(lastNote, lastQuestion)
      default: return running
      }
    case .loop(let event): return cause(of: event, number)
    }
  }

  private mutating func cause(of event: LoopEvent, _ number: Int) -> Int {
    switch event {
    case .selectEntered:
      (running, lastQuestion, lastNote) = (0, number, 0)
      return 0
    case .selectReturned:
      report = number
      return lastCall
    case .handleQueued(let handle):
      queued.append(number)
      if let cause = settled.removeValue(forKey: handle.id) { return cause }
      if let cause = due.removeValue(forKey: handle.id) { return cause }
      // Between the selector's answer and the first callback nobody else queues anything.
      return running == 0 && report > lastQuestion ? report : running
    case .handleRun, .handleSkipped:
      let cause = queued.isEmpty ? 0 : queued.removeFirst()
      if case .handleRun = event { (running, lastCall) = (number, 0) }
      return cause
    case .handleFinished:
      defer { running = 0 }
      return running
    case .timerScheduled(let handle, _, _):
      scheduled[handle.id] = number
      return running
    case .timerDue(let handle):
      due[handle.id] = number
      return scheduled[handle.id] ?? 0
    case .futureSettled(let future, _):
      for callback in callbacks(of: future) { settled[callback.id] = number }
      return lastCall > running ? lastCall : running
    case .registered, .modified, .unregistered:
      return lastCall > running ? lastCall : running
    case .taskStepBegun:
      return running
    default: return running
    }
  }

  private func callbacks(of name: Name) -> [Name] {
    let future =
      state.futures.first { $0.name.id == name.id }
      ?? state.tasks.first { $0.future.name.id == name.id }?.future
    return future?.callbacks ?? []
  }
}
