// The operations on sockets: accept, connect, receive, send.

extension Experiment {
  static let ofAccept: [Experiment] = [
    Experiment(
      "accept.done-first", "if future.done() { return }", in: "SockAcceptTests",
      .fails(test: "A2 nobody is accepted for a task that has left", words: "?"),
      .parts(trace: "scar A2", step: 0, words: "?")),
    Experiment(
      "accept.try/eintr",
      "} catch let error as SystemError where error.wouldBlock || error.interrupted {",
      "} catch let error as SystemError where error.wouldBlock {",
      in: "SockAcceptTests",
      .fails(test: "EINTR is not yet, like EAGAIN", words: "?")),
    Experiment(
      "accept.would-block", "try ensureFree(fd, .read, for: future)",
      in: "SockAcceptTests",
      .fails(
        test: "A3 a second accept on one listener is refused, the first goes on",
        words: "?")),
    Experiment(
      "accept.clean-up",
      """
      future.addDoneCallback("sockReadDone") { [self] _ in
        try sockReadDone(fd, handle)
      }
      """, in: "SockAcceptTests",
      .fails(test: "A1 a cancelled accept leaves no reader behind", words: "?"),
      .parts(trace: "accept", step: 23, words: "?")),
    Experiment(
      "accept.error", "try future.setException(error)", "throw error",
      in: "SockAcceptTests",
      .fails(test: "a real error reaches the caller, at once or later", words: "?"),
      .parts(trace: "accept-error", step: 0, words: "?")),
    Experiment(
      "owners.ensure-free",
      """
      if let owner = owners[fd], owner !== newcomer, let claim = owner.claim(on: fd) {
        throw RuntimeError("descriptor \\(fd) belongs to \\(claim)")
      }
      """, in: "SockAcceptTests",
      .fails(
        test:
          "SOCK-18 an accept that has to wait on a transport's descriptor is refused",
        words: "?")),
  ]

  static let ofConnect: [Experiment] = [
    Experiment(
      "connect.resolve-first",
      "let found = try await ensureResolved(host, port, socket.family, socket.type)",
      "let found = try await getaddrinfo(host, port: port, family: socket.family)",
      in: "SockConnectTests",
      .fails(test: "an address in digits never asks the resolver", words: "?")),
    Experiment(
      "connect.one-future", "try sockConnectStart(future, socket, address)",
      "try callSoon { [self] in try sockConnectStart(future, socket, address) }",
      in: "SockConnectTests",
      .fails(
        test: "C5 when the cancelled task goes on, its writer is gone", words: "?"),
      .parts(trace: "connect", step: 0, words: "?")),
    Experiment(
      "connect.in-progress", "try sockConnectDone(future, socket, address)",
      "try sockConnectStart(future, socket, address)", in: "SockConnectTests",
      .fails(test: "EINPROGRESS, step by step", words: "?"),
      .fails(test: "C3 after EINTR nobody connects a second time", words: "?"),
      .parts(trace: "connect", step: 0, words: "?")),
    Experiment(
      "connect.clean-up",
      """
      future.addDoneCallback("sockWriteDone") { [self] _ in
        try sockWriteDone(fd, handle)
      }
      """, in: "SockConnectTests",
      .fails(
        test: "C1 a cancelled connect leaves no writer for the number's next owner",
        words: "?"),
      .parts(trace: "connect-cancelled", step: 0, words: "?")),
    Experiment(
      "connect.done", "if future.done() { return }", in: "SockConnectTests",
      .fails(test: "C4 an event that is delivered twice settles once", words: "?")),
    Experiment(
      "connect.done/outer",
      """
      } catch let error as SystemError {
        try future.setException(error)
      }
      """, "}", in: "SockConnectTests",
      .fails(
        test: "C6 a completion that fails itself still settles the connect", words: "?")
    ),
  ]

  static let ofRecvAndSendall: [Experiment] = [
    Experiment(
      "waiting.read-done",
      "if !handle.cancelled() { _ = try remove(.read, watching: fd, CallSite()) }",
      "_ = try remove(.read, watching: fd, CallSite())", in: "SockRecvAndSendallTests",
      .fails(
        test: "R2 SOCK-09 the late clean-up leaves the retry its reader", words: "?"),
      .parts(trace: "accept-again", step: 0, words: "?")),
    Experiment(
      "recv.wait",
      """
      future.addDoneCallback("sockReadDone") { [self] _ in
        try sockReadDone(fd, handle)
      }
      """, in: "SockRecvAndSendallTests",
      .fails(test: "R1 a cancelled recv leaves no reader behind", words: "?"),
      .parts(trace: "recv", step: 0, words: "?")),
    Experiment(
      "recv.step", "if future.done() { return }", in: "SockRecvAndSendallTests",
      .fails(test: "R3 no byte is taken for a task that has left", words: "?")),
    Experiment(
      "sendall.try-first", "if sent == bytes.count { return }",
      in: "SockRecvAndSendallTests",
      .fails(test: "SOCK-05 what fits, or nothing, costs no suspension", words: "?"),
      .parts(trace: "chat", step: 0, words: "?")),
    Experiment(
      "sendall.step/half",
      "if rest.position == rest.bytes.count { try future.setResult(()) }",
      "try future.setResult(())", in: "SockRecvAndSendallTests",
      .fails(test: "ten bytes in four pieces, step by step", words: "?"),
      .parts(trace: "sendall-partial", step: 0, words: "?")),
    Experiment(
      "sendall.step", "if future.done() { return }", in: "SockRecvAndSendallTests",
      .fails(
        test: "a cancelled sendall sends nothing more, and leaves no writer behind",
        words: "?")),
  ]
}
