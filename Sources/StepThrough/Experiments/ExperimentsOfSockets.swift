// The operations on sockets: accept, connect, receive, send.

extension Experiment {
  static let ofAccept: [Experiment] = [
    Experiment(
      "accept.done-first", "if future.done() { return }", in: "SockAcceptTests",
      .fails(
        test: "A2 nobody is accepted for a task that has left",
        words: "the script is over, but the program calls accept(fd: 5)"),
      .parts(
        trace: "scar A2", step: 96,
        words:
          "accept4(listener) → connection 1: a client from 127.0.0.1, the one that waited longest"
      )),
    Experiment(
      "accept.try/eintr",
      "} catch let error as SystemError where error.wouldBlock || error.interrupted {",
      "} catch let error as SystemError where error.wouldBlock {",
      in: "SockAcceptTests",
      .fails(
        test: "EINTR is not yet, like EAGAIN",
        words: "Caught error: accept: EINTR (Interrupted system call)")),
    Experiment(
      "accept.would-block", "try ensureFree(fd, .read, for: future)",
      in: "SockAcceptTests",
      .fails(
        test: "A3 a second accept on one listener is refused, the first goes on",
        words: "expected error of type RuntimeError, but \"Task-2 has no result yet\"")),
    Experiment(
      "accept.clean-up",
      """
      future.addDoneCallback("sockReadDone") { [self] _ in
        try sockReadDone(fd, handle)
      }
      """, in: "SockAcceptTests",
      .fails(
        test: "A1 a cancelled accept leaves no reader behind",
        words: "(stage.ready → [\"wake-up of Task-1\"]) == [\"sockReadDone\", "),
      .parts(
        trace: "accept", step: 23,
        words: "When Future-1 settles, wake-up of Task-1 is to be queued")),
    Experiment(
      "accept.error", "try future.setException(error)", "throw error",
      in: "SockAcceptTests",
      .fails(
        test: "a real error reaches the caller, at once or later",
        words: "the script is over, and the program sleeps without limit"),
      .parts(trace: "accept-error", step: 12, words: "The program catches EMFILE")),
    Experiment(
      "owners.ensure-free", "if handle.owner === newcomer { continue }", "continue",
      in: "SockAcceptTests",
      .fails(
        test: "A3 a second accept on one listener is refused, the first goes on",
        words: "expected error of type RuntimeError, but \"Task-2 has no result yet\"")),
  ]

  static let ofConnect: [Experiment] = [
    Experiment(
      "connect.resolve-first",
      "let found = try await ensureResolved(host, port, socket.family, socket.type)",
      "let found = try await getaddrinfo(host, port: port, family: socket.family)",
      in: "SockConnectTests",
      .fails(
        test: "an address in digits never asks the resolver",
        words: "\"Task-1 has no result yet\" of type InvalidStateError")),
    Experiment(
      "connect.one-future", "try sockConnectStart(future, socket, address)",
      "try callSoon { [self] in try sockConnectStart(future, socket, address) }",
      in: "SockConnectTests",
      .fails(
        test: "C5 when the cancelled task goes on, its writer is gone",
        words: "(stage.ready → [\"callback\", \"wake-up of Task-1\"])"),
      .parts(trace: "connect", step: 16, words: "callback is queued, first in line")),
    Experiment(
      "connect.in-progress", "try sockConnectDone(future, socket, address)",
      "try sockConnectStart(future, socket, address)", in: "SockConnectTests",
      .fails(test: "EINPROGRESS, step by step", words: "the script expects getsockopt"),
      .fails(
        test: "C3 after EINTR nobody connects a second time",
        words: "the program calls connect(fd: 5, 127.0.0.1:9006)"),
      .parts(
        trace: "connect", step: 28, words: "connect(client, 127.0.0.1) → 0: connected")),
    Experiment(
      "connect.clean-up",
      """
      future.addDoneCallback("sockWriteDone") { [self] _ in
        try sockWriteDone(fd, handle)
      }
      """, in: "SockConnectTests",
      .fails(
        test: "C1 a cancelled connect leaves no writer for the number's next owner",
        words: "(first.cancelled() → true) && (writer.cancelled() → false)"),
      .parts(
        trace: "connect-cancelled", step: 29,
        words: "When Future-1 settles, wake-up of Task-2 is to be queued")),
    Experiment(
      "connect.done", "if future.done() { return }", in: "SockConnectTests",
      .fails(
        test: "C4 an event that is delivered twice settles once",
        words: "the script is over, but the program calls getsockopt")),
    Experiment(
      "connect.done/outer",
      """
      } catch let error as SystemError {
        try future.setException(error)
      }
      """, "}", in: "SockConnectTests",
      .fails(
        test: "C6 a completion that fails itself still settles the connect",
        words: "the script is over, and the program sleeps without limit")
    ),
  ]

  static let ofRecvAndSendall: [Experiment] = [
    Experiment(
      "waiting.read-done",
      "if !handle.cancelled() { _ = try remove(.read, watching: fd, CallSite()) }",
      "_ = try remove(.read, watching: fd, CallSite())", in: "SockRecvAndSendallTests",
      .fails(
        test: "R2 SOCK-09 the late clean-up leaves the retry its reader",
        words: "not called: [Simulation.SystemCall.recv(fd: 5, limit: 9)]"),
      .parts(
        trace: "accept-again", step: 39,
        words: "The selector will watch listener no more")),
    Experiment(
      "recv.wait",
      """
      future.addDoneCallback("sockReadDone") { [self] _ in
        try sockReadDone(fd, handle)
      }
      """, in: "SockRecvAndSendallTests",
      .fails(
        test: "R1 a cancelled recv leaves no reader behind",
        words: "(task.cancelled() → true) && (reader.cancelled() → false)"),
      .parts(
        trace: "recv", step: 20,
        words: "When Future-1 settles, wake-up of Task-1 is to be queued")),
    Experiment(
      "recv.step", "if future.done() { return }", in: "SockRecvAndSendallTests",
      .fails(
        test: "R3 no byte is taken for a task that has left",
        words: "the script is over, but the program calls recv(fd: 5, limit: 9)")),
    Experiment(
      "sendall.try-first", "if sent == bytes.count { return }",
      in: "SockRecvAndSendallTests",
      .fails(
        test: "SOCK-05 what fits, or nothing, costs no suspension",
        words: "\"Task-1 has no result yet\" of type InvalidStateError"),
      .parts(
        trace: "chat", step: 88,
        words: "Future-4 is made: the place for a result that is not there yet")),
    Experiment(
      "sendall.step/half",
      "if rest.position == rest.bytes.count { try future.setResult(()) }",
      "try future.setResult(())", in: "SockRecvAndSendallTests",
      .fails(
        test: "ten bytes in four pieces, step by step",
        words: "(future.doneCallbacks.count → 0) == 2"),
      .parts(
        trace: "sendall-partial", step: 29,
        words: "Future-1 has its result; next it queues its 2 callbacks")),
    Experiment(
      "sendall.step", "if future.done() { return }", in: "SockRecvAndSendallTests",
      .fails(
        test: "a cancelled sendall sends nothing more, and leaves no writer behind",
        words: "the script is over, but the program calls send(fd: 5, count: 3)")),
  ]
}
