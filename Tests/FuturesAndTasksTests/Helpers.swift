import EventLoops
import Simulation
import Sockets
import TestSupport
import Testing

/// An error with a number, to tell one from another.
struct Failure: Error, Equatable {
  var number = 1
}

/// An object whose life is watched from outside.
final class Canary {}

/// A loop on a scripted kernel whose events are recorded.
func makeRecordedLoop() throws -> (loop: EventLoop, recorder: Recorder) {
  let kernel = ScriptedKernel()
  let recorder = Recorder()
  let selector = ScriptedSelector(kernel)
  return (
    try EventLoop(kernel: kernel, selector: selector, observer: recorder), recorder
  )
}

extension EventLoop {
  /// The labels in the ready queue, from front to back.
  var labels: [String] { ready.elements.map(\.name.label) }

  /// Turns, until nothing is queued.
  func settle() {
    while !ready.isEmpty { runOnce() }
  }
}

/// The kind of an error, as a word.
func kind(_ error: any Error) -> String { "\(type(of: error))" }

extension Optional where Wrapped == ExitTest.Result {
  /// Whether the process wrote `text` before it ended.
  func saysOnStandardError(_ text: String) -> Bool {
    guard let bytes = self?.standardErrorContent else { return false }
    return String(decoding: bytes, as: UTF8.self).contains(text)
  }
}
