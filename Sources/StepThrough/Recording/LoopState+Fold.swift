// The idea on which the step-through stands: a state is what all steps up to it come
// to.
//
// Nothing is saved and nothing is undone. The machine after step 25 is an empty one,
// and 25 times `apply`; to go back is to stop at 24. So there is no second account of
// what an event does backwards that could disagree with the first one, and what a step
// changed is found by comparing two states, without asking the step.
//
// The fold may use what a step says and what the steps before it said. It must not look
// into the loop. For that an event has to say all that there is to say, and a test
// looks after each step whether the loop's own state is this one.

package import EventLoops

extension LoopState {
  /// Moves the machine on by one step.
  package mutating func apply(_ step: Step) {
    // Each step brings all the names along, so a step may be looked at without those
    // before it.
    names = step.names
    hasActed = true
    switch step.event {
    case .loop(let event): apply(event)
    case .call(let call, let answer): apply(call, answer)
    case .note: break
    // A part has a loop of its own. Nothing is carried over, not even a number.
    case .part: self = LoopState()
    case .printed(let who, let line): transcript.append("\(who): \(line)")
    }
    for (number, facts) in step.facts { keep(facts, for: number) }
  }

  private mutating func apply(_ event: LoopEvent) {
    // Whether a callback did anything is what lies between its two events.
    if case .handleRun = event { hasActed = false }
    switch event {
    // A turn begins with the question to the selector.
    case .selectEntered(let timeout):
      iteration += 1
      phase = .selecting(timeout: timeout)
    case .selectReturned: phase = .betweenCallbacks

    // A handle may stand in the queue twice. The ticket tells the two places apart, for
    // whoever compares two states and wants to know which of them has gone.
    case .handleQueued(let handle):
      queuedCount += 1
      ready.append(Queued(handle: handle, ticket: queuedCount))
      // With its wake-up in the queue a task waits for its turn, and no longer for a
      // future. No event says so: it follows.
      if let task = wakeUps.removeValue(forKey: handle.id) {
        change(task: task) { $0.activity = .queued }
      }
    case .handleRun(let handle):
      leaveQueue()
      phase = .running(handle)
    case .handleFinished: phase = .betweenCallbacks
    case .handleSkipped: leaveQueue()
    // Marked, and it stays where it is: in the queue, on the schedule, on the list.
    case .handleCancelled(let handle): cancelled.insert(handle.id)

    case .stopRequested: isStopping = true

    case .timerScheduled(let handle, let when, _):
      // Behind those for the same moment, as the loop does it.
      let place = timers.firstIndex { $0.when > when } ?? timers.endIndex
      timers.insert(Timer(handle: handle, when: when), at: place)
    case .timerDue(let handle), .timerDropped(let handle):
      // If it is due, `handleQueued` follows.
      timers.removeAll { $0.handle.id == handle.id }

    // The selector's own list. What the kernel watches is told by `epoll_ctl`, and in
    // the other half of the fold: the two may differ, and then that is the story.
    case .registered(let new): registrations.append(new)
    case .modified(let new):
      if let place = registrations.firstIndex(where: { $0.fd == new.fd }) {
        registrations[place] = new
      }
    case .unregistered(let fd): registrations.removeAll { $0.fd == fd }

    case .futureCreated(let name):
      if let last = futures.last, last.name.id >= name.id { isNumberedInOrder = false }
      futures.append(FutureState(name: name))
    case .callbackAdded(let future, let callback):
      change(future) { $0.callbacks.append(callback) }
    case .callbackRemoved(let future, let callback):
      change(future) { $0.callbacks.removeAll { $0.id == callback.id } }
    case .futureSettled(let name, let outcome): settle(name, outcome)

    // A task is two things, as in asyncio: a future, and code. Both have events.
    case .taskCreated(let name):
      if let last = tasks.last, last.future.name.id >= name.id {
        isNumberedInOrder = false
      }
      tasks.append(TaskState(future: FutureState(name: name)))
    case .taskStepBegun(let name): change(task: name.id) { $0.activity = .running }
    case .taskSuspended(let name, let future):
      // The wake-up is what the task put on the future's list a moment ago.
      if let wakeUp = future.flatMap({ callbacks(of: $0).last }) {
        wakeUps[wakeUp.id] = name.id
      }
      change(task: name.id) {
        $0.activity = future.map { .waiting(for: $0) } ?? .queued
      }
    case .taskLeft(let name): change(task: name.id) { $0.activity = .away }
    case .taskCancelRequested(let name):
      change(task: name.id) { $0.isCancelRequested = true }
    case .taskFinished(let name): change(task: name.id) { $0.activity = .finished }

    // Transports and readers tell all that they are each time; there is nothing to
    // add up.
    case .transportChanged(let new):
      taken[new.fd] = nil
      if let place = transports.firstIndex(where: { $0.name.id == new.name.id }) {
        transports[place] = new
      } else {
        transports.append(new)
      }
    case .protocolCalled: break
    case .readerChanged(let new):
      if let place = readers.firstIndex(where: { $0.name.id == new.name.id }) {
        readers[place] = new
      } else {
        readers.append(new)
      }
    }
  }

  /// Only the one at the front ever leaves.
  private mutating func leaveQueue() {
    if !ready.isEmpty { ready.removeFirst() }
  }

  /// A future that settles lets go of its callbacks. Each of them is queued, which
  /// is a step of its own; the wake-up of a task that waited is among those.
  private mutating func settle(_ name: Name, _ outcome: LoopEvent.Outcome) {
    change(name) {
      $0.outcome = outcome
      $0.callbacks = []
    }
  }

  /// Futures and tasks are numbered together, so a number is enough to find one.
  private mutating func change(_ name: Name, _ body: (inout FutureState) -> Void) {
    if let place = index(ofFuture: name.id) {
      body(&futures[place])
    } else if let place = index(ofTask: name.id) {
      body(&tasks[place].future)
    }
  }

  private func callbacks(of name: Name) -> [Name] {
    future(name)?.callbacks ?? []
  }

  /// The task whose code runs.
  package var runningTask: Name? {
    tasks.first { $0.activity == .running }?.future.name
  }

  /// A future, or the future's side of a task.
  package func future(_ name: Name) -> FutureState? {
    index(ofFuture: name.id).map { futures[$0] }
      ?? index(ofTask: name.id).map { tasks[$0].future }
  }

  /// Where a future with this number stands in the list.
  package func index(ofFuture id: Int) -> Int? {
    if !isNumberedInOrder { return futures.lastIndex { $0.name.id == id } }
    let place = futures.partitioned { $0.name.id >= id }
    return place < futures.count && futures[place].name.id == id ? place : nil
  }

  /// Where a task with this number stands in the list.
  package func index(ofTask id: Int) -> Int? {
    if !isNumberedInOrder { return tasks.lastIndex { $0.future.name.id == id } }
    let place = tasks.partitioned { $0.future.name.id >= id }
    return place < tasks.count && tasks[place].future.name.id == id ? place : nil
  }

  private mutating func change(task id: Int, _ body: (inout TaskState) -> Void) {
    if let place = index(ofTask: id) {
      body(&tasks[place])
    }
  }
}
