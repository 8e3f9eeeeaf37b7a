import CLibrary
import EventLoops
import Recording
import Selectors
import Simulation
import Sockets

/// A recording that nobody made: every kind of thing that the screen can show, in
/// the order in which an accept brings them about.
enum HandMade {
  static let accept = Name(1, "sockAcceptStep")
  static let done = Name(2, "sockReadDone")
  static let wakeup = Name(3, "wake-up of Task-1")
  static let future = Name(1, "Future-1")
  static let task = Name(2, "Task-1")
  static let timer = Name(4, "timer")

  static let events: [StepEvent] = [
    .call(.socket(.ipv4), .descriptor(1)),
    .call(.listen(fd: 1, backlog: 100), .done),
    .call(.setBlocking(fd: 1, false), .done),
    .loop(.taskCreated(task)),
    .loop(.handleQueued(wakeup)),
    .loop(.selectEntered(timeout: 0)),
    .loop(.selectReturned([])),
    .loop(.handleRun(wakeup)),
    .loop(.taskStepBegun(task)),
    .loop(.futureCreated(future)),
    .call(.accept(fd: 1), .error(EAGAIN)),
    .loop(.registered(.init(fd: 1, events: .read, reader: accept, writer: nil))),
    .loop(.callbackAdded(future: future, callback: done)),
    .loop(.callbackAdded(future: future, callback: wakeup)),
    .loop(.taskSuspended(task, on: future)),
    .loop(.handleFinished(wakeup, error: nil)),
    .loop(.timerScheduled(timer, when: 0.25, delay: 0.25)),
    .loop(.selectEntered(timeout: 0.25)),
    .note("a client connects"),
    .loop(.selectReturned([.init(fd: 1, events: .read)])),
    .loop(.handleQueued(accept)),
    .loop(.handleRun(accept)),
    .loop(.futureSettled(future, .exception("EMFILE (Too many open files)"))),
    .loop(.handleQueued(done)),
    .loop(.handleQueued(wakeup)),
    .loop(.handleFinished(accept, error: nil)),
  ]

  static let trace = trace(events)

  static func trace(_ events: [StepEvent]) -> Trace {
    let steps = events.enumerated().map { place, event in
      Step(
        number: place + 1, event: event, file: "Recording/Recorder.swift", line: 60,
        names: [1: "listener", 2: "connection 1"])
    }
    return Trace(scenario: "hand-made", steps: steps)
  }

  /// The state after these events.
  static func state(_ events: [LoopEvent]) -> LoopState {
    let trace = trace(events.map { .loop($0) })
    return trace.state(after: events.count)
  }
}
