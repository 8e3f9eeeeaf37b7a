package import EventLoops
package import Sockets

/// What happened, in order. Threads may share one if they take turns.
package final class Log: @unchecked Sendable {
  package var lines: [String] = []
  package init() {}
  package func add(_ line: String) { lines.append(line) }
}

/// An error with a number, to tell one from another.
package struct Mishap: Error, Equatable {
  package var number: Int
  package init(number: Int = 1) { self.number = number }
}

/// An observer that keeps every event, and may answer one with an act of its own.
package final class Recorder: LoopObserver {
  package private(set) var events: [LoopEvent] = []
  package var react: (LoopEvent) -> Void = { _ in }
  package init() {}

  package func observe(
    _ event: LoopEvent, _ subject: AnyObject?, at site: CallSite
  ) {
    events.append(event)
    react(event)
  }
}
