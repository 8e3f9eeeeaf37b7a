// What each step is in a picture: from whom, to whom, in how many words, and whose life
// begins or ends with it.

import CLibrary
import EventLoops
import Recording
import Selectors
import Simulation
import Sockets

extension PictureRows {
  /// One step: a row, a piece of one, or nothing that one would see.
  mutating func tell(_ event: StepEvent) {
    switch event {
    case .loop(let event): tell(event)
    case .call(let call, let answer): tell(call, answer)
    case .note(let text):
      // What is noted while something runs, that has noted.
      if let running { return add(running, nil, firstClause(text)) }
      add(.world, .kernel, firstClause(text))
    case .printed(let who, _): add(running, nil, "\(who) prints")
    case .part(let text):
      endAll()
      open = [:]
      (state, part, refused, watched) = (LoopState(), text, [], [])
      (awaited, known, listed) = ([:], [], [:])
    }
  }

  private mutating func tell(_ call: SystemCall, _ answer: SystemAnswer) {
    let words = "`\(call.short(step))`"
    let back = text(answer, call, step)
    switch call {
    case .epollControl, .epollWait, .kqueueControl, .kqueueWait, .poll:
      held = held ?? step.number
    case .accept(let fd), .connect(let fd, _), .recv(let fd, _), .send(let fd, _),
      .sendmsg(let fd, _), .getsockopt(let fd, .error):
      let isAttempt = refused.remove(fd) != nil
      if call.isInVain(answer) { refused.insert(fd) }
      if isAttempt || refused.contains(fd) {
        add(running, .kernel, words, answer: back, .attempt)
      } else {
        add(running, .kernel, call.isSend ? words : "\(words) → \(back)")
      }
    case .close, .shutdown, .raise, .drain: add(running, .kernel, words)
    default:
      // To make a socket, to name it: nobody's news. To fail is.
      if case .error = answer { add(running, .kernel, "\(words) → \(back)") }
    }
  }

  private mutating func tell(_ event: LoopEvent) {
    switch event {
    case .selectEntered(let limit):
      if limit == 0 { return }
      add(.selector, .kernel, limit.map { "at most \(seconds($0))" } ?? "no limit")
      begin(.queue, .sleeps)
    case .selectReturned(let ready):
      let hasSlept = open[Opening(column: .queue, look: .sleeps)] != nil
      end(.queue, .sleeps)
      if !ready.isEmpty || hasSlept {
        let names = ready.map { "\(step.name($0.fd)) \(ability($0.events))" }
        add(
          .kernel, .selector, ready.isEmpty ? "nothing" : names.joined(separator: ", "))
      }
      held = nil

    case .handleQueued(let handle):
      add(queuer(), .queue, named(handle), .queues, place: places[step.number])
    case .handleRun(let handle): called = handle
    case .handleFinished(_, let error):
      if let error {
        add(.queue, nil, clip("throws \(error)", to: 60), .attempt)
      } else if !state.hasActed, isShown, let last = rows.last, last.to == nil {
        rows[rows.count - 1].words += ": nothing to do"
        join()
      }
      end(.queue, .runs)
    case .handleSkipped(let handle):
      add(.queue, nil, "\(named(handle)): skipped", place: places[step.number])
    case .handleCancelled(let handle):
      if state.timers.contains(where: { $0.handle.id == handle.id }) {
        add(running, .timers, "calls off \(named(handle))")
      } else if state.ready.contains(where: { $0.handle.id == handle.id }) {
        add(running, .queue, "calls off \(named(handle))")
      } else {
        join()
      }
    case .stopRequested: add(running, nil, "stop after this turn")

    case .timerScheduled(let handle, _, let delay):
      add(running, .timers, "\(named(handle)) in \(seconds(delay))")
    case .timerDue: held = held ?? step.number
    case .timerDropped(let handle): add(.timers, nil, "\(named(handle)) is dropped")

    case .registered(let entry) where step.isPlumbing(entry.fd): held = nil
    case .unregistered(let fd) where step.isPlumbing(fd): held = nil
    case .registered(let entry), .modified(let entry):
      let callees = [("readable", entry.reader), ("writable", entry.writer)]
        .compactMap { event, handle in handle.map { "\(event) → `\($0.label)`" } }
      add(running, .selector, callees.joined(separator: ", "))
      let lane = watched.firstIndex(of: entry.fd) ?? watched.count
      if lane == watched.count {
        watched.append(entry.fd)
        begin(.selector, .watched, lane: lane)
      }
    case .unregistered(let fd):
      add(running, .selector, "\(step.name(fd)) off the list")
      if let lane = watched.firstIndex(of: fd) {
        end(.selector, .watched, lane: lane)
        watched[lane] = nil
        while watched.last == .some(nil) { watched.removeLast() }
      }

    case .futureCreated(let name):
      add(running, column(name), "makes \(name.label)")
      begin(column(name), .pending)
    case .callbackAdded(let future, let callback):
      listed[future.id, default: 0] += 1
      add(running, column(future), named(callback), place: listed[future.id])
    case .callbackRemoved(let future, let callback):
      add(running, column(future), "without \(named(callback))")
    case .futureSettled(let name, let outcome):
      settle(name, outcome)
    default: tellOfLives(event)
    }
  }

  /// The rest: tasks, transports, streams.
  private mutating func tellOfLives(_ event: LoopEvent) {
    switch event {
    case .taskCreated(let name):
      let task = Column.task(name.id)
      labels[task] = name.label
      add(running, task, "makes \(name.label)")
      begin(task, .waits)
    case .taskStepBegun(let name):
      let task = Column.task(name.id)
      let isFirst = known.insert(name.id).inserted
      add(
        .queue, task, isFirst ? "its turn" : "goes on", .calls,
        place: places[step.number - 1], first: step.number - 1)
      called = nil
      end(task, .waits)
      begin(task, .runs)
      if let future = awaited[name.id] { end(.future(future), .settled) }
    case .taskSuspended(let name, let future):
      add(
        .task(name.id), nil,
        future.map { "waits for \($0.label)" } ?? "waits for its turn")
      if let future { awaited[name.id] = future.id }
      rest(name)
    case .taskLeft(let name):
      add(.task(name.id), nil, "waits elsewhere")
      rest(name)
    case .taskCancelRequested(let name): add(running, .task(name.id), "asks it to stop")
    case .taskFinished(let name):
      add(.task(name.id), nil, "ends")
      end(.task(name.id), .runs)
    case .transportChanged(let new): tell(new)
    case .protocolCalled(let name, let call):
      // What made it call is told by the call: `pauseWriting`.
      if let last = rows.last, isShown, last.words.hasSuffix(" mark"),
        last.steps.upperBound == step.number - 1
      {
        join()
        rows[rows.count - 1].words += ": `\(call)`"
      } else {
        let verb = call.firstIndex(of: " ") ?? call.endIndex
        add(running, .transport(name.id), "`\(call[..<verb])`\(call[verb...])")
      }
    case .readerChanged(let new): tell(new)
    default: break
    }
  }

  private mutating func rest(_ name: Name) {
    end(.task(name.id), .runs)
    begin(.task(name.id), .waits)
  }

  /// A callback that is no task's: it is called where it stands.
  mutating func tellCall() {
    guard let handle = called else { return }
    called = nil
    let number = step.number - 1
    // What was queued just before is called in the same row.
    if let last = rows.last, last.to == .queue, last.steps.upperBound == number - 1,
      case .loop(.handleQueued(handle)) = steps[number - 2].event
    {
      rows[rows.count - 1].steps = last.steps.lowerBound...number
    } else {
      add(.queue, nil, named(handle), place: places[number], last: number)
    }
    begin(.queue, .runs, from: isShown ? max(0, 2 * rows.count - 1) : nil)
  }

  private mutating func settle(_ name: Name, _ outcome: LoopEvent.Outcome) {
    let column = column(name)
    if case .task = column {
      if outcome != .result, isShown, let last = rows.last, last.from == column {
        rows[rows.count - 1].words = "ends: \(words(outcome))"
      }
      return join()
    }
    add(running, column, words(outcome))
    end(column, .pending)
    begin(column, .settled)
    if !awaited.values.contains(name.id) { end(column, .settled) }
  }

  private func words(_ outcome: LoopEvent.Outcome) -> String {
    switch outcome {
    case .result: "its result"
    case .exception(let error): clip(error, to: 40)
    case .cancelled: "cancelled"
    }
  }

  private mutating func tell(_ new: TransportState) {
    let column = Column.transport(new.name.id)
    labels[column] = new.name.label
    let old = state.transports.first { $0.name.id == new.name.id }
    let words: String
    if let old {
      words = changes(new, old).joined(separator: ", ")
    } else {
      words = "makes \(new.name.label)"
    }
    add(running, column, words)
    if old == nil { begin(column, .owns) }
    if new.isLost { end(column, .owns) }
    levels.append(
      Level(
        transport: new.name.id, from: here, bytes: new.bufferSize, low: new.low,
        high: new.high))
  }

  private func changes(_ new: TransportState, _ old: TransportState) -> [String] {
    var news: [String] = []
    if new.isLost { return ["gives \(step.name(new.fd)) back"] }
    if (old.low, old.high) != (new.low, new.high) {
      news.append("marks: \(new.low) and \(new.high)")
    }
    if old.bufferSize != new.bufferSize {
      news.append(
        new.bufferSize == 0
          ? "its buffer is empty" : "keeps \(count(new.bufferSize, "byte"))")
    }
    if !old.isClosing && new.isClosing {
      news.append("is closing")
    } else if old.isReading != new.isReading {
      news.append(new.isReading ? "reads" : "reads no more")
    }
    if old.isWritingPaused != new.isWritingPaused {
      news.append(new.isWritingPaused ? "above the high mark" : "down to the low mark")
    }
    return news.isEmpty ? ["as it was"] : news
  }

  private mutating func tell(_ new: ReaderState) {
    let column = Column.reader(new.name.id)
    labels[column] = new.name.label
    guard let old = state.readers.first(where: { $0.name.id == new.name.id }) else {
      add(running, column, "makes \(new.name.label)")
      return begin(column, .owns)
    }
    var news: [String] = []
    if old.bufferSize != new.bufferSize {
      news.append(
        new.bufferSize == 0 ? "empty" : "has \(count(new.bufferSize, "byte"))")
    }
    if !old.isAtEnd && new.isAtEnd { news.append("this is the end") }
    if old.failure == nil, let failure = new.failure {
      news.append(clip(failure, to: 40))
    }
    if old.hasPaused != new.hasPaused {
      news.append(new.hasPaused ? "too much: pause" : "go on")
    }
    if old.waiter != new.waiter {
      news.append(new.waiter.map { "keeps \($0.label)" } ?? "nobody waits")
    }
    add(running, column, news.joined(separator: ", "))
  }
}

extension Step {
  /// What wakes the loop is there from its first step to its last.
  fileprivate func isPlumbing(_ fd: Int32) -> Bool { name(fd) == "self-pipe" }
}

extension SystemCall {
  fileprivate var isSend: Bool {
    switch self {
    case .send, .sendmsg: true
    default: false
    }
  }

  /// As one writes it down in a hurry.
  fileprivate func short(_ step: Step) -> String {
    switch self {
    case .connect(let fd, _): "connect(\(step.name(fd)))"
    case .recv(let fd, _): "recv(\(step.name(fd)))"
    case .send(let fd, let count): "send(\(step.name(fd)), \(count))"
    case .sendmsg(let fd, let counts):
      "sendmsg(\(step.name(fd)), \(counts.reduce(0, +)))"
    case .getsockopt(let fd, _): "getsockopt(\(step.name(fd)))"
    default: text(self, step)
    }
  }

  /// The kernel said "not now", or "not all of it".
  fileprivate func isInVain(_ answer: SystemAnswer) -> Bool {
    switch (self, answer) {
    case (_, .error(EAGAIN)), (_, .error(EINPROGRESS)), (_, .error(EINTR)): true
    case (.send(_, let all), .number(let some)): some < all
    case (.sendmsg(_, let counts), .number(let some)): some < counts.reduce(0, +)
    default: false
    }
  }
}

private func ability(_ events: Events) -> String {
  events == .read ? "readable" : events == .write ? "writable" : "ready"
}

/// What somebody outside did, as short as it can be said.
private func firstClause(_ text: String) -> String {
  let end = text.firstIndex { ";:".contains($0) } ?? text.endIndex
  return clip(String(text[..<end]), to: 60)
}
