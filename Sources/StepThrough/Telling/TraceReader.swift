// Reads a trace back from its file. It knows the words of `Vocabulary.swift` and says
// in which line which of them is missing or wrong.
import EventLoops
package import Recording
import Selectors
import Simulation
import Sockets

/// A file that is no trace: which line, and why.
package struct TraceError: Error, CustomStringConvertible {
  /// `line 12: 'handleQueued' has no 'handle'`.
  package let description: String
}

/// Makes steps of lines, one after the other.
///
/// In a file things go by their names, in a step by their numbers, so the reader counts
/// them in the order in which they are mentioned.
package struct TraceReader {
  /// Where the steps were said to come from, beside their lines: what asyncio calls the
  /// function, by the number of the step.
  package private(set) var functions: [Int: String] = [:]
  /// The folders of Python files, if the trace says where they are: `asyncio`, `program`.
  package private(set) var sources: [String: String] = [:]
  private var names: [Int32: String] = [:]
  private var descriptors: [String: Int32] = [:]
  private var ids: [String: Int] = [:]

  /// A reader that has seen nothing yet.
  package init() {}

  /// Reads a whole file.
  ///
  /// - Parameter text: its text.
  /// - Throws: `TraceError` with the number of the first line that is wrong.
  package static func read(_ text: String) throws(TraceError) -> Trace {
    var reader = TraceReader()
    return try reader.trace(text)
  }

  /// Reads a whole file, and keeps the functions.
  package mutating func trace(_ text: String) throws(TraceError) -> Trace {
    // An editor may have given the lines the ends of another system.
    let lines = splitLines(text.replacing("\r\n", with: "\n"))
    guard let first = lines.first, let head = try? JSON(line: first),
      let version = head["trace"]?.integer
    else {
      throw TraceError(
        description: "line 1: this is no trace: a trace begins with {\"trace\":1, …}")
    }
    guard version == traceVersion else {
      throw TraceError(
        description: "line 1: this trace has the words of version \(version), "
          + "and \(traceVersion) is what can be read here: record it again")
    }
    if case .object(let folders)? = head["sources"] {
      sources = folders.compactMapValues(\.string)
    }
    var trace = Trace(
      scenario: head["name"]?.string ?? "", by: head["by"]?.string ?? "somebody")
    for (place, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      do {
        trace.steps.append(try step(line, number: trace.steps.count + 1))
      } catch {
        throw TraceError(description: "line \(place + 1): \(error.what)")
      }
    }
    if trace.steps.isEmpty {
      throw TraceError(description: "line 1: this trace has no step")
    }
    return trace
  }

  private mutating func step(_ line: String, number: Int) throws(Wrong) -> Step {
    guard let object = try? JSON(line: line) else { throw Wrong("this is no JSON") }
    guard let kind = object["kind"]?.string, let event = object["event"]?.string else {
      throw Wrong("a step has a 'kind' and an 'event'")
    }
    if kind == "part" { (names, descriptors, ids) = ([:], [:], [:]) }
    if case .object(let renamed)? = object["renamed"] {
      for (old, new) in renamed {
        guard let number = descriptors[old], let name = new.string else {
          throw Wrong("'\(old)' is renamed, and nothing is called so")
        }
        descriptors[old] = nil
        (descriptors[name], names[number]) = (number, name)
      }
    }
    let what = try self.event(kind, event, object)
    functions[number] = object["asyncio"]?.string
    var facts: [Int32: KernelFacts] = [:]
    if case .object(let kernel)? = object["kernel"] {
      for (name, value) in kernel.sorted(by: { $0.key < $1.key }) {
        facts[fd(name)] = self.facts(value)
      }
    }
    return Step(
      number: number, event: what, file: object["file"]?.string ?? "",
      line: object["line"]?.integer ?? 0, names: names, facts: facts)
  }

  private mutating func event(
    _ kind: String, _ event: String, _ object: JSON
  ) throws(Wrong) -> StepEvent {
    let fields = Fields(event, object["fields"] ?? .object([:]))
    switch kind {
    case "loop": return .loop(try loopEvent(event, fields))
    case "call":
      let call = try call(event, fields)
      guard let answer = object["answer"]?.string else {
        throw Wrong("the call '\(event)' has no 'answer'")
      }
      return .call(call, try self.answer(answer, object["from"]?.string, to: call))
    case "note": return .note(event)
    case "printed": return .printed(try fields.text("by"), event)
    case "part": return .part(event)
    default: throw Wrong("there is no kind '\(kind)' of step")
    }
  }

  private func facts(_ object: JSON) -> KernelFacts {
    var facts = KernelFacts()
    facts.backlog = object["backlog"]?.integer
    facts.received = object["received"]?.integer
    facts.text = object["text"]?.string
    facts.unsent = object["unsent"]?.integer
    facts.isEnded = object["isEnded"] == .bool(true)
    return facts
  }

  // MARK: Names

  private mutating func name(_ label: String) -> Name {
    let id = ids[label] ?? ids.count + 1
    ids[label] = id
    return Name(id, label)
  }

  private mutating func fd(_ label: String) -> Int32 {
    if let number = descriptors[label] { return number }
    let number = Int32(descriptors.count + 1)
    (descriptors[label], names[number]) = (number, label)
    return number
  }

  // MARK: What the loop did

  private mutating func loopEvent(
    _ event: String, _ fields: Fields
  ) throws(Wrong) -> LoopEvent {
    switch event {
    case "selectEntered": .selectEntered(timeout: try fields.numberOrNull("timeout"))
    case "selectReturned": .selectReturned(try ready(fields))
    case "handleQueued": .handleQueued(name(try fields.text("handle")))
    case "handleRun": .handleRun(name(try fields.text("handle")))
    case "handleFinished":
      .handleFinished(
        name(try fields.text("handle")), error: try fields.textOrNull("error"))
    case "handleSkipped": .handleSkipped(name(try fields.text("handle")))
    case "handleCancelled": .handleCancelled(name(try fields.text("handle")))
    case "stopRequested": .stopRequested
    case "timerScheduled":
      .timerScheduled(
        name(try fields.text("handle")), when: try fields.number("when"),
        delay: try fields.number("delay"))
    case "timerDue": .timerDue(name(try fields.text("handle")))
    case "timerDropped": .timerDropped(name(try fields.text("handle")))
    case "registered": .registered(try registration(fields))
    case "modified": .modified(try registration(fields))
    case "unregistered": .unregistered(fd: fd(try fields.text("fd")))
    case "futureCreated": .futureCreated(name(try fields.text("future")))
    case "callbackAdded":
      .callbackAdded(
        future: name(try fields.text("future")),
        callback: name(try fields.text("callback")))
    case "callbackRemoved":
      .callbackRemoved(
        future: name(try fields.text("future")),
        callback: name(try fields.text("callback")))
    case "futureSettled":
      .futureSettled(name(try fields.text("future")), try outcome(fields))
    case "taskCreated": .taskCreated(name(try fields.text("task")))
    case "taskStepBegun": .taskStepBegun(name(try fields.text("task")))
    case "taskSuspended":
      .taskSuspended(
        name(try fields.text("task")), on: try fields.textOrNull("on").map { name($0) })
    case "taskLeft": .taskLeft(name(try fields.text("task")))
    case "taskCancelRequested": .taskCancelRequested(name(try fields.text("task")))
    case "taskFinished": .taskFinished(name(try fields.text("task")))
    case "transportChanged": .transportChanged(try transport(fields))
    case "protocolCalled":
      .protocolCalled(name(try fields.text("transport")), try fields.text("call"))
    case "readerChanged": .readerChanged(try reader(fields))
    default: throw Wrong("a loop has no event '\(event)'")
    }
  }

  private mutating func ready(_ fields: Fields) throws(Wrong) -> [ReadyDescriptor] {
    var list: [ReadyDescriptor] = []
    for one in try fields.list("ready") {
      let one = Fields("ready", one)
      list.append(
        ReadyDescriptor(
          fd: fd(try one.text("fd")),
          events: Events(rawValue: try one.small("events"))))
    }
    return list
  }

  private mutating func registration(_ fields: Fields) throws(Wrong) -> Registration {
    Registration(
      fd: fd(try fields.text("fd")),
      events: Events(rawValue: try fields.small("events")),
      reader: try fields.textOrNull("reader").map { name($0) },
      writer: try fields.textOrNull("writer").map { name($0) })
  }

  private func outcome(_ fields: Fields) throws(Wrong) -> LoopEvent.Outcome {
    switch try fields.text("outcome") {
    case "result": .result
    case "cancelled": .cancelled
    case "exception": .exception(try fields.text("error"))
    case let other: throw Wrong("a future does not end with '\(other)'")
    }
  }

  private mutating func transport(_ fields: Fields) throws(Wrong) -> TransportState {
    var state = TransportState(
      name: name(try fields.text("transport")), fd: fd(try fields.text("fd")))
    state.bufferSize = try fields.integer("bufferSize")
    state.low = try fields.integer("low")
    state.high = try fields.integer("high")
    state.isWritingPaused = try fields.bool("isWritingPaused")
    state.isReading = try fields.bool("isReading")
    state.isClosing = try fields.bool("isClosing")
    state.isLost = try fields.bool("isLost")
    return state
  }

  private mutating func reader(_ fields: Fields) throws(Wrong) -> ReaderState {
    var state = ReaderState(
      name: name(try fields.text("reader")), limit: try fields.integer("limit"))
    state.bufferSize = try fields.integer("bufferSize")
    state.isAtEnd = try fields.bool("isAtEnd")
    state.failure = try fields.textOrNull("failure")
    state.hasPaused = try fields.bool("hasPaused")
    state.waiter = try fields.textOrNull("waiter").map { name($0) }
    return state
  }

  // MARK: What the kernel was asked

  private mutating func call(
    _ event: String, _ fields: Fields
  ) throws(Wrong) -> SystemCall {
    func on() throws(Wrong) -> Int32 { fd(try fields.text("fd")) }
    return switch event {
    case "socket": .socket(try fields.one("family", of: [.ipv4, .ipv6, .unix]))
    case "bind": .bind(fd: try on(), try fields.address("address"))
    case "listen": .listen(fd: try on(), backlog: try fields.small("backlog"))
    case "accept": .accept(fd: try on())
    case "connect": .connect(fd: try on(), try fields.address("address"))
    case "recv": .recv(fd: try on(), limit: try fields.integer("limit"))
    case "send": .send(fd: try on(), count: try fields.integer("count"))
    case "sendmsg": .sendmsg(fd: try on(), counts: try fields.integers("counts"))
    case "shutdown":
      .shutdown(fd: try on(), try fields.one("direction", of: [.read, .write, .both]))
    case "close": .close(fd: try on())
    case "getsockopt":
      .getsockopt(fd: try on(), try fields.one("option", of: Self.options))
    case "setsockopt":
      .setsockopt(
        fd: try on(), try fields.one("option", of: Self.options),
        try fields.small("value"))
    case "setBlocking": .setBlocking(fd: try on(), try fields.bool("blocking"))
    case "getsockname": .getsockname(fd: try on())
    case "getpeername": .getpeername(fd: try on())
    case "epollCreate": .epollCreate
    case "epollControl":
      .epollControl(
        epoll: fd(try fields.text("epoll")),
        try fields.one("change", of: [.add, .modify, .delete]), fd: try on(),
        events: UInt32(bitPattern: try fields.small("events")))
    case "epollWait":
      .epollWait(
        epoll: fd(try fields.text("epoll")), timeout: try fields.small("timeout"))
    case "kqueueCreate": .kqueueCreate
    case "kqueueControl":
      .kqueueControl(
        queue: fd(try fields.text("queue")),
        try fields.one("change", of: [.add, .delete]), fd: try on(),
        try fields.one("filter", of: [.read, .write]))
    case "kqueueWait":
      .kqueueWait(
        queue: fd(try fields.text("queue")), timeout: try fields.small("timeout"))
    case "poll":
      .poll(
        fds: try fields.list("fds").compactMap { $0.string.map { fd($0) } },
        timeout: try fields.small("timeout"))
    case "eventfd": .eventfd
    case "socketpair": .socketpair
    case "raise": .raise(eventfd: try on())
    case "drain": .drain(eventfd: try on())
    default: throw Wrong("there is no system call '\(event)'")
    }
  }

  private static let options: [SocketOption] = [
    .error, .reuseAddress, .reusePort, .sendBuffer, .receiveBuffer, .linger, .noDelay,
    .ipv6Only,
  ]

  /// The answer's words mean different things behind different calls.
  private mutating func answer(
    _ text: String, _ from: String?, to call: SystemCall
  ) throws(Wrong) -> SystemAnswer {
    if case .getsockopt(_, .error) = call {
      return .number(Int(errorNumber(text) ?? 0))
    }
    if let error = errorNumber(text) { return .error(error) }
    switch call {
    case .socket, .epollCreate, .kqueueCreate, .eventfd, .socketpair:
      return .descriptor(fd(text))
    case .accept: return .descriptor(fd(text), from.flatMap(Fields.address))
    case .recv, .send, .sendmsg, .drain, .getsockopt:
      guard let number = Int(text.prefix { $0.isNumber }), number <= 1 << 53 else {
        throw Wrong("'\(text)' is no answer to that call")
      }
      return .number(number)
    case .getsockname, .getpeername:
      return Fields.address(from ?? text).map { .address($0) } ?? .done
    case .epollWait, .poll: return .ready(try bits(text))
    case .kqueueWait: return .reports(try reports(text))
    default: return .done
    }
  }

  /// `listener READ, socket WRITE|EOF|EPIPE`, or `nothing`.
  private mutating func reports(_ text: String) throws(Wrong) -> [KqueueReport] {
    if text == "nothing" { return [] }
    var reports: [KqueueReport] = []
    for part in text.split(separator: ", ") {
      let words = part.split(separator: " ").last?.split(separator: "|") ?? []
      guard let first = words.first, ["READ", "WRITE"].contains(first),
        let space = part.lastIndex(of: " ")
      else { throw Wrong("'\(part)' is no entry with what it tells") }
      var rest = words.dropFirst()
      let isEnd = rest.first == "EOF"
      if isEnd { rest = rest.dropFirst() }
      let error = rest.first.map { errorNumber(String($0)) } ?? 0
      guard let error, rest.count <= 1 else { throw Wrong("'\(part)' is no report") }
      reports.append(
        KqueueReport(
          fd(String(part[..<space])), first == "READ" ? .read : .write, isEnd: isEnd,
          error: error))
    }
    return reports
  }

  /// `listener IN, socket OUT|HUP`, or `nothing`.
  private mutating func bits(_ text: String) throws(Wrong) -> [Int32: UInt32] {
    if text == "nothing" { return [:] }
    var ready: [Int32: UInt32] = [:]
    for part in text.split(separator: ", ") {
      guard let space = part.lastIndex(of: " ") else {
        throw Wrong("'\(part)' is no descriptor with its events")
      }
      var events: UInt32 = 0
      for word in part[space...].dropFirst().split(separator: "|") {
        let known = eventBits.first { $0.1 == word }?.0
        guard let bit = known ?? UInt32(word.dropFirst(2), radix: 16) else {
          throw Wrong("'\(word)' is no event")
        }
        events |= bit
      }
      ready[fd(String(part[..<space]))] = events
    }
    return ready
  }
}
