import CLibrary
import EventLoops
import Recording
import Selectors
import Simulation
import Sockets
import Testing

/// The machine's state, folded from steps.
@Suite struct FoldTests {
  let a = Name(1, "a")
  let b = Name(2, "b")

  @Test func `the ready queue is first come first served`() {
    let state = HandMade.state([
      .handleQueued(a), .handleQueued(b), .handleQueued(a), .handleRun(a),
    ])
    #expect(state.ready.map(\.handle) == [b, a])
    #expect(state.phase == .running(a))
  }

  @Test func `a cancelled handle keeps its place until it is skipped`() {
    let cancelled: [LoopEvent] = [
      .handleQueued(a), .handleQueued(b), .handleCancelled(a),
    ]
    #expect(HandMade.state(cancelled).ready.map(\.handle) == [a, b])
    #expect(HandMade.state(cancelled).cancelled == [1])
    #expect(HandMade.state(cancelled + [.handleSkipped(a)]).ready.map(\.handle) == [b])
  }

  @Test func `an iteration begins with the question to the selector`() {
    let state = HandMade.state([
      .selectEntered(timeout: 0), .selectReturned([]), .selectEntered(timeout: nil),
    ])
    #expect(state.iteration == 2)
    #expect(state.phase == .selecting(timeout: nil))
  }

  @Test func `a future that settles lets go of its callbacks`() {
    let future = Name(1, "Future-1")
    let before: [LoopEvent] = [
      .futureCreated(future), .callbackAdded(future: future, callback: a),
      .callbackAdded(future: future, callback: b),
      .callbackAdded(future: future, callback: a),
    ]
    #expect(HandMade.state(before).futures[0].callbacks == [a, b, a])
    let removed = before + [.callbackRemoved(future: future, callback: a)]
    #expect(HandMade.state(removed).futures[0].callbacks == [b])
    let settled = HandMade.state(before + [.futureSettled(future, .cancelled)])
    #expect(settled.futures[0].callbacks == [])
    #expect(settled.futures[0].outcome == .cancelled)
  }

  @Test func `a task waits until its future settles`() {
    let (task, future) = (Name(1, "Task-1"), Name(2, "Future-1"))
    let waiting: [LoopEvent] = [
      .taskCreated(task), .taskStepBegun(task), .futureCreated(future),
      .callbackAdded(future: future, callback: a), .taskSuspended(task, on: future),
    ]
    #expect(HandMade.state(waiting).tasks[0].activity == .waiting(for: future))
    // It is in the queue when its wake-up is, and not a moment earlier.
    let settled = waiting + [.futureSettled(future, .result)]
    #expect(HandMade.state(settled).tasks[0].activity == .waiting(for: future))
    let woken = HandMade.state(settled + [.handleQueued(a)])
    #expect(woken.tasks[0].activity == .queued)
  }

  @Test func `timers for one moment keep their order`() {
    let (c, d) = (Name(3, "c"), Name(4, "d"))
    let state = HandMade.state([
      .timerScheduled(a, when: 2, delay: 2), .timerScheduled(b, when: 1, delay: 1),
      .timerScheduled(c, when: 1, delay: 1), .timerScheduled(d, when: 3, delay: 3),
      .timerDue(d),
    ])
    #expect(state.timers.map(\.handle) == [b, c, a])
  }

  @Test func `the kernel forgets a closed socket and the selector does not`() {
    let reader = Name(1, "reader")
    let trace = HandMade.trace([
      .call(.socket(.ipv4), .descriptor(1)),
      .call(.setBlocking(fd: 1, false), .done),
      .call(.epollControl(epoll: 2, .add, fd: 1, events: 1), .done),
      .loop(.registered(.init(fd: 1, events: .read, reader: reader, writer: nil))),
      .call(.close(fd: 1), .done),
    ])
    #expect(trace.state(after: 4).sockets[0].isNonBlocking)
    #expect(trace.state(after: 4).sockets[0].watched == 1)
    #expect(trace.state(after: 5).sockets.isEmpty)
    #expect(trace.state(after: 5).registrations.count == 1)
  }

  @Test func `a refused call changes nothing`() {
    let trace = HandMade.trace([
      .call(.socket(.ipv4), .descriptor(1)), .call(.accept(fd: 1), .error(EAGAIN)),
    ])
    #expect(trace.state(after: 2).sockets == trace.state(after: 1).sockets)
  }
}
