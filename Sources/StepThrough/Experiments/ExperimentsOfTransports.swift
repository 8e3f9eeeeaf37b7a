// Transports: how they begin, read, write and end.

extension Experiment {
  static let ofTransports: [Experiment] = [
    Experiment(
      "transport.three-calls",
      "transport.callSoon(\"addReader\") { [transport] in transport.addReader() }",
      "transport.addReader()", in: "TransportsTests",
      .fails(
        test: "T1 no data overtakes connectionMade",
        words: "the script is over, but the program calls recv"),
      .parts(
        trace: "transport-echo", step: 54,
        words: "epoll_ctl(ADD, connection 1, IN) → 0: the kernel watches it")),
    Experiment(
      "transport.add-reader", "if !isReading() { return }", in: "TransportsTests",
      .fails(
        test: "T1 who pauses in connectionMade hears nothing until it resumes",
        words: "(stage.reader == nil → false)"),
      .fails(
        test: "T2 who is closed in connectionMade is not registered afterwards",
        words: "(stage.replay.selector.keys[5] → SelectorKey(fd: 5, "),
      .parts(
        trace: "scar T2", step: 60,
        words: "epoll_ctl(ADD, socket, IN) → 0: the kernel watches it")),
    Experiment(
      "transport.read-ready", "if connLost > 0 { return }", in: "TransportsTests",
      .fails(
        test: "T2 a callback of a lost connection touches nothing",
        words: "the script is over, but the program calls recv")),
    Experiment(
      "transport.get-buffer",
      "if memory.isEmpty { throw RuntimeError(\"getBuffer() returned an empty buffer\") }",
      in: "TransportsTests",
      .fails(
        test: "T4 an empty buffer is not the end of the stream",
        words: "(tray.entries → [\"made\", \"buffer -1\", \"eof\"])")),
    Experiment(
      "transport.on-eof", "removeReader()", in: "TransportsTests",
      .fails(
        test: "T3 the end of a stream that is kept open is told once",
        words: "the script is over, but the program calls recv"),
      .parts(
        trace: "transport-half-close", step: 68,
        words: "Transport-1 does not read any more")),
    Experiment(
      "transport.claim",
      "connLost > 0 && socket?.descriptor != fd ? nil : \"a transport: use the transport\"",
      "\"a transport: use the transport\"", in: "TransportsTests",
      .fails(
        test: "T13 a transport that is lost lets go of a number that is another's",
        words: "Caught error: descriptor 5 belongs to a transport: use the transport")),
  ]

  static let ofWriting: [Experiment] = [
    Experiment(
      "transport.writelines",
      "if chunks.allSatisfy(\\.isEmpty) || isWastedWrite() { return }",
      "if chunks.allSatisfy(\\.isEmpty) { return }", in: "TransportsTests",
      .fails(
        test: "T7 writelines after the connection is lost is dropped",
        words:
          "the script is over, but the program calls sendmsg(fd: 5, counts: [1, 1])")),
    Experiment(
      "transport.write-now/writer", "if isFirst { addWriter() }", in: "TransportsTests",
      .fails(
        test: "T5 writelines does not forget what was not taken",
        words: "(stage.writer → nil) != nil"),
      .parts(
        trace: "transport-backpressure", step: 33,
        words: "Transport-1 keeps what the kernel did not take")),
    Experiment(
      "transport.write-now/pause", "maybePauseProtocol()", in: "TransportsTests",
      .fails(
        test: "T6 writelines looks at the high water mark",
        words: "(stage.diary.entries → [\"made\"]) == [\"made\", \"pause\"]"),
      .parts(
        trace: "transport-backpressure", step: 37,
        words: "Transport-1 keeps what the kernel did not take")),
    Experiment(
      "transport.close-flush", "if connLost == 0 && buffer.isEmpty {",
      "if connLost == 0 {", in: "TransportsTests",
      .fails(
        test: "T9 what is written in resumeWriting after close still leaves",
        words: "(stage.diary.entries → [\"made\", \"pause\", \"lost\"])"
      ),
      .parts(
        trace: "transport-close-while-buffered", step: 38,
        words: "epoll_ctl(DEL, socket) → 0: the kernel watches it no more")),
    Experiment(
      "transport.once", "connLost = 1", in: "TransportsTests",
      .fails(
        test: "T10 who closes in resumeWriting is buried once",
        words: "(stage.diary.entries → [\"made\", \"pause\", \"resume\", \"lost\"])"),
      .parts(
        trace: "scar T10", step: 92,
        words: "Transport-1 calls its protocol: connectionLost")),
    Experiment(
      "transport.after-resume", "if connLost > 0 { return }", in: "TransportsTests",
      .fails(
        test: "T10 who closes in resumeWriting is buried once",
        words: "(stage.diary.entries → [\"made\", \"pause\", \"resume\", \"lost\"])"),
      .parts(
        trace: "scar T10", step: 92,
        words: "Transport-1 calls its protocol: connectionLost")),
    Experiment(
      "write-buffer", "static let gatherLimit = 1024", "static let gatherLimit = 1025",
      in: "TransportsTests",
      .fails(
        test: "TRANS-18 more pieces than the kernel takes in one call",
        words: "the script expects sendmsg(fd: 5, counts: [2, 2, ")),
    Experiment(
      "write-buffer.append", "if start == chunk.count { return }",
      in: "TransportsTests",
      .fails(
        test: "T8 an empty chunk does not keep the transport open",
        words: "the program calls sendmsg(fd: 5, counts: [5, 0])"),
      .parts(
        trace: "scar T8", step: 69,
        words:
          "sendmsg(socket, 5 bytes in 2 pieces) → 5 bytes: the kernel took all of it")),
    Experiment(
      "write-buffer.consume",
      "position -= chunks[0].memory.count", in: "TransportsTests",
      .fails(
        test: "T8 empty chunks everywhere, and a partial send",
        words: "the program calls sendmsg(fd: 5, counts: [1, 1])")),
  ]

  static let ofServers: [Experiment] = [
    Experiment(
      "owners.ensure-free/table",
      """
      if let owner = owners[fd], owner !== newcomer, let claim = owner.claim(on: fd) {
        throw RuntimeError("descriptor \\(fd) belongs to \\(claim)")
      }
      """, in: "ServersTests",
      .fails(
        test: "a server that has not begun owns its listener as well",
        words: "an error was expected but none was thrown")),
    Experiment(
      "serving.accept", "for _ in 0..<max(1, server.backlog) {", "for _ in 0..<1 {",
      in: "ServersTests",
      .fails(
        test: "A4 SRV-18 one event takes everybody, but no more than the backlog",
        words: "(stage.accepts() → 1) == 3"),
      .parts(
        trace: "server-close-race", step: 47,
        words: "acceptConnection returns to the loop")),
    Experiment(
      "serving.aborted", "if error.errno == ECONNABORTED { continue }",
      "if error.errno == ECONNABORTED { return }", in: "ServersTests",
      .fails(
        test: "A5 SRV-19 one dead client does not end the batch",
        words: "(stage.accepts() → 2) == 4"),
      .parts(
        trace: "server-out-of-descriptors", step: 63,
        words: "acceptConnection 2 returns to the loop")),
    Experiment(
      "serving.new-task",
      """
      try createTask { [self] in
        try await acceptConnection2(connection, address, server)
      }
      """, in: "ServersTests",
      .fails(
        test: "A4 SRV-18 one event takes everybody, but no more than the backlog",
        words: "(club.members.map(\\.entries) → [])"),
      .parts(
        trace: "server-close-race", step: 45,
        words: "close(connection 1) → 0: the descriptor is given back")),
    Experiment(
      "serving.back-off", "pauseServing(listener)", in: "ServersTests",
      .fails(
        test: "A6 out of descriptors is one report, one timer, and a second chance",
        words: "(stage.selector.keys[5] == nil → false)"),
      .parts(
        trace: "server-out-of-descriptors", step: 32,
        words:
          "startServing is put on the schedule: due in 1 s, at 1 s on the loop's clock")
    ),
    Experiment(
      "serving.closed-meanwhile", "if server.isClosed { return connection.close() }",
      in: "ServersTests",
      .fails(
        test: "V1 the server is closed between accept and attach",
        words: "the script is over, but the program calls getsockname(fd: 6)"),
      .parts(
        trace: "server-close-race", step: 62,
        words: "Future-3 is made: the place for a result that is not there yet")),
    Experiment(
      "serving.owner", "connection.close()", in: "ServersTests",
      .fails(
        test: "A7 a factory that throws does not keep the client waiting",
        words: "(stage → TestSupport.ScriptedLoop).isClosed(6)")),
    Experiment(
      "server.attach", "if isClosed { return false }", in: "ServersTests",
      .fails(
        test: "V1 the factory itself closes the server",
        words: "(club.members.map(\\.entries) → [[\"made\"]]) == [[]]")),
    Experiment(
      "server.forever", "try? await waitClosed()", in: "ServersTests",
      .fails(
        test: "V3 serveForever waits for an idle client, and there are ways out",
        words: "(!serving.done() → false)")),
    Experiment(
      "connection.owner", "sock.close()", in: "ServersTests",
      .fails(
        test: "C7 a factory that throws does not keep the socket",
        words: "(stage.isClosed(5) → false)")),
  ]
}
