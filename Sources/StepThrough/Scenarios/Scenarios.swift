extension Scenario {
  /// All of them, in the order in which they are best read.
  package static let all: [Scenario] = [
    accept, acceptReady, acceptTwo, acceptSpurious, acceptCancelled, acceptError,
  ]
}

extension LiveScenario {
  /// The scenarios in which the reader is the client.
  package static let all: [LiveScenario] = [accept]
}
