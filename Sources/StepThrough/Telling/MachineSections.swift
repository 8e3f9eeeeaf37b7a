// The machine in words: made once, here, for the panes of the terminal, for the tables
// in the chapters, and for whoever else shows it. What marks, colours or folds it is
// above.

import EventLoops
package import Recording

/// A part of the machine as a list of short texts.
package struct MachineSection: Sendable {
  /// What stands above it.
  package let title: String
  /// What is in it, in the machine's own order.
  package let items: [Item]
  /// What that order means, in three words: at which end one comes and goes.
  package let order: String?

  /// - Parameters:
  ///   - title: what stands above it.
  ///   - items: what is in it.
  ///   - order: what their order means.
  package init(title: String, items: [Item], order: String? = nil) {
    self.title = title
    self.items = items
    self.order = order
  }

  /// The title of what the programs have printed.
  package static let printed = "Printed"

  /// One thing in it: a handle in the queue, a future, a socket.
  package struct Item: Sendable, Equatable {
    /// What stays the same as long as it is the same thing.
    package let id: String
    /// What it is called.
    package let name: String
    /// What there is to say of it itself; may be empty.
    package let state: String
    /// Of a future, what will be queued when it settles, in order.
    package let callbacks: [String]
    /// Of little interest unless it changes: it goes first when room is short.
    package var isQuiet = false
    /// What it is, for whoever wants to follow it; `nil` for a printed line.
    package var thing: Thing?

    init(
      id: String, name: String, details: String, callbacks: [String] = [],
      isQuiet: Bool = false, thing: Thing? = nil
    ) {
      self.id = id
      self.name = name
      state = details
      self.callbacks = callbacks
      self.isQuiet = isQuiet
      self.thing = thing
    }

    /// Both in one text.
    package var details: String {
      callbacks.isEmpty
        ? state : "\(state); when done: \(callbacks.joined(separator: ", "))"
    }
  }
}

extension LoopState {
  /// The machine, part by part, in an order that never changes: the eye learns where
  /// the queue is, and a step is a change in a place and not a new picture.
  package var sections: [MachineSection] {
    [
      MachineSection(
        title: "Ready queue", items: ready.map(item), order: "↑ leaves, ↓ enters"),
      MachineSection(title: "Selector", items: registrations.map(item)),
      MachineSection(
        title: "Timers", items: timers.map(item), order: "the soonest first"),
      MachineSection(title: "Futures", items: futures.map(item)),
      MachineSection(title: "Tasks", items: tasks.map(item)),
    ] + connections + [
      MachineSection(title: "Kernel", items: sockets.map(item))
    ] + printed
  }

  /// The transports and streams, for the scenarios that have any.
  private var connections: [MachineSection] {
    [
      MachineSection(title: "Transports", items: transports.map(item)),
      MachineSection(title: "Streams", items: readers.map(item)),
    ].filter { !$0.items.isEmpty }
  }

  /// What was printed, for the scenarios whose programs print something.
  private var printed: [MachineSection] {
    if transcript.isEmpty { return [] }
    let items = transcript.enumerated().map {
      MachineSection.Item(id: "\($0.offset)", name: $0.element, details: "")
    }
    return [MachineSection(title: MachineSection.printed, items: items)]
  }

  /// What the loop is doing, in two words.
  package var activity: String {
    let activity =
      switch phase {
      case .outside: "not running yet"
      case .selecting(nil): "in select, no limit"
      case .selecting(0?): "in select, no wait"
      case .selecting(let limit?): "in select, \(seconds(limit))"
      case .betweenCallbacks: "between callbacks"
      case .running(let handle): "runs \(handle.label)"
      }
    return isStopping ? activity + ", the last one" : activity
  }

  private func item(_ entry: Queued) -> MachineSection.Item {
    .init(
      id: "\(entry.ticket)", name: entry.handle.label,
      details: cancelled.contains(entry.handle.id) ? "cancelled" : "",
      thing: .handle(entry.handle.id))
  }

  private func item(_ entry: Registration) -> MachineSection.Item {
    .init(
      id: "\(entry.fd)", name: names[entry.fd] ?? "\(entry.fd)",
      details: callees(entry), isQuiet: isPlumbing(entry.fd),
      thing: .descriptor(entry.fd))
  }

  private func item(_ timer: Timer) -> MachineSection.Item {
    let isCancelled = cancelled.contains(timer.handle.id)
    return .init(
      id: "\(timer.handle.id)", name: timer.handle.label,
      details: "at \(seconds(timer.when))" + (isCancelled ? ", cancelled" : ""),
      thing: .handle(timer.handle.id))
  }

  // An item's id is what two states are compared by, its details what has changed.

  private func item(_ future: FutureState) -> MachineSection.Item {
    .init(
      id: "\(future.name.id)", name: future.name.label,
      details: text(future.outcome) ?? "pending",
      callbacks: future.callbacks.map(\.label), isQuiet: future.outcome != nil,
      thing: .future(future.name.id))
  }

  private func item(_ task: TaskState) -> MachineSection.Item {
    let activity =
      switch task.activity {
      case .queued: "waits for its turn"
      case .running: "running"
      case .waiting(let future): "waits for \(future.label)"
      case .away: "waits outside the loop"
      case .finished: "finished"
      }
    let stop =
      task.isCancelRequested && task.future.outcome == nil ? ", asked to stop" : ""
    return .init(
      id: "\(task.future.name.id)", name: task.future.name.label,
      details: (text(task.future.outcome) ?? activity) + stop,
      callbacks: task.future.callbacks.map(\.label),
      isQuiet: task.future.outcome != nil,
      thing: .future(task.future.name.id))
  }

  private func item(_ reader: ReaderState) -> MachineSection.Item {
    var details = ["\(count(reader.bufferSize, "byte")), limit \(reader.limit)"]
    if let waiter = reader.waiter { details.append("waits for \(waiter.label)") }
    if reader.hasPaused { details.append("transport paused") }
    if let failure = reader.failure { details.append("throws \(failure)") }
    if reader.isAtEnd { details.append("at the end") }
    return .init(
      id: "\(reader.name.id)", name: reader.name.label,
      details: details.joined(separator: ", "), thing: .reader(reader.name.id))
  }

  private func item(_ transport: TransportState) -> MachineSection.Item {
    var details = [names[transport.fd] ?? "\(transport.fd)"]
    if transport.isLost {
      details.append("lost")
    } else {
      details += [
        "buffer \(count(transport.bufferSize, "byte"))",
        "low \(transport.low)", "high \(transport.high)",
        transport.isReading ? "reading" : "not reading",
      ]
      if transport.isWritingPaused { details.append("writing paused") }
      if transport.isClosing { details.append("closing") }
    }
    return .init(
      id: "\(transport.name.id)", name: transport.name.label,
      details: details.joined(separator: ", "), isQuiet: transport.isLost,
      thing: .transport(transport.name.id))
  }

  private func item(_ socket: SocketState) -> MachineSection.Item {
    var details: [String]
    switch socket.condition {
    case .new: details = ["new"]
    case .bound(let address): details = ["bound to \(place(address))"]
    case .listening(_, let room):
      let waiting = socket.facts.backlog ?? 0
      details = [
        "listening",
        waiting == 0 ? "room for \(room)" : "\(waiting) of \(room) wait to be accepted",
      ]
    case .connecting: details = ["connecting"]
    case .connected, .adopted:
      details = [socket.facts.isEnded ? "other end has finished" : "connected"]
    case .halfClosed: details = ["other end has finished"]
    case .epoll: details = ["list of watched descriptors"]
    case .counter: details = ["wakes the loop"]
    }
    if !isPlumbing(socket.descriptor) {
      details.append(socket.isNonBlocking ? "non-blocking" : "blocking")
    }
    if let watched = socket.watched {
      details.append("\(nameOfTheList): \(bits(watched))")
    }
    if let received = socket.facts.received, received > 0 {
      let text = socket.facts.text.map { text in
        received > text.utf8.count ? " “\(text)…”" : " “\(text)”"
      }
      details.append("\(count(received, "byte")) to fetch\(text ?? "")")
    }
    if let unsent = socket.facts.unsent, unsent > 0 {
      details.append("\(count(unsent, "byte")) to send")
    }
    return .init(
      id: "\(socket.descriptor)",
      name: names[socket.descriptor] ?? "\(socket.descriptor)",
      details: details.joined(separator: ", "), isQuiet: isPlumbing(socket.descriptor),
      thing: .descriptor(socket.descriptor))
  }

  /// What the kernel's list is called.
  private var nameOfTheList: String {
    let list = sockets.first { $0.condition == .epoll }
    let name = list.flatMap { names[$0.descriptor] } ?? ""
    return name.hasPrefix("kqueue") ? "kqueue" : "epoll"
  }

  /// The epoll instance and the self-pipe belong to the loop, not to the story.
  private func isPlumbing(_ descriptor: Int32) -> Bool {
    sockets.contains {
      $0.descriptor == descriptor
        && ($0.condition == .epoll || $0.condition == .counter)
    }
  }

  private func text(_ outcome: LoopEvent.Outcome?) -> String? {
    switch outcome {
    case nil: nil
    case .result: "has its result"
    case .exception(let error): "failed: \(error)"
    case .cancelled: "cancelled"
    }
  }
}
