// Scenarios: what there is to step through, and the world around it. They know how to
// record. They know nothing of scars, nor of anybody who watches.

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

extension LiveScenario {
  /// The scenarios in which the reader is the client.
  package static let all: [LiveScenario] = [accept]
}
