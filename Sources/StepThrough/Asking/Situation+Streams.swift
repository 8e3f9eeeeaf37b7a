// The life of a transport, and the way of bytes into a stream reader.

import EventLoops
import Recording
import Simulation
import Sockets
import Telling

extension Situation {
  /// The first and the last call that a transport makes to its protocol.
  func lived(_ next: Step) -> Draft? {
    guard case .loop(.handleRun(let handle)) = last?.event,
      case .loop(.protocolCalled(let name, let what)) = next.event,
      let transport = state.transports.first(where: { $0.name.id == name.id })
    else { return nil }
    let back = StepEvent.loop(.handleFinished(handle, error: nil))
    switch handle.label.prefix(while: \.isLetter) {
    case "connectionMade" where what == "connectionMade":
      let watch = SystemCall.epollControl(
        epoll: 0, .add, fd: transport.fd, events: 1)
      return Draft(
        "birth", nil,
        [
          Wrong(
            event: .call(watch, .done),
            reason: "that is addReader's work, and it stands behind: bytes come to a "
              + "protocol that has met its transport"),
          waiting().map { task, _ in
            Wrong(
              event: .loop(.taskStepBegun(task)),
              reason: "\(task.label) hears last that there is a connection")
          },
          Wrong(event: back, reason: "the protocol has not met its transport yet"),
        ])
    case "callConnectionLost" where what.hasPrefix("connectionLost"):
      return Draft(
        "last word", nil,
        [
          Wrong(
            event: .call(.close(fd: transport.fd), .done),
            reason: "first the protocol hears the last word; then the descriptor is "
              + "given back, even if the protocol throws"),
          Wrong(event: back, reason: "the protocol has not heard of it yet"),
          Wrong(
            event: .loop(.protocolCalled(name, "eofReceived")),
            reason: "it is over, and not only what comes"),
        ])
    default: return nil
    }
  }

  /// A transport is closing: what leaves first, and when is the last word?
  func closing(_ next: Step) -> Draft? {
    guard case .loop(.transportChanged(let new)) = last?.event, new.isClosing,
      let old = before.transports.first(where: { $0.name.id == new.name.id }),
      !old.isClosing, old.isReading
    else { return nil }
    switch next.event {
    case .call(.epollControl(_, _, new.fd, _), _), .loop(.unregistered(new.fd)): break
    default: return nil
    }
    let rest = count(new.bufferSize, "byte")
    var lost = new
    lost.isLost = true
    return Draft(
      "closing",
      .init(file: "Transports/SocketTransport+Closing.swift", code: "removeReader()"),
      [
        Wrong(
          event: .loop(.protocolCalled(new.name, "connectionLost")),
          reason: new.bufferSize > 0
            ? "\(rest) are still to leave" : "that is queued, and has a turn of its own"
        ),
        Wrong(
          event: .call(.close(fd: new.fd), .done),
          reason: "the descriptor is given back behind connectionLost"),
        Wrong(
          event: .loop(.transportChanged(lost)),
          reason: "first reading ends, what was written leaves, and the protocol hears "
            + "of it"),
      ])
  }

  /// Bytes have come to the protocol of a stream: they go into its reader.
  func poured(_ next: Step) -> Draft? {
    guard case .loop(.protocolCalled(_, let what)) = last?.event,
      what.hasPrefix("dataReceived"), let running,
      case .loop(.readerChanged(let new)) = next.event,
      let old = state.readers.first(where: { $0.name.id == new.name.id }),
      new.bufferSize > old.bufferSize
    else { return nil }
    return Draft(
      "into the reader", nil,
      [
        old.waiter.map {
          Wrong(
            event: .loop(.futureSettled($0, .result)),
            reason: "who is woken looks into the buffer: the bytes go there first")
        },
        (old.waiter.flatMap { waiting(for: $0) } ?? waiting()).map { task, _ in
          Wrong(
            event: .loop(.taskStepBegun(task)),
            reason: "\(task.label) runs when its wake-up has its turn")
        },
        Wrong(
          event: .loop(.handleFinished(running, error: nil)),
          reason: "the bytes would be lost"),
      ])
  }

  /// The reader has more than it may: the tap is turned off.
  func full(_ next: Step) -> Draft? {
    guard let running, case .loop(.transportChanged(let new)) = next.event,
      let old = state.transports.first(where: { $0.name.id == new.name.id }),
      old.isReading, !new.isReading, !new.isClosing,
      let reader = state.readers.first(where: {
        !$0.hasPaused && $0.bufferSize - $0.limit > $0.limit
      }), case .loop(let event) = last?.event
    else { return nil }
    switch event {
    case .handleQueued, .readerChanged: break
    default: return nil
    }
    let stock = count(reader.bufferSize, "byte")
    return Draft(
      "too much",
      .init(file: "Streams/StreamReader.swift", code: "buffer.count - limit > limit"),
      [
        Wrong(
          event: .loop(.handleFinished(running, error: nil)),
          reason: "\(stock) are more than twice the limit, \(reader.limit)"),
        Wrong(
          event: .call(.recv(fd: old.fd, limit: 262_144), .number(1)),
          reason: "one receive a turn, and \(stock) are too much already"),
        waiting().map { task, _ in
          Wrong(
            event: .loop(.taskStepBegun(task)),
            reason: "\(task.label) runs when its wake-up has its turn")
        },
      ])
  }

  /// The protocol of a stream may write again: whoever waits in `drain` is told.
  func resumed(_ next: Step) -> Draft? {
    guard case .loop(.protocolCalled(let name, "resumeWriting")) = last?.event,
      case .loop(.futureSettled(let future, .result)) = next.event,
      next.file.hasPrefix("Streams/"), let (task, _) = waiting(for: future),
      let transport = state.transports.first(where: { $0.name.id == name.id })
    else { return nil }
    return Draft(
      "drain is over", nil,
      [
        Wrong(
          event: .loop(.taskStepBegun(task)),
          reason:
            "\(task.label) waits for \(future.label), and runs on when its wake-up "
            + "has its turn"),
        Wrong(
          event: removal(of: transport.fd),
          reason: "first \(task.label), which waits in drain, is told"),
        running.map {
          Wrong(
            event: .loop(.handleFinished($0, error: nil)),
            reason: "\(task.label) waits in drain for just this")
        },
      ])
  }

  /// A stream reader has got something: somebody may wait for it, or it is too much.
  func fed(_ next: Step) -> Draft? {
    guard case .loop(.readerChanged(let new)) = last?.event, let running,
      let old = before.readers.first(where: { $0.name.id == new.name.id }),
      new.bufferSize > old.bufferSize, let waiter = new.waiter
    else { return nil }
    var woken = new
    woken.waiter = nil
    guard next.event == .loop(.readerChanged(woken)) else { return nil }
    var taken = new
    taken.bufferSize = 0
    let reader = new.name.label
    return Draft(
      "fed",
      .init(file: "Streams/StreamReader.swift", code: "try wakeupWaiter()"),
      [
        waiting(for: waiter).map { task, _ in
          Wrong(
            event: .loop(.taskStepBegun(task)),
            reason: "\(task.label) runs on when its wake-up has its turn: while one "
              + "callback runs, no other code does")
        },
        Wrong(
          event: .loop(.readerChanged(taken)),
          reason: "the bytes stay in \(reader) until the program takes them itself"),
        Wrong(
          event: .loop(.handleFinished(running, error: nil)),
          reason:
            "somebody waits for \(waiter.label), and hears that there is something"),
      ])
  }
}
