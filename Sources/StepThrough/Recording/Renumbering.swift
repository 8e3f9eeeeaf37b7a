// Why a trace is the same every time: it has numbers of its own. Whoever reads a step
// further up never sees the kernel's, and must not ask for them.

import EventLoops

/// What differs between two runs that are otherwise the same, and what to put in its
/// place: the kernel's descriptors, the loop's handles, and the moments of its clock.
///
/// A descriptor is the smallest number that happens to be free, a handle's label need
/// not be its own, and a clock begins at the last reboot. With names and numbers that
/// are given in the order in which things come up, a scenario's trace is the same every
/// time, and so the chapters can quote it.
struct Renumbering {
  let descriptor: (Int32) -> Int32
  let handle: (Name) -> Name
  let moment: (Double) -> Double
}

extension LoopEvent {
  /// The same event in other numbers.
  ///
  /// This is the only place that knows what an event contains. There is no `default`:
  /// whoever adds an event is asked here.
  func renumbered(_ new: Renumbering) -> LoopEvent {
    switch self {
    case .handleQueued(let handle): .handleQueued(new.handle(handle))
    case .handleRun(let handle): .handleRun(new.handle(handle))
    case .handleFinished(let handle, let error):
      .handleFinished(new.handle(handle), error: error)
    case .handleSkipped(let handle): .handleSkipped(new.handle(handle))
    case .handleCancelled(let handle): .handleCancelled(new.handle(handle))
    case .timerScheduled(let handle, let when, let delay):
      .timerScheduled(new.handle(handle), when: new.moment(when), delay: delay)
    case .timerDue(let handle): .timerDue(new.handle(handle))
    case .timerDropped(let handle): .timerDropped(new.handle(handle))
    case .callbackAdded(let future, let handle):
      .callbackAdded(future: future, callback: new.handle(handle))
    case .callbackRemoved(let future, let handle):
      .callbackRemoved(future: future, callback: new.handle(handle))

    case .selectReturned(let ready): .selectReturned(ready.map { $0.renumbered(new) })
    case .registered(let entry): .registered(entry.renumbered(new))
    case .modified(let entry): .modified(entry.renumbered(new))
    case .unregistered(let fd): .unregistered(fd: new.descriptor(fd))
    case .transportChanged(let state): .transportChanged(state.renumbered(new))

    // Futures, tasks, transports and readers are counted by the loop, each from 1.
    case .selectEntered, .stopRequested, .futureCreated, .futureSettled, .taskCreated,
      .taskStepBegun, .taskSuspended, .taskLeft, .taskCancelRequested, .taskFinished,
      .protocolCalled, .readerChanged:
      self
    }
  }
}

extension ReadyDescriptor {
  fileprivate func renumbered(_ new: Renumbering) -> Self {
    Self(fd: new.descriptor(fd), events: events)
  }
}

extension Registration {
  fileprivate func renumbered(_ new: Renumbering) -> Self {
    Self(
      fd: new.descriptor(fd), events: events, reader: reader.map(new.handle),
      writer: writer.map(new.handle))
  }
}

extension TransportState {
  fileprivate func renumbered(_ new: Renumbering) -> Self {
    var state = self
    state.fd = new.descriptor(fd)
    return state
  }
}
