extension Scenario {
  /// All of them, in the order in which they are best read.
  package static let all: [Scenario] = [
    chat,
    accept, acceptReady, acceptTwo, acceptSpurious, acceptAgain, acceptCancelled,
    acceptError,
    connect, connectRefused, connectInProgress, connectCancelled,
    recv, recvCancelRetry, sendallPartial,
    transportEcho, transportHalfClose, transportBackpressure,
    transportCloseWhileBuffered,
    serverCloseRace, serverOutOfDescriptors,
    streamReadline, streamLimit, streamReadexactlyPaused,
    streamDrain, streamDrainDeadPeer, streamEcho,
    timers,
  ]
}

extension Scenario {
  /// What one can choose from on the screen: these, and behind them the scars.
  package static let choices = all + Scar.all.compactMap(\.scenario)
}

extension LiveScenario {
  /// The scenarios in which the reader is the client.
  package static let all: [LiveScenario] = [
    accept, sockEcho, transportEcho, streamEcho,
  ]
}
