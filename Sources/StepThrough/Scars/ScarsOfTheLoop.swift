import EventLoops
import Recording
import Scenarios
import Selectors
import Simulation
import Sockets
import Telling

// What the loop looked like before each of its bugs was mended.

extension Scar {
  /// Two connections are readable in the same turn. What the first one brings makes the
  /// second one superfluous.
  static let l2 = Replay(before: "asyncio in January 2013", isScripted: false) {
    recorder, shape in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let first = try stage.connection("connection 1")
    try stage.world.send("you need only me")
    let second = try stage.connection("connection 2")
    try stage.world.send("hello")
    recorder.note("both peers have sent something")
    recorder.name(-1, "no socket")  // the number that a closed one has
    var outcome = "the reader that was removed does not run"
    try loop.addReader(first.descriptor, "readFirst") {
      _ = try first.recv(100)
      switch shape {
      case .old: try loop.removeReaderL2(second.descriptor)
      case .today: try loop.removeReader(second.descriptor)
      }
      second.close()
      loop.stop()
    }
    try loop.addReader(second.descriptor, "readSecond") {
      do {
        _ = try second.recv(100)
      } catch let error as SystemError {
        recorder.note("the program catches \(error.name)")
        outcome = "the reader that was removed runs once more, into \(error.name)"
      }
    }
    try loop.runForever()
    try stage.end()
    return outcome
  }

  /// The loop is stopped and run again while a descriptor is ready.
  static let l3 = Replay(before: "asyncio until November 2015", isScripted: false) {
    recorder, shape in
    let stage = try Stage(recorder)
    stage.hearErrors()
    let loop = stage.loop
    let old = LoopL3(stage)
    let socket = try stage.connection("socket")
    let fd = socket.descriptor
    let connected = loop.createFuture(of: Void.self)
    var calls = 0
    // Connected sockets are writable, and stay so.
    try loop.addWriter(fd, "connectDone") {
      calls += 1
      try connected.setResult(())
    }
    connected.addDoneCallback("removeWriter") { _ in try loop.removeWriter(fd) }

    // Who stops a loop that does not run lets it have one turn.
    switch shape {
    case .old:
      try old.stop()
      try old.runForever()
    case .today:
      loop.stop()
      try loop.runForever()
    }
    recorder.note("the program runs the loop again, until the future is done")
    connected.addDoneCallback("stop") { _ in
      switch shape {
      case .old: throw LoopL3.StopError()
      case .today: loop.stop()
      }
    }
    switch shape {
    case .old: try old.runForever()
    case .today: try loop.runForever()
    }
    try stage.end()
    return "\(count(calls, "call")) for one event"
      + stage.errors.map { ", and \(type(of: $0))" }.joined()
  }

  /// A timer is due in ten and a half milliseconds. epoll counts in whole ones.
  static let l7 = Replay(before: "asyncio until February 2014") { recorder, shape in
    let stage = try Stage(recorder, []) { kernel in
      let epoll = try EpollSelector(kernel: kernel)
      return shape == .old ? SelectorL7(epoll) : epoll
    }
    // A question takes time too, if only a little. With a real kernel it is less, and
    // the questions are some dozens.
    stage.scriptedKernel?.epoll?.delay = 0.000_12
    let loop = stage.loop
    try loop.callLater(0.0105, "alarm") { loop.stop() }
    try loop.runForever()
    try stage.end()
    let waits = recorder.calls.count {
      if case .epollWait = $0.call { true } else { false }
    }
    return "\(count(waits, "question")) to the kernel for one timer"
  }
}

extension EventLoop {
  // [scar.l2]
  /// Takes the descriptor off the selector's list, and no more.
  ///
  /// asyncio: BaseSelectorEventLoop.remove_reader, before 21 January 2013
  func removeReaderL2(_ fd: Int32) throws {
    try selector.unregister(fd, CallSite())
    tell(.unregistered(fd: fd), nil, CallSite())
    // Here was missing: cancel the handle. From now on the selector says nothing about
    // this descriptor. But it did say something, a moment ago, and so the handle may
    // stand in the ready queue.
  }
}

// [scar.l3]
/// A loop that is stopped by an error. It has the queue, the selector and the handles of
/// the loop that it is given, and a turn of its own.
final class LoopL3 {
  private let loop: EventLoop
  private let recorder: Recorder
  init(_ stage: Stage) { (loop, recorder) = (stage.loop, stage.recorder) }

  /// Private: nobody was to catch it but `runForever`.
  struct StopError: Error {}

  /// Queues a callback that raises a private error.
  ///
  /// asyncio: BaseEventLoop.stop, until November 2015
  func stop() throws { try loop.callSoon("raiseStopError") { throw StopError() } }

  /// asyncio: BaseEventLoop.run_forever, until November 2015
  func runForever() throws {
    do {
      while true { try runOnce() }
    } catch is StopError {
      recorder.note("the error has left the loop; what stands in the queue stays there")
    }
  }

  /// asyncio: BaseEventLoop._run_once, until November 2015
  private func runOnce() throws {
    let timeout = loop.ready.isEmpty ? nil : 0.0
    loop.tell(.selectEntered(timeout: timeout), nil, CallSite())
    let readyKeys = try loop.selector.select(timeout: timeout, CallSite())
    let news = readyKeys.map { ReadyDescriptor(fd: $0.key.fd, events: $0.events) }
    loop.tell(.selectReturned(news), nil, CallSite())
    // (Here there are writers only.)
    for (key, _) in readyKeys {
      if let writer = loop.handlers(of: key.fd)?.writer {
        loop.enqueue(writer, CallSite())
      }
    }
    for _ in 0..<loop.ready.count {
      guard let handle = loop.ready.popFirst() else { return }
      if handle.cancelled() { continue }
      loop.tell(.handleRun(handle.name), handle, handle.site)
      try run(handle)
    }
  }

  /// asyncio: events.Handle._run
  private func run(_ handle: Handle) throws(StopError) {
    do {
      try handle.call()
      loop.tell(.handleFinished(handle.name, error: nil), handle, handle.site)
    } catch let error as StopError {
      // Out of the batch, on the spot. What stands behind is still in the queue when
      // the loop runs again, and then the selector reports the same readiness anew.
      throw error
    } catch {
      loop.tell(.handleFinished(handle.name, error: "\(error)"), handle, handle.site)
      loop.callExceptionHandler(
        ExceptionContext("Exception in callback \(handle.name.label)", error))
    }
  }
}

// [scar.l7]
/// The epoll selector, with one line as it was.
final class SelectorL7: Selector {
  private let epoll: EpollSelector
  init(_ epoll: EpollSelector) { self.epoll = epoll }

  /// asyncio: selectors.EpollSelector.select, until February 2014
  func select(
    timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [(key: SelectorKey, events: Events)] {
    // Cut off, where it must be rounded up. The last part of a wait, which is always
    // less than a millisecond, becomes none at all: the loop asks, finds the timer not
    // due, and asks again, as fast as it can.
    let milliseconds = timeout.map { ($0 * 1000).rounded(.down) }
    return try epoll.select(timeout: milliseconds.map { $0 / 1000 }, CallSite())
  }

  // The rest is as it is today.
  var keys: [Int32: SelectorKey] { epoll.keys }
  func getKey(_ fd: Int32) -> SelectorKey? { epoll.getKey(fd) }
  func close(_ site: CallSite) { epoll.close(site) }
  func register(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    try epoll.register(fd, events, data: data, site)
  }
  func modify(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    try epoll.modify(fd, events, data: data, site)
  }
  func unregister(_ fd: Int32, _ site: CallSite) throws -> SelectorKey {
    try epoll.unregister(fd, site)
  }
}
