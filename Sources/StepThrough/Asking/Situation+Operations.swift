// What the operations on sockets do with an answer of the kernel. It knows their files:
// of code that is not ours nobody here knows what it does next.

import CLibrary
import EventLoops
import Recording
import Selectors
import Simulation
import Sockets
import Telling

extension Situation {
  /// A clean-up runs: it takes its own reader away, or finds it replaced.
  func cleaned(_ next: Step) -> Draft? {
    guard case .loop(.handleRun(let handle)) = last?.event,
      let watch = cleanUps[handle.id]
    else { return nil }
    let place = Draft.Place(
      file: "SocketOperations/Waiting.swift",
      code: "remove(.\(watch.side == .read ? "read" : "write"), watching: fd")
    let (own, socket) = (watch.handle.label, name(watch.fd))
    let behind = state.ready.first.map {
      Wrong(
        event: .loop(.handleRun($0.handle)),
        reason: "\(handle.label) has not returned, and one runs at a time")
    }
    let nothing = StepEvent.loop(.handleFinished(handle, error: nil))
    if state.cancelled.contains(watch.handle.id) {
      guard next.event == nothing else { return nil }
      let other = watches(on: watch.fd).first { $0.side == watch.side }
      return Draft(
        "stale clean-up", place,
        [
          Wrong(
            event: removal(of: watch.fd),
            reason: other.map {
              "what is registered by now is \($0.handle.label); \(handle.label) looks "
                + "for \(own), and that is cancelled"
            } ?? "\(own) is cancelled: there is nothing left to take away"),
          other.map {
            Wrong(
              event: .loop(.handleCancelled($0.handle)),
              reason: "\($0.handle.label) is somebody else's; \(handle.label) goes by "
                + "its handle, and not by the descriptor")
          },
          behind,
        ])
    }
    guard isRemoval(next.event, watch.fd) else { return nil }
    return Draft(
      "clean-up", place,
      [
        Wrong(event: nothing, reason: "\(own) is still registered for \(socket)"),
        Wrong(
          event: .call(.close(fd: watch.fd), .done),
          reason: "only the reader or writer goes; \(socket) belongs to the program"),
        behind,
      ])
  }

  private func isRemoval(_ event: StepEvent, _ fd: Int32) -> Bool {
    switch event {
    case .call(.epollControl(_, let change, fd, _), _): change != .add
    case .loop(.unregistered(fd)): true
    default: false
    }
  }

  /// A step is called, and what it works for is settled already.
  func late(_ next: Step) -> Draft? {
    guard case .loop(.handleRun(let handle)) = last?.event, let goal = goals[handle.id],
      state.futures.contains(where: { $0.name.id == goal.id && $0.outcome != nil }),
      next.event == .loop(.handleFinished(handle, error: nil)),
      let watch = cleanUps.values.first(where: { $0.handle.id == handle.id })
    else { return nil }
    let file =
      switch handle.label.prefix(while: \.isLetter) {
      case "sockAcceptStep": "SockAccept"
      case "sockConnectDone": "SockConnect"
      case "sockRecvStep": "SockRecv"
      case "sockSendallStep": "SockSendall"
      default: ""
      }
    return Draft(
      "late", .init(file: "SocketOperations/\(file).swift", code: "if future.done()"),
      [
        attempt(file, watch.fd).map {
          Wrong(
            event: $0,
            reason: "\(goal.label) is settled: nobody would get what comes of it")
        },
        Wrong(
          event: removal(of: watch.fd),
          reason: "that is the work of the clean-up, and it has its own turn"),
        Wrong(
          event: .loop(.futureSettled(goal, .result)),
          reason: "\(goal.label) is settled, and is so once"),
      ])
  }

  private func attempt(_ file: String, _ fd: Int32) -> StepEvent? {
    switch file {
    case "SockAccept":
      state.sockets.contains { $0.descriptor == fd && ($0.facts.backlog ?? 0) > 0 }
        ? aClient(on: fd) : .call(.accept(fd: fd), .error(EAGAIN))
    case "SockConnect": .call(.getsockopt(fd: fd, .error), .number(0))
    case "SockRecv": .call(.recv(fd: fd, limit: 1024), .error(EAGAIN))
    default: nil
    }
  }

  /// A reader has taken another one's place: that one is called off.
  func replaced(_ next: Step) -> Draft? {
    guard case .loop(.modified(let entry)) = last?.event,
      let old = before.registrations.first(where: { $0.fd == entry.fd })
    else { return nil }
    let pairs = [(old.reader, entry.reader), (old.writer, entry.writer)]
    guard
      case let (gone?, new?)? = pairs.first(where: { $0.0 != nil && $0.0 != $0.1 }),
      next.event == .loop(.handleCancelled(gone))
    else { return nil }
    return Draft(
      "replaced", nil,
      [
        Wrong(
          event: .loop(.handleQueued(new)),
          reason: "\(new.label) is queued when the selector reports \(name(entry.fd))"),
        Wrong(
          event: .loop(.unregistered(fd: entry.fd)),
          reason: "\(name(entry.fd)) stays on the list; who is called is another one"),
        running.map {
          Wrong(
            event: .loop(.handleFinished($0, error: nil)),
            reason: "\(gone.label) is registered nowhere any more, and could still run")
        },
      ])
  }

  /// After an answer of the kernel: what the operation makes of it.
  func reaction(_ next: Step) -> Draft? {
    guard let last, case .call(let call, let answer) = last.event else { return nil }
    switch (last.file, call) {
    case ("SocketOperations/SockAccept.swift", .accept(let fd)),
      ("SocketOperations/SockConnect.swift", .connect(let fd, _)):
      if case .error(let error) = answer { return begun(next, fd, error) }
      return success(next, fd)
    case ("SocketOperations/SockRecv.swift", .recv(let fd, _)):
      if answer == .error(EAGAIN) { return tooEarly(next, fd) }
      return state.runningTask == nil ? success(next, fd) : nil
    case ("SocketOperations/SockSendall.swift", .send(let fd, let all)):
      guard case .number(let some) = answer else { return tooEarly(next, fd) }
      if some < all { return tooEarly(next, fd, rest: all - some) }
      return state.runningTask == nil ? success(next, fd) : nil
    case ("SocketOperations/SockConnect.swift", .getsockopt(let fd, .error)):
      guard case .number(let error) = answer else { return nil }
      return outcome(next, fd, Int32(error))
    default: return served(next)
    }
  }

  /// The same call once more.
  private func again(_ reason: String) -> Wrong? {
    last.map { Wrong(event: $0.event, reason: reason) }
  }

  /// "Not now", or "it has begun", at an accept or a connect: register, and wait.
  private func begun(_ next: Step, _ fd: Int32, _ error: Int32) -> Draft? {
    guard [EAGAIN, EINPROGRESS].contains(error), let goal, isWatching(next.event, fd)
    else { return nil }
    let isAccept = error == EAGAIN
    let name = SystemError(error, in: isAccept ? "accept" : "connect")
    return Draft(
      name.name, nil,
      [
        again(
          isAccept
            ? "it would say the same again and again, and nobody else would have a turn"
            : "a handshake is begun once; it goes on by itself"),
        Wrong(
          event: .loop(.futureSettled(goal, .exception("\(name)"))),
          reason: isAccept
            ? "\(name.name) is no failure: it says \"not now\", and \(goal.label) stays "
              + "pending" : "\(name.name) is no failure: the handshake has begun"),
        state.runningTask.map {
          Wrong(
            event: .loop(.taskSuspended($0, on: goal)),
            reason: "first somebody has to be registered who will settle "
              + goal.label)
        }
          ?? running.map {
            Wrong(
              event: .loop(.handleFinished($0, error: nil)),
              reason: "the first attempt and every later one are the same function: it "
                + "registers anew")
          },
      ])
  }

  private func isWatching(_ event: StepEvent, _ fd: Int32) -> Bool {
    switch event {
    case .call(.epollControl(_, let change, fd, _), _): change != .delete
    case .loop(.registered(let entry)), .loop(.modified(let entry)): entry.fd == fd
    default: false
    }
  }

  /// It has worked: the future gets its result.
  private func success(_ next: Step, _ fd: Int32) -> Draft? {
    guard let goal, next.event == .loop(.futureSettled(goal, .result)) else {
      return nil
    }
    return Draft(
      "success", nil,
      [
        waiting(for: goal).map { task, _ in
          Wrong(
            event: .loop(.taskStepBegun(task)),
            reason: "\(task.label) runs on when its wake-up has its turn, and that is "
              + "not even queued")
        },
        watches(on: fd).first.map {
          Wrong(
            event: removal(of: $0.fd),
            reason: "that is the work of the clean-up, which stands on "
              + "\(goal.label)'s list")
        },
        again("there is what was asked for, and \(goal.label) holds one result"),
        state.runningTask.map {
          Wrong(
            event: .loop(.taskSuspended($0, on: goal)),
            reason: "there is nothing to wait for: \(goal.label) can have its result")
        },
      ])
  }

  /// Nothing there, or no room for the rest, at a receive or a send. At first a future
  /// is made to wait for; from then on everything is in its place.
  private func tooEarly(_ next: Step, _ fd: Int32, rest: Int? = nil) -> Draft? {
    guard let running else { return nil }
    let retry =
      rest.map {
        Wrong(
          event: .call(.send(fd: fd, count: $0), .number($0)),
          reason: "the kernel has just said that it has no room for those")
      }
      ?? again(
        "it would say the same again and again, and nobody else would have a turn")
    if let task = state.runningTask {
      guard case .loop(.futureCreated) = next.event else { return nil }
      return Draft(
        "too early", nil,
        [
          retry,
          Wrong(
            event: .loop(.taskFinished(task)),
            reason: "the program does not hear of it: the operation goes on"),
          Wrong(
            event: .loop(.handleFinished(running, error: nil)),
            reason:
              "\(task.label) has not suspended yet, and there is nothing yet that "
              + "would wake it"),
        ])
    }
    guard let goal, next.event == .loop(.handleFinished(running, error: nil)) else {
      return nil
    }
    return Draft(
      "still too early", nil,
      [
        retry,
        Wrong(
          event: .loop(.futureSettled(goal, .result)),
          reason: rest.map { "\(count($0, "byte")) are still to be sent" }
            ?? "nothing has come"),
        Wrong(
          event: removal(of: fd),
          reason: "\(running.label) stays registered, and is called again"),
      ])
  }

  /// What became of the handshake.
  private func outcome(_ next: Step, _ fd: Int32, _ error: Int32) -> Draft? {
    guard let goal, case .loop(.futureSettled(goal, let outcome)) = next.event else {
      return nil
    }
    let isWell = error == 0
    if isWell != (outcome == .result) { return nil }
    let refused = SystemError(ECONNREFUSED, in: "connect")
    let peer: SocketAddress? =
      if case .connecting(let peer) =
        (before.sockets.first { $0.descriptor == fd }?.condition)
      { peer } else { nil }
    return Draft(
      "outcome", nil,
      [
        Wrong(
          event: .loop(
            .futureSettled(goal, isWell ? .exception("\(refused)") : .result)),
          reason: isWell
            ? "SO_ERROR is 0: there was no error"
            : "writable says that the handshake has ended; how, SO_ERROR says"),
        peer.map {
          Wrong(
            event: .call(.connect(fd: fd, $0), .done),
            reason: "a connect cannot be tried again: this handshake has its outcome")
        },
        Wrong(
          event: removal(of: fd),
          reason: "that is the work of the clean-up, which stands on \(goal.label)'s "
            + "list"),
      ])
  }
}
