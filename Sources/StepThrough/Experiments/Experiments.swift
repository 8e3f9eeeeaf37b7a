// All experiments, floor by floor. What they claim was seen, and is seen again whenever
// `walkthrough break --all --check` runs: where a claim is wrong, that says so.

extension Experiment {
  /// All of them; those that need the same tests stand together.
  package static let all: [Experiment] =
    ofSockets + ofSelectors + ofTheLoop + ofTasks + ofAccept + ofConnect
    + ofRecvAndSendall + ofTransports + ofWriting + ofServers + ofReaders + ofWriters
    + ofSpeed
}
