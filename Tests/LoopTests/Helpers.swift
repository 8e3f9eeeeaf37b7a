import EventLoops
import Glibc
import Sockets
import TestSupport

/// What happened, in order. Threads may share one if they take turns.
final class Log: @unchecked Sendable {
  var lines: [String] = []
  func add(_ line: String) { lines.append(line) }
}

/// An observer that keeps every event, and may answer one with an act of its own.
final class Recorder: LoopObserver {
  private(set) var events: [LoopEvent] = []
  var react: (LoopEvent) -> Void = { _ in }

  func observe(_ event: LoopEvent, _ subject: AnyObject?, at site: CallSite) {
    events.append(event)
    react(event)
  }

  /// The timeout of every question to the selector.
  var timeouts: [Double?] {
    events.compactMap {
      if case .selectEntered(let timeout) = $0 { .some(timeout) } else { nil }
    }
  }

  /// How often a callback of this name was run.
  func runs(of label: String) -> Int {
    events.count {
      if case .handleRun(let name) = $0 { name.label == label } else { false }
    }
  }
}

extension EventLoop {
  /// Exactly one turn, as a program can have it: queue a stop, and run.
  func oneTurn() throws {
    try callSoon("stop") { self.stop() }
    try runForever()
  }
}

/// Runs `body` in a thread of its own and waits for it: nothing happens at the same
/// time, it only happens elsewhere.
func onOtherThread(_ body: () -> Void) {
  withoutActuallyEscaping(body) { body in
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Unchecked(value: body) as AnyObject)
    pthread_create(
      &thread, nil,
      { argument in
        let box = Unmanaged<AnyObject>.fromOpaque(argument!).takeRetainedValue()
        (box as! Unchecked<() -> Void>).value()
        return nil
      }, box.toOpaque())
    pthread_join(thread, nil)
  }
}

/// What `body` throws; `nil` if it does not.
func error(of body: () throws -> Void) -> (any Error)? {
  do { try body() } catch { return error }
  return nil
}
