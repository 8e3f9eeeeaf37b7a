// The words of a trace in a file: what an event is called there, and its fields. The
// recorder for CPython, record.py, uses the same, and `TraceReader` reads them back.
//
// Things go by their names: `listener`, `sockAcceptStep`, `Future-1`. In one part of a
// trace no two of them have the same.
import EventLoops
import Recording
import Selectors
import Simulation
import Sockets

/// An event's name and its fields.
typealias Words = (event: String, fields: [String: JSON])

/// Seconds. JSON knows no infinity; the largest number there is will do for "never".
private func time(_ seconds: Double) -> JSON {
  let most = Double.greatestFiniteMagnitude
  return .number(min(max(seconds, -most), most))
}

func words(_ event: LoopEvent, _ step: Step) -> Words {
  switch event {
  case .selectEntered(let timeout):
    ("selectEntered", ["timeout": timeout.map(JSON.number) ?? .null])
  case .selectReturned(let ready):
    ("selectReturned", ["ready": .list(ready.map { words($0, step) })])

  case .handleQueued(let handle): ("handleQueued", ["handle": .text(handle.label)])
  case .handleRun(let handle): ("handleRun", ["handle": .text(handle.label)])
  case .handleFinished(let handle, let error):
    ("handleFinished", ["handle": .text(handle.label), "error": JSON(error)])
  case .handleSkipped(let handle): ("handleSkipped", ["handle": .text(handle.label)])
  case .handleCancelled(let handle):
    ("handleCancelled", ["handle": .text(handle.label)])

  case .stopRequested: ("stopRequested", [:])

  case .timerScheduled(let handle, let when, let delay):
    (
      "timerScheduled",
      [
        "handle": .text(handle.label), "when": time(when), "delay": time(delay),
      ]
    )
  case .timerDue(let handle): ("timerDue", ["handle": .text(handle.label)])
  case .timerDropped(let handle): ("timerDropped", ["handle": .text(handle.label)])

  case .registered(let new): ("registered", words(new, step))
  case .modified(let new): ("modified", words(new, step))
  case .unregistered(let fd): ("unregistered", ["fd": .text(step.name(fd))])

  case .futureCreated(let future): ("futureCreated", ["future": .text(future.label)])
  case .callbackAdded(let future, let callback):
    (
      "callbackAdded",
      ["future": .text(future.label), "callback": .text(callback.label)]
    )
  case .callbackRemoved(let future, let callback):
    (
      "callbackRemoved",
      ["future": .text(future.label), "callback": .text(callback.label)]
    )
  case .futureSettled(let future, let outcome):
    ("futureSettled", words(outcome, of: future))

  case .taskCreated(let task): ("taskCreated", ["task": .text(task.label)])
  case .taskStepBegun(let task): ("taskStepBegun", ["task": .text(task.label)])
  case .taskSuspended(let task, let future):
    ("taskSuspended", ["task": .text(task.label), "on": JSON(future?.label)])
  case .taskLeft(let task): ("taskLeft", ["task": .text(task.label)])
  case .taskCancelRequested(let task):
    ("taskCancelRequested", ["task": .text(task.label)])
  case .taskFinished(let task): ("taskFinished", ["task": .text(task.label)])

  case .transportChanged(let new): ("transportChanged", words(new, step))
  case .protocolCalled(let transport, let call):
    ("protocolCalled", ["transport": .text(transport.label), "call": .text(call)])
  case .readerChanged(let new): ("readerChanged", words(new))
  }
}

func words(_ call: SystemCall, _ step: Step) -> Words {
  func fd(_ fd: Int32) -> JSON { .text(step.name(fd)) }
  return switch call {
  case .socket(let family): ("socket", ["family": .text("\(family)")])
  case .bind(let on, let address):
    ("bind", ["fd": fd(on), "address": .text("\(address)")])
  case .listen(let on, let backlog):
    ("listen", ["fd": fd(on), "backlog": JSON(backlog)])
  case .accept(let on): ("accept", ["fd": fd(on)])
  case .connect(let on, let address):
    ("connect", ["fd": fd(on), "address": .text("\(address)")])
  case .recv(let on, let limit): ("recv", ["fd": fd(on), "limit": JSON(limit)])
  case .send(let on, let count): ("send", ["fd": fd(on), "count": JSON(count)])
  case .sendmsg(let on, let counts):
    ("sendmsg", ["fd": fd(on), "counts": .list(counts.map { JSON($0) })])
  case .shutdown(let on, let direction):
    ("shutdown", ["fd": fd(on), "direction": .text("\(direction)")])
  case .close(let on): ("close", ["fd": fd(on)])
  case .getsockopt(let on, let option):
    ("getsockopt", ["fd": fd(on), "option": .text("\(option)")])
  case .setsockopt(let on, let option, let value):
    (
      "setsockopt",
      ["fd": fd(on), "option": .text("\(option)"), "value": JSON(value)]
    )
  case .setBlocking(let on, let blocking):
    ("setBlocking", ["fd": fd(on), "blocking": .bool(blocking)])
  case .getsockname(let on): ("getsockname", ["fd": fd(on)])
  case .getpeername(let on): ("getpeername", ["fd": fd(on)])
  case .epollCreate: ("epollCreate", [:])
  case .epollControl(let epoll, let change, let on, let events):
    (
      "epollControl",
      [
        "epoll": fd(epoll), "change": .text("\(change)"), "fd": fd(on),
        "events": JSON(events),
      ]
    )
  case .epollWait(let epoll, let timeout):
    ("epollWait", ["epoll": fd(epoll), "timeout": JSON(timeout)])
  case .kqueueCreate: ("kqueueCreate", [:])
  case .kqueueControl(let queue, let change, let on, let filter):
    (
      "kqueueControl",
      [
        "queue": fd(queue), "change": .text("\(change)"), "fd": fd(on),
        "filter": .text("\(filter)"),
      ]
    )
  case .kqueueWait(let queue, let timeout):
    ("kqueueWait", ["queue": fd(queue), "timeout": JSON(timeout)])
  case .poll(let fds, let timeout):
    ("poll", ["fds": .list(fds.map(fd)), "timeout": JSON(timeout)])
  case .eventfd: ("eventfd", [:])
  case .socketpair: ("socketpair", [:])
  case .raise(let eventfd): ("raise", ["fd": fd(eventfd)])
  case .drain(let eventfd): ("drain", ["fd": fd(eventfd)])
  }
}

private func words(_ ready: ReadyDescriptor, _ step: Step) -> JSON {
  .object(["fd": .text(step.name(ready.fd)), "events": JSON(ready.events.rawValue)])
}

private func words(_ entry: Registration, _ step: Step) -> [String: JSON] {
  var fields: [String: JSON] = [
    "fd": .text(step.name(entry.fd)), "events": JSON(entry.events.rawValue),
  ]
  fields["reader"] = entry.reader.map { .text($0.label) }
  fields["writer"] = entry.writer.map { .text($0.label) }
  return fields
}

private func words(_ outcome: LoopEvent.Outcome, of future: Name) -> [String: JSON] {
  let name = JSON.text(future.label)
  return switch outcome {
  case .result: ["future": name, "outcome": "result"]
  case .cancelled: ["future": name, "outcome": "cancelled"]
  case .exception(let error):
    ["future": name, "outcome": "exception", "error": .text(error)]
  }
}

private func words(_ state: TransportState, _ step: Step) -> [String: JSON] {
  [
    "transport": .text(state.name.label), "fd": .text(step.name(state.fd)),
    "bufferSize": JSON(state.bufferSize), "low": JSON(state.low),
    "high": JSON(state.high), "isWritingPaused": .bool(state.isWritingPaused),
    "isReading": .bool(state.isReading), "isClosing": .bool(state.isClosing),
    "isLost": .bool(state.isLost),
  ]
}

func words(_ facts: KernelFacts) -> JSON {
  var fields: [String: JSON] = [:]
  fields["backlog"] = facts.backlog.map { JSON($0) }
  fields["received"] = facts.received.map { JSON($0) }
  fields["text"] = facts.text.map(JSON.text)
  fields["unsent"] = facts.unsent.map { JSON($0) }
  if facts.isEnded { fields["isEnded"] = .bool(true) }
  return .object(fields)
}

private func words(_ state: ReaderState) -> [String: JSON] {
  [
    "reader": .text(state.name.label), "limit": JSON(state.limit),
    "bufferSize": JSON(state.bufferSize), "isAtEnd": .bool(state.isAtEnd),
    "failure": JSON(state.failure), "hasPaused": .bool(state.hasPaused),
    "waiter": JSON(state.waiter?.label),
  ]
}
