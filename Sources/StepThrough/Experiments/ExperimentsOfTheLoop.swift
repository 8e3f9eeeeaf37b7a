// The ground: sockets, selectors, the loop, futures and tasks.

extension Experiment {
  static let ofSockets: [Experiment] = [
    Experiment(
      "kernel.no-sigpipe",
      "try check(\"send\", CLibrary.send(fd, bytes.baseAddress, bytes.count, noSignal))",
      "try check(\"send\", CLibrary.send(fd, bytes.baseAddress, bytes.count, 0))",
      in: "SocketsTests",
      .fails(
        test: "T14 send to a peer that is gone is EPIPE and no signal",
        words: ".signal(SIGPIPE"))
  ]

  static let ofSelectors: [Experiment] = [
    Experiment(
      "epoll.register", "_ = try map.remove(fd)", in: "ReadinessTests",
      .fails(
        test: "SEL-20 epoll refuses a regular file and no key stays behind",
        words: "(selector.getKey(number) → SelectorKey(fd: ")),
    Experiment(
      "epoll.modify", "if old.events == new.events { return new }",
      in: "ReadinessTests",
      .fails(
        test: "C1 epoll hears nothing when the heir of a number is modified",
        words: "Expectation failed: .success → .signal(")),
    Experiment(
      "epoll.select/hang-up",
      "if bits & ~EpollBits.out != 0 { events.insert(.read) }",
      "if bits & EpollBits.in != 0 { events.insert(.read) }",
      in: "ReadinessTests",
      .fails(
        test: "a hang-up is reported to the reader and to the writer",
        words: "try selector.ready(nil) == [reading.descriptor: events]")),
    Experiment(
      "epoll.select/stranger", "if hasStranger { try remake(site) }",
      in: "ReadinessTests",
      .fails(
        test: "what is closed here and open elsewhere is reported once to nobody",
        words: "try selector.ready(10) == [quiet.descriptor: .read]")),
    Experiment(
      "waiting.round-up",
      "return Int32(min((timeout * 1000).rounded(.up), Double(Int32.max)))",
      "return Int32(min((timeout * 1000).rounded(.down), Double(Int32.max)))",
      in: "ReadinessTests",
      .fails(
        test: "L7a milliseconds are rounded up",
        words: "(milliseconds(0.0004) → 0) == 1")),
    Experiment(
      "waiting.eintr", "rest = deadline.map { max(0, $0 - kernel.now()) }",
      in: "ReadinessTests",
      .fails(
        test: "SEL-18 every wait after a signal is for the rest of the time",
        words: "(asked → [Optional(0.5), Optional(0.5), Optional(0.5), ")
    ),
  ]

  static let ofTheLoop: [Experiment] = [
    Experiment(
      "run-once.timeout", "var timeout: Double?", "var timeout: Double? = 0",
      in: "LoopTests",
      .fails(
        test: "L1 a loop with nothing to do still asks the kernel",
        words: "(selector.timeouts → [Optional(0.0)]) == [nil]"),
      .parts(
        trace: "accept", step: 27,
        words: "Turn 2: the loop asks the selector without waiting")),
    Experiment(
      "run-once.timers", "let end = max(now + clockResolution, now.nextUp)",
      "let end = now + clockResolution", in: "LoopTests",
      .fails(
        test: "L7b a timer is due although a tick is too small to be added",
        words: "(log → []) == [\"due\"]")),
    Experiment(
      "run-once.batch", "for _ in 0..<ready.count {", "while !ready.isEmpty {",
      in: "LoopTests",
      .fails(
        test: "LOOP-02 what a callback queues waits for the next turn",
        words: "(log → [\"outer\", \"inner\"]) == [\"outer\"]"),
      .parts(
        trace: "accept", step: 38,
        words: "The loop takes sockReadDone from the front of the queue and calls it")),
    Experiment(
      "run-once.batch/stop", "guard let handle = ready.popFirst() else { break }",
      "guard !isStopping, let handle = ready.popFirst() else { break }",
      in: "LoopTests",
      .fails(
        test: "LOOP-12 stop lets the turn finish",
        words: "(log → [\"first\"]) == [\"first\", \"second\"]"),
      .fails(
        test: "L3 stopping does not run an event twice",
        words: "(stage.ready → [\"writer\"]) == [\"done callback\"]")),
    Experiment(
      "run-once.sweep", "&& dead > minCancelledTimerHandlesFraction", "&& dead > 1",
      in: "LoopTests",
      .fails(
        test: "L8 cancelled timers do not pile up",
        words: "(loop.scheduled.count → 5001) == 1")),
    Experiment(
      "readers.remove",
      "defer { gone?.cancel(file: site.file, line: site.line) }", in: "LoopTests",
      .fails(
        test: "L2b a handle that was removed does not run once more",
        words: "(log → [5, 7]) == [5]"),
      .parts(trace: "accept", step: 44, words: "sockReadDone returns to the loop")),
    Experiment(
      "threads.read-from-self", "closeSelfPipe(site)", in: "LoopTests",
      .fails(
        test: "L6 a self-pipe at its end does not spin",
        words: "(stage.kernel.calls.count { $0 == .drain(eventfd: selfPipe) } → 3) == 1"
      )),
    Experiment(
      "executor.post", "box?.removeLast()", in: "LoopTests",
      .fails(
        test: "L5 a wake-up that fails is an error, and nothing runs later",
        words: "(log.lines → [\"lost\"]) == []")
    ),
  ]

  static let ofTasks: [Experiment] = [
    Experiment(
      "future.schedule-callbacks", "for case let handle? in waiting {",
      "for case let handle? in waiting.reversed() {", in: "FuturesAndTasksTests",
      .fails(
        test: "C5 the clean-up runs before the task goes on",
        words: "(stage.ready → [\"wake-up of Task-1\", \"clean-up\"])"),
      .parts(
        trace: "accept", step: 35, words: "wake-up of Task-1 is queued, first in line")),
    Experiment(
      "future.unless-cancelled", "if cancelled() { return }",
      in: "FuturesAndTasksTests",
      .fails(
        test: "F1 a settling that was queued comes too late for a cancelled future",
        words: "Future-1 is done already")),
    Experiment(
      "future.cancel-wait",
      "if !isShared { return cancel(file: site.file, line: site.line) }",
      "if id > 0 { return cancel(file: site.file, line: site.line) }",
      in: "FuturesAndTasksTests",
      .fails(
        test: "M9 one of three is cancelled, and the other two do not notice",
        words: "(future.value.doneCallbacks.count → 0) == 2")),
    Experiment(
      "future.await", "if !done() { try await wait(CallSite(file, line)) }",
      "try await wait(CallSite(file, line))", in: "FuturesAndTasksTests",
      .fails(
        test: "FUT-14 awaiting a done future does not give up the loop",
        words: "(log.lines → [\"callback\", \"first 3\", \"second 3\", "),
      .parts(
        trace: "accept-ready", step: 23,
        words: "wake-up of Task-1 is queued, first in line")),
    Experiment(
      "task.run",
      "try throwIfCancelled()  // cancelled before the first step: "
        + "it never begins",
      in: "FuturesAndTasksTests",
      .fails(
        test: "TASK-05 cancelled before its first step, it never begins",
        words: "(log.lines → [\"never\"]) == []")
    ),
    Experiment(
      "task.suspend",
      "if mustCancel && future.cancelWait(of: step, site) { mustCancel = false }",
      in: "FuturesAndTasksTests",
      .fails(
        test: "TASK-11 a task that cancels itself cancels what it awaits next",
        words: "the script is over, and the program sleeps without limit")),
    Experiment(
      "wait-for",
      "if error is CancellationError && left <= before { throw TimeoutError() }",
      in: "FuturesAndTasksTests",
      .fails(
        test: "F2 result and deadline in one turn, the deadline wins",
        words:
          "expected error of type TimeoutError, but \"CancellationError()\" was thrown")
    ),
  ]
}
