// What one must know to say what comes next: the machine, and a little more.

import EventLoops
import Recording
import Selectors
import Simulation
import Sockets

/// The machine before a step, and what one has to remember besides.
///
/// A state says what stands in the queue; not how many of those belong to the present
/// turn. It says what is registered; not which of the ready descriptors had their turn
/// already. All of that follows from the last steps, and is kept here.
struct Situation {
  private(set) var state = LoopState()
  /// The machine before the last step.
  private(set) var before = LoopState()
  private(set) var last: Step?
  /// How many callbacks of this turn are to be called yet; `nil` before the first one.
  private(set) var left: Int?
  /// Who is to be queued yet of those that the selector has reported.
  private(set) var news: [Watch] = []
  /// What the future that has settled just now is to queue yet.
  private(set) var owed: [Name] = []
  /// How long the selector was to wait.
  private(set) var timeout: Double?
  /// For when the last timer was that was due in this turn.
  private(set) var latestDue: Double?
  /// By its number, whose reader or writer a clean-up takes away.
  private(set) var cleanUps: [Int: Watch] = [:]
  /// By the number of a registered handle, the future for which it works.
  private(set) var goals: [Int: Name] = [:]
  private var newest: Watch?
  /// The kernel keeps a list of its own of what is watched.
  private(set) var hasEpoll = false
  /// Something of this turn comes from another thread, or is not as it seems.
  private(set) var isDisturbed = false

  /// A handle and the descriptor for which it is registered.
  struct Watch {
    let handle: Name
    let fd: Int32
    let side: Events
  }

  mutating func apply(_ step: Step) {
    if step.event.isPart { self = Situation() }
    before = state
    state.apply(step)
    last = step
    switch step.event {
    case .call(.epollControl, _): hasEpoll = true
    case .loop(let event): apply(event)
    default: break
    }
  }

  private mutating func apply(_ event: LoopEvent) {
    switch event {
    case .selectEntered(let timeout):
      (self.timeout, left, isDisturbed) = (timeout, nil, false)
      latestDue = nil
    case .timerDue(let handle):
      latestDue = before.timers.first { $0.handle.id == handle.id }?.when
    case .selectReturned(let ready):
      news = ready.flatMap { entry in
        watches(on: entry.fd).filter { entry.events.contains($0.side) }
      }
      isDisturbed =
        ready.contains { name($0.fd) == "self-pipe" }
        || news.contains { state.cancelled.contains($0.handle.id) }
    case .handleQueued(let handle):
      if news.first?.handle.id == handle.id { news.removeFirst() }
      if owed.first?.id == handle.id { owed.removeFirst() }
    case .handleRun, .handleSkipped:
      left = (left ?? before.ready.count) - 1
      (news, newest) = ([], nil)
    case .registered(let entry), .modified(let entry):
      let old = before.registrations.first { $0.fd == entry.fd }
      newest = watches(on: entry.fd).first {
        $0.handle.id != ($0.side == .read ? old?.reader : old?.writer)?.id
      }
    case .callbackAdded(let future, let callback):
      if callback.label.hasPrefix("sockReadDone")
        || callback.label.hasPrefix("sockWriteDone")
      {
        cleanUps[callback.id] = newest
        if let newest { goals[newest.handle.id] = future }
      }
    case .futureSettled(let name, _):
      owed = before.future(name)?.callbacks ?? []
    default: break
    }
  }

  // MARK: Looking around

  func name(_ fd: Int32) -> String { state.names[fd] ?? "descriptor \(fd)" }

  /// Who is registered for a descriptor, the reader first.
  func watches(on fd: Int32) -> [Watch] {
    state.registrations.filter { $0.fd == fd }.flatMap(watches)
  }

  /// Everybody who is registered, but for the loop's own.
  var watches: [Watch] {
    state.registrations.filter { name($0.fd) != "self-pipe" }.flatMap(watches)
  }

  private func watches(_ entry: Registration) -> [Watch] {
    [(entry.reader, Events.read), (entry.writer, .write)].compactMap { handle, side in
      handle.map { Watch(handle: $0, fd: entry.fd, side: side) }
    }
  }

  /// The callback that runs.
  var running: Name? {
    if case .running(let handle) = state.phase { handle } else { nil }
  }

  /// A task that waits for a future, for this one if it is named.
  func waiting(for future: Name? = nil) -> (task: Name, future: Name)? {
    for task in state.tasks {
      if case .waiting(let other) = task.activity,
        future == nil || future!.id == other.id
      {
        return (task.future.name, other)
      }
    }
    return nil
  }

  /// The future for which the running code works: that of the step that runs, or the one
  /// that it has made last.
  var goal: Name? {
    if let goal = running.flatMap({ goals[$0.id] }) { return goal }
    return state.futures.last { $0.outcome == nil }?.name
  }

  /// What takes a descriptor off the list, as the first thing that one sees of it.
  func removal(of fd: Int32) -> StepEvent {
    hasEpoll
      ? .call(.epollControl(epoll: 0, .delete, fd: fd, events: 0), .done)
      : .loop(.unregistered(fd: fd))
  }
}
