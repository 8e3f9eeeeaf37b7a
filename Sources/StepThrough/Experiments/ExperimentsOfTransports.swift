// Transports: how they begin, read, write and end.

extension Experiment {
  static let ofTransports: [Experiment] = [
    Experiment(
      "transport.three-calls",
      "transport.callSoon(\"addReader\") { [transport] in transport.addReader() }",
      "transport.addReader()", in: "TransportsTests",
      .fails(test: "T1 no data overtakes connectionMade", words: "?"),
      .parts(trace: "transport-echo", step: 0, words: "?")),
    Experiment(
      "transport.add-reader", "if !isReading() { return }", in: "TransportsTests",
      .fails(
        test: "T1 who pauses in connectionMade hears nothing until it resumes",
        words: "?"),
      .fails(
        test: "T2 who is closed in connectionMade is not registered afterwards",
        words: "?"),
      .parts(trace: "scar T2", step: 0, words: "?")),
    Experiment(
      "transport.read-ready", "if connLost > 0 { return }", in: "TransportsTests",
      .fails(test: "T2 a callback of a lost connection touches nothing", words: "?")),
    Experiment(
      "transport.get-buffer",
      "if memory.isEmpty { throw RuntimeError(\"getBuffer() returned an empty buffer\") }",
      in: "TransportsTests",
      .fails(test: "T4 an empty buffer is not the end of the stream", words: "?")),
    Experiment(
      "transport.on-eof", "removeReader()", in: "TransportsTests",
      .fails(
        test: "T3 the end of a stream that is kept open is told once", words: "?"),
      .parts(trace: "transport-half-close", step: 0, words: "?")),
    Experiment(
      "transport.claim",
      "connLost > 0 && socket?.descriptor != fd ? nil : \"a transport: use the transport\"",
      "\"a transport: use the transport\"", in: "TransportsTests",
      .fails(
        test: "T13 a transport that is lost lets go of a number that is another's",
        words: "?")),
  ]

  static let ofWriting: [Experiment] = [
    Experiment(
      "transport.writelines",
      "if chunks.allSatisfy(\\.isEmpty) || isWastedWrite() { return }",
      "if chunks.allSatisfy(\\.isEmpty) { return }", in: "TransportsTests",
      .fails(test: "T7 writelines after the connection is lost is dropped", words: "?")),
    Experiment(
      "transport.write-now/writer", "if isFirst { addWriter() }", in: "TransportsTests",
      .fails(test: "T5 writelines does not forget what was not taken", words: "?"),
      .parts(trace: "transport-backpressure", step: 0, words: "?")),
    Experiment(
      "transport.write-now/pause", "maybePauseProtocol()", in: "TransportsTests",
      .fails(test: "T6 writelines looks at the high water mark", words: "?"),
      .parts(trace: "transport-backpressure", step: 0, words: "?")),
    Experiment(
      "transport.close-flush", "if connLost == 0 && buffer.isEmpty {",
      "if connLost == 0 {", in: "TransportsTests",
      .fails(
        test: "T9 what is written in resumeWriting after close still leaves", words: "?"
      ),
      .parts(trace: "transport-close-while-buffered", step: 0, words: "?")),
    Experiment(
      "transport.once", "connLost = 1", in: "TransportsTests",
      .fails(
        test: "TRANS-28 abort after close ends the flush, and the end comes once",
        words: "?")),
    Experiment(
      "transport.after-resume", "if connLost > 0 { return }", in: "TransportsTests",
      .fails(
        test: "T10 who closes in resumeWriting is buried once", words: "?"),
      .parts(trace: "scar T10", step: 0, words: "?")),
    Experiment(
      "write-buffer", "static let gatherLimit = 1024", "static let gatherLimit = 1025",
      in: "TransportsTests",
      .fails(
        test: "TRANS-18 more pieces than the kernel takes in one call", words: "?")),
    Experiment(
      "write-buffer.append", "if start == chunk.count { return }",
      in: "TransportsTests",
      .fails(
        test: "T8 an empty chunk does not keep the transport open", words: "?"),
      .parts(trace: "scar T8", step: 0, words: "?")),
    Experiment(
      "write-buffer.consume",
      "position -= chunks[0].memory.count", in: "TransportsTests",
      .fails(
        test: "T8 empty chunks everywhere, and a partial send", words: "?")),
  ]

  static let ofServers: [Experiment] = [
    Experiment(
      "serving.accept", "for _ in 0..<max(1, server.backlog) {", "for _ in 0..<1 {",
      in: "ServersTests",
      .fails(
        test: "A4 SRV-18 one event takes everybody, but no more than the backlog",
        words: "?"),
      .parts(trace: "server-close-race", step: 0, words: "?")),
    Experiment(
      "serving.aborted", "if error.errno == ECONNABORTED { continue }",
      "if error.errno == ECONNABORTED { return }", in: "ServersTests",
      .fails(test: "A5 SRV-19 one dead client does not end the batch", words: "?"),
      .parts(trace: "server-out-of-descriptors", step: 0, words: "?")),
    Experiment(
      "serving.new-task",
      """
      try createTask { [self] in
        try await acceptConnection2(connection, address, server)
      }
      """, in: "ServersTests",
      .fails(
        test: "SRV-01 a server on a free port gives each client a protocol", words: "?")
    ),
    Experiment(
      "serving.back-off", "pauseServing(listener)", in: "ServersTests",
      .fails(
        test: "A6 out of descriptors is one report, one timer, and a second chance",
        words: "?"),
      .parts(trace: "server-out-of-descriptors", step: 0, words: "?")),
    Experiment(
      "serving.closed-meanwhile", "if server.isClosed { return connection.close() }",
      in: "ServersTests",
      .fails(test: "V1 the server is closed between accept and attach", words: "?"),
      .parts(trace: "server-close-race", step: 0, words: "?")),
    Experiment(
      "serving.owner", "connection.close()", in: "ServersTests",
      .fails(
        test: "A7 a factory that throws does not keep the client waiting", words: "?")),
    Experiment(
      "server.attach", "if isClosed { return false }", in: "ServersTests",
      .fails(test: "V1 the factory itself closes the server", words: "?")),
    Experiment(
      "server.forever", "try? await waitClosed()", in: "ServersTests",
      .fails(
        test: "V3 serveForever waits for an idle client, and there are ways out",
        words: "?")),
    Experiment(
      "connection.owner", "sock.close()", in: "ServersTests",
      .fails(test: "C7 a factory that throws does not keep the socket", words: "?")),
  ]
}
