// What a step happened to: the things that one can follow through a trace.

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

extension StepEvent {
  /// What it happened to, the most important first.
  package var things: [Thing] { subjects.map(\.thing) }

  /// The same, with what each is called. (What a descriptor is called, only its step
  /// knows.)
  var subjects: [(thing: Thing, label: String?)] {
    switch self {
    case .loop(let event): event.subjects
    case .call(let call, .descriptor(let new, _)):
      ([new] + call.descriptors).map { (.descriptor($0), nil) }
    case .call(let call, _): call.descriptors.map { (.descriptor($0), nil) }
    case .note, .printed, .part: []
    }
  }
}

extension Step {
  /// What a thing is called here; `nil` if this step is about something else.
  func label(of thing: Thing) -> String? {
    if case .descriptor(let number) = thing { return name(number) }
    return event.subjects.first { $0.thing == thing }?.label
  }
}

extension LoopEvent {
  fileprivate var subjects: [(thing: Thing, label: String?)] {
    func handle(_ name: Name) -> (Thing, String?) { (.handle(name.id), name.label) }
    func future(_ name: Name) -> (Thing, String?) { (.future(name.id), name.label) }
    return switch self {
    case .selectEntered, .stopRequested: []
    case .selectReturned(let ready): ready.map { (.descriptor($0.fd), nil) }
    case .handleQueued(let name), .handleRun(let name), .handleFinished(let name, _),
      .handleSkipped(let name), .handleCancelled(let name),
      .timerScheduled(let name, _, _), .timerDue(let name), .timerDropped(let name):
      [handle(name)]
    case .registered(let entry), .modified(let entry):
      [(.descriptor(entry.fd), nil)]
        + [entry.reader, entry.writer].compactMap { $0.map(handle) }
    case .unregistered(let fd): [(.descriptor(fd), nil)]
    case .futureCreated(let name), .futureSettled(let name, _): [future(name)]
    case .callbackAdded(let name, let callback),
      .callbackRemoved(let name, let callback):
      [future(name), handle(callback)]
    case .taskCreated(let task), .taskStepBegun(let task), .taskLeft(let task),
      .taskCancelRequested(let task), .taskFinished(let task):
      [future(task)]
    case .taskSuspended(let task, let awaited):
      [future(task)] + (awaited.map { [future($0)] } ?? [])
    case .transportChanged(let state):
      [(.transport(state.name.id), state.name.label), (.descriptor(state.fd), nil)]
    case .protocolCalled(let name, _): [(.transport(name.id), name.label)]
    case .readerChanged(let state):
      [(.reader(state.name.id), state.name.label)]
        + (state.waiter.map { [future($0)] } ?? [])
    }
  }
}

extension SystemCall {
  /// The descriptors that it is about. An epoll instance is not, when it is asked.
  var descriptors: [Int32] {
    switch self {
    case .bind(let fd, _), .listen(let fd, _), .accept(let fd), .connect(let fd, _),
      .recv(let fd, _), .send(let fd, _), .sendmsg(let fd, _), .shutdown(let fd, _),
      .close(let fd), .getsockopt(let fd, _), .setsockopt(let fd, _, _),
      .setBlocking(let fd, _), .getsockname(let fd), .getpeername(let fd),
      .epollControl(_, _, let fd, _), .kqueueControl(_, _, let fd, _), .raise(let fd),
      .drain(let fd):
      [fd]
    case .socket, .epollCreate, .epollWait, .kqueueCreate, .kqueueWait, .poll, .eventfd,
      .socketpair:
      []
    }
  }
}
