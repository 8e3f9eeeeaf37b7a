// What the kernel must answer, as far as it is known what it keeps for us. If somebody
// outside does something meanwhile, it says something else, and then nothing is asked.

import CLibrary
import EventLoops
import Recording
import Simulation
import Sockets
import Telling

extension Situation {
  /// A call whose answer follows from what the kernel keeps.
  func answered(_ next: Step) -> Draft? {
    guard case .call(let call, let answer) = next.event else { return nil }
    return switch call {
    case .accept(let fd): accepted(call, answer, socket(fd))
    case .recv(let fd, let limit) where limit > 0:
      received(call, answer, socket(fd), limit)
    case .epollWait(_, 0): polled(call, answer)
    default: nil
    }
  }

  private func socket(_ fd: Int32) -> LoopState.SocketState? {
    state.sockets.first { $0.descriptor == fd }
  }

  private func accepted(
    _ call: SystemCall, _ answer: SystemAnswer, _ socket: LoopState.SocketState?
  ) -> Draft? {
    guard let socket, case .listening = socket.condition,
      let waiting = socket.facts.backlog
    else { return nil }
    let listener = name(socket.descriptor)
    let later = state.runningTask.flatMap { task in
      goal.map {
        Wrong(
          event: .loop(.taskSuspended(task, on: $0)),
          reason: "first it tries: only the kernel knows whether somebody waits")
      }
    }
    let back =
      state.runningTask != nil
      ? nil
      : running.map {
        Wrong(
          event: .loop(.handleFinished($0, error: nil)),
          reason: waiting > 0
            ? "it was called to try, and has not asked the kernel"
            : "it does not know yet that nobody is left: the kernel has to say so")
      }
    let early = running.flatMap { goals[$0.id] }.map {
      Wrong(
        event: .loop(.futureSettled($0, .result)),
        reason: "that \(listener) is readable is no connection yet: the kernel has to "
          + "be asked for it")
    }
    if waiting > 0 {
      guard case .descriptor = answer else { return nil }
      return Draft(
        "accept", nil,
        [
          Wrong(
            event: .call(call, .error(EAGAIN)),
            reason:
              "\(count(waiting, "client")) stand\(waiting == 1 ? "s" : "") in the "
              + "backlog of \(listener)"),
          early, later, back,
        ])
    }
    guard answer == .error(EAGAIN) else { return nil }
    return Draft(
      "no client", nil,
      [
        Wrong(
          event: aClient(on: socket.descriptor),
          reason: "nobody stands in the backlog of \(listener)"),
        later, back,
      ])
  }

  /// A listener gives a connection that there is not.
  func aClient(on listener: Int32) -> StepEvent {
    let new = (state.sockets.map(\.descriptor).max() ?? 0) + 100
    let peer = try? SocketAddress("127.0.0.1", port: 1)
    return .call(.accept(fd: listener), .descriptor(new, peer))
  }

  private func received(
    _ call: SystemCall, _ answer: SystemAnswer, _ socket: LoopState.SocketState?,
    _ limit: Int
  ) -> Draft? {
    guard let socket, socket.isNonBlocking, let there = socket.facts.received else {
      return nil
    }
    switch socket.condition {
    case .connected, .adopted, .halfClosed: break
    default: return nil
    }
    let (peer, isEnded) = (name(socket.descriptor), socket.facts.isEnded)
    let right: SystemAnswer =
      there > 0 ? .number(min(there, limit)) : isEnded ? .number(0) : .error(EAGAIN)
    guard answer == right else { return nil }
    func wrong(_ answer: SystemAnswer, _ reason: String) -> Wrong? {
      answer == right ? nil : Wrong(event: .call(call, answer), reason: reason)
    }
    return Draft(
      there > 0 ? "bytes" : isEnded ? "no more bytes" : "no bytes", nil,
      [
        wrong(
          .error(EAGAIN),
          there > 0
            ? "\(count(there, "byte")) of \(peer) are there to be fetched"
            : "the other end has finished: nobody has to wait to be told so"),
        wrong(
          .number(0),
          there > 0
            ? "0 bytes mean the end, and first come the bytes that are there"
            : "0 bytes would be the end, and the other end has not finished"),
        there < limit
          ? wrong(
            .number(limit),
            "there is room for \(count(limit, "byte")), but "
              + (there > 0 ? "only \(there) have come" : "none has come")) : nil,
      ])
  }

  /// The kernel's list is asked without a wait.
  private func polled(_ call: SystemCall, _ answer: SystemAnswer) -> Draft? {
    let watched = state.sockets.filter { $0.watched != nil && $0.condition != .counter }
    guard let first = watched.first else { return nil }
    var ready: [Int32: UInt32] = [:]
    for socket in watched {
      guard let bits = bits(socket) else { return nil }
      if bits != 0 { ready[socket.descriptor] = bits }
    }
    guard answer == .ready(ready) else { return nil }
    func wrong(_ ready: [Int32: UInt32], _ reason: String) -> Wrong {
      Wrong(event: .call(call, .ready(ready)), reason: reason)
    }
    guard let (fd, bits) = ready.min(by: { $0.key < $1.key }) else {
      let peer = name(first.descriptor)
      return Draft(
        "quiet", nil,
        [
          wrong(
            [first.descriptor: first.watched!],
            "nothing has come for \(peer) that nobody has fetched"),
          wrong(
            [first.descriptor: first.watched! == 1 ? 4 : 1],
            "for that \(peer) is not on the list"),
        ])
    }
    let other: UInt32 = bits == 1 ? 4 : 1
    return Draft(
      "still ready",
      .init(file: "Selectors/EpollSelector.swift", code: "kernel.epollWait("),
      [
        wrong(
          [:],
          "\(name(fd)) is on the list, and what it is ready for is still so: epoll says "
            + "it again in every turn"),
        (socket(fd)?.watched ?? 0) & other == 0
          ? wrong([fd: other], "for that \(name(fd)) is not on the list") : nil,
        (socket(fd)?.watched ?? 0) & other == 0
          ? wrong([fd: 5], "\(name(fd)) is on the list for one of the two only") : nil,
      ])
  }

  /// What a descriptor on the list is ready for; `nil` if nobody can know.
  private func bits(_ socket: LoopState.SocketState) -> UInt32? {
    let (watched, facts) = (socket.watched ?? 0, socket.facts)
    switch socket.condition {
    case .listening:
      guard let backlog = facts.backlog else { return nil }
      return backlog > 0 ? watched & 1 : 0
    case .connected, .adopted, .halfClosed:
      guard let received = facts.received else { return nil }
      if watched & 4 != 0 && facts.unsent != 0 { return nil }
      return (received > 0 || facts.isEnded ? watched & 1 : 0) | watched & 4
    default: return nil
    }
  }
}
