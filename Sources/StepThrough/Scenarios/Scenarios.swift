// Scenarios: what there is to step through, and the world around it. They know how to
// record. They know nothing of scars, nor of anybody who watches.

extension Scenario {
  /// All of them, in the order of the chapters that tell them.
  package static let all: [Scenario] =
    tell(2, chat) + tell(4, timers)
    + tell(
      6, accept, acceptReady, acceptTwo, acceptSpurious, acceptAgain, acceptCancelled,
      acceptError)
    + tell(7, connect, connectRefused, connectInProgress, connectCancelled)
    + tell(8, recv, recvCancelRetry, sendallPartial)
    + tell(9, transportEcho, transportHalfClose)
    + tell(10, transportBackpressure, transportCloseWhileBuffered)
    + tell(11, serverCloseRace, serverOutOfDescriptors)
    + tell(12, streamReadline, streamLimit, streamReadexactlyPaused)
    + tell(13, streamDrain, streamDrainDeadPeer, streamEcho)

  private static func tell(_ chapter: Int, _ scenarios: Scenario...) -> [Scenario] {
    scenarios.map {
      var scenario = $0
      scenario.chapter = chapter
      return scenario
    }
  }

  /// With which one to begin.
  package static let suggested = accept.name

  /// What the chapters that tell scenarios are called.
  package static let chapterTitles = [
    1: "Sockets", 2: "The program", 3: "Readiness", 4: "The loop",
    5: "Futures and tasks", 6: "sock_accept", 7: "sock_connect",
    8: "sock_recv and sock_sendall", 9: "Transports and protocols",
    10: "Writing and flow control", 11: "Servers and connections",
    12: "Reading a stream", 13: "Writing a stream",
  ]
}

extension LiveScenario {
  /// The scenarios in which the reader is the client.
  package static let all: [LiveScenario] = [
    accept, sockEcho, transportEcho, streamEcho,
  ]

  /// Those of which there is no recording to step through.
  package static let onlyLive = all.filter { Scenario.named($0.name) == nil }
}
