// What transports, servers and stream readers do with what they get. It knows their
// files.

import CLibrary
import EventLoops
import Recording
import Simulation
import Sockets
import Telling

extension Situation {
  /// After an answer of the kernel to a server or a transport.
  func served(_ next: Step) -> Draft? {
    guard let last, case .call(let call, let answer) = last.event, let running else {
      return nil
    }
    let back = StepEvent.loop(.handleFinished(running, error: nil))
    switch (last.file, call, answer) {
    case ("Transports/AcceptConnection.swift", .accept(let fd), .descriptor(let new, _)):
      guard case .loop(.taskCreated) = next.event else { return nil }
      let watch = SystemCall.epollControl(epoll: 0, .add, fd: new, events: 1)
      return Draft(
        "served", nil,
        [
          Wrong(
            event: .call(watch, .done),
            reason: "\(name(new)) has no transport yet; it gets one in a later turn"),
          Wrong(
            event: back,
            reason: "\(name(new)) has no owner yet: nobody would ever close it"),
          Wrong(
            event: removal(of: fd),
            reason: "a server waits for the next client, too"),
        ])
    case ("Transports/AcceptConnection.swift", .accept(let fd), .error(EAGAIN)):
      guard next.event == back else { return nil }
      return Draft(
        "all served", nil,
        [
          Wrong(event: last.event, reason: "it has just said that nobody is left"),
          Wrong(
            event: removal(of: fd),
            reason: "a server waits for the next client, too"),
        ])
    case (
      "Transports/SocketTransport+Reading.swift", .recv(let fd, _), .number(let some)
    ):
      guard case .loop(.protocolCalled(let transport, let what)) = next.event,
        what.hasPrefix(some > 0 ? "dataReceived" : "eofReceived")
      else { return nil }
      return received(some, transport, fd, again: last.event, back: back)
    default: return nil
    }
  }

  private func received(
    _ some: Int, _ transport: Name, _ fd: Int32, again: StepEvent, back: StepEvent
  ) -> Draft {
    func call(_ what: String) -> StepEvent { .loop(.protocolCalled(transport, what)) }
    if some == 0 {
      return Draft(
        "end", nil,
        [
          Wrong(
            event: call("connectionLost"),
            reason: "the other end sends no more, but it may still read: first the "
              + "protocol is asked"),
          Wrong(event: again, reason: "it would say 0 bytes again, and for ever"),
          Wrong(
            event: .call(.close(fd: fd), .done),
            reason: "the protocol may have an answer to send: it is asked first"),
        ])
    }
    return Draft(
      "data", nil,
      [
        Wrong(
          event: again,
          reason: "one receive a turn: what is left is reported again, and the others "
            + "want their turn"),
        Wrong(
          event: call("eofReceived"),
          reason: "\(count(some, "byte")) came; the end would be 0 bytes"),
        Wrong(event: back, reason: "nobody has got the bytes yet"),
      ])
  }

  /// A transport's buffer has grown or shrunk: do the water marks say something?
  func flow(_ next: Step) -> Draft? {
    guard case .loop(.transportChanged(let new)) = last?.event,
      let old = before.transports.first(where: { $0.name.id == new.name.id }),
      let running
    else { return nil }
    var paused = new
    paused.isWritingPaused.toggle()
    let back = StepEvent.loop(.handleFinished(running, error: nil))
    func call(_ what: String) -> StepEvent { .loop(.protocolCalled(new.name, what)) }
    let buffered = count(new.bufferSize, "byte")
    if new.bufferSize > old.bufferSize, new.bufferSize > new.high, !new.isWritingPaused
    {
      guard next.event == .loop(.transportChanged(paused)) else { return nil }
      return Draft(
        "above high", .init(file: "Transports/FlowControl.swift", code: "<= highWater"),
        [
          state.runningTask.map {
            Wrong(
              event: .loop(.taskSuspended($0, on: nil)),
              reason: "write never waits; it is drain that does")
          } ?? Wrong(event: back, reason: "\(buffered) are more than \(new.high)"),
          Wrong(
            event: .call(
              .send(fd: new.fd, count: new.bufferSize), .number(new.bufferSize)),
            reason: "what is in the buffer leaves by writeReady, when the kernel says "
              + "that it has room"),
          Wrong(
            event: call("resumeWriting"),
            reason: "that comes when the buffer is down to \(count(new.low, "byte"))"),
        ])
    }
    guard new.bufferSize < old.bufferSize, new.isWritingPaused, !new.isLost else {
      return nil
    }
    let removal = Wrong(
      event: removal(of: new.fd),
      reason: new.bufferSize > 0
        ? "\(buffered) are still to be sent"
        : "first the protocol may go on: it may write again")
    if new.bufferSize <= new.low {
      guard next.event == .loop(.transportChanged(paused)) else { return nil }
      return Draft(
        "below low", .init(file: "Transports/FlowControl.swift", code: "> lowWater"),
        [
          removal,
          Wrong(
            event: back,
            reason: "the protocol was told to pause, and nobody else tells it to go on"),
          Wrong(
            event: call("connectionLost"),
            reason: "before that the protocol may go on; pause and resume take turns"),
        ])
    }
    guard next.event == back else { return nil }
    return Draft(
      "between the marks",
      .init(file: "Transports/FlowControl.swift", code: "> lowWater"),
      [
        Wrong(
          event: .loop(.transportChanged(paused)),
          reason: "\(buffered) are more than the low water mark, \(new.low)"),
        removal,
        Wrong(event: call("resumeWriting"), reason: "\(buffered) are above \(new.low)"),
      ])
  }
}
