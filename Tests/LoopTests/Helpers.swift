import CLibrary
import EventLoops
import Sockets
import TestSupport

extension Recorder {
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
    _ = pthread_join(startThread(nil, body).thread!, nil)
  }
}

/// What `body` throws; `nil` if it does not.
func error(of body: () throws -> Void) -> (any Error)? {
  do { try body() } catch { return error }
  return nil
}
