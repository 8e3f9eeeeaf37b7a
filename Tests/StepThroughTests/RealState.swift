import EventLoops
import Recording
import Selectors
import Streams
import Transports

/// The folded state and the real one of the loop, its futures, its transports and the
/// readers, side by side.
final class RealState {
  private let recorder: Recorder
  /// What follows from the steps alone.
  private(set) var state = LoopState()
  /// Where the two are not the same.
  private(set) var differences: [String] = []
  private var futures: [Int: Weak<AnyFuture>] = [:]
  private var transports: [Int: Weak<SocketTransport>] = [:]
  private var readers: [Int: Weak<StreamReader>] = [:]

  init(_ recorder: Recorder) { self.recorder = recorder }

  /// Another step has been written down, and the loop stands still.
  func compare(_ step: Step) {
    state.apply(step)
    switch step.event {
    case .part: (futures, transports, readers) = ([:], [:], [:])
    case .loop(.transportChanged(let new)):
      transports[new.name.id] = Weak(recorder.subject as? SocketTransport)
    case .loop(.readerChanged(let new)):
      readers[new.name.id] = Weak(recorder.subject as? StreamReader)
    default:
      if let future = recorder.subject as? AnyFuture {
        futures[future.name.id] = Weak(future)
      }
    }
    compare(state, readers.values.compactMap(\.object), step)
    compare(state, transports.values.compactMap(\.object), step)
    guard let loop = recorder.loop, !loop.isClosed() else { return }
    compare(state, loop, step)
    compare(state, futures.values.compactMap(\.object), step)
  }

  private func check(_ isSame: Bool, _ at: @autoclosure () -> String) {
    if !isSame { differences.append(at()) }
  }

  private struct Weak<Object: AnyObject> {
    weak var object: Object?
    init(_ object: Object?) { self.object = object }
  }

  private func compare(_ state: LoopState, _ real: [StreamReader], _ step: Step) {
    for reader in real {
      let real = reader.state
      let folded = state.readers.first { $0.name == real.name }
      check(folded == real, "step \(step.number), \(step.event)")
    }
  }

  /// A transport tells what it has become when it is through, so that closing is one
  /// step and not five. Between two callbacks there is nothing that it has not told.
  private func compare(
    _ state: LoopState, _ real: [SocketTransport], _ step: Step
  ) {
    switch step.event {
    case .loop(.handleFinished), .loop(.selectEntered): break
    default: return
    }
    for transport in real {
      let real = transport.state
      let folded = state.transports.first { $0.name == real.name }
      // The number of a lost one may be another's by now.
      let fd = real.isLost ? folded?.fd : recorder.number(of: real.fd)
      var expected = TransportState(name: real.name, fd: fd ?? -1)
      expected.bufferSize = real.bufferSize
      (expected.low, expected.high) = (real.low, real.high)
      expected.isWritingPaused = real.isWritingPaused
      expected.isReading = real.isReading
      (expected.isClosing, expected.isLost) = (real.isClosing, real.isLost)
      check(folded == expected, "step \(step.number), \(step.event)")
    }
  }

  private func compare(_ state: LoopState, _ real: [AnyFuture], _ step: Step) {
    let folded = state.futures + state.tasks.map(\.future)
    for future in real {
      let at = "step \(step.number), \(future.name.label)"
      let same = folded.first { $0.name == future.name }
      check((same?.outcome != nil) == future.done(), at)
      check(same?.callbacks.map(\.id) == future.doneCallbacks.map(\.id), at)
    }
  }

  private func compare(
    _ state: LoopState, _ loop: EventLoop, _ step: Step
  ) {
    let at = "step \(step.number), \(step.event)"
    let ready = loop.ready.elements
    check(state.ready.map(\.handle.id) == ready.map(\.name.id), at)
    for handle in ready {
      check(state.cancelled.contains(handle.name.id) == handle.cancelled(), at)
    }
    check(
      state.timers.map(\.handle.id) == loop.scheduled.elements.map(\.name.id), at)

    // A system call is written down while the selector is still at work.
    guard case .loop = step.event else { return }
    check(
      Set(state.registrations.map(\.fd))
        == Set(loop.selector.keys.keys.map(recorder.number)), at)
    for key in loop.selector.keys.values {
      let folded = state.registrations.first { $0.fd == recorder.number(of: key.fd) }
      let handlers = loop.handlers(of: key.fd)
      check(folded?.events == key.events, at)
      check(folded?.reader?.id == handlers?.reader?.name.id, at)
      check(folded?.writer?.id == handlers?.writer?.name.id, at)
    }
    let pending = state.tasks.filter { $0.future.outcome == nil }.map(\.future.name)
    check(pending == loop.allTasks().map(\.name), at)
    // And a task that suspends stays the current one until its thread is back.
    if let running = state.runningTask { check(running == loop.currentTask?.name, at) }
  }
}
