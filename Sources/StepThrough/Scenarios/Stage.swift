// Where a scenario gets its kernel, its loop, and the world around it. What happens on
// it is the scenario's business.
//
// One rule holds for all of them: the world acts when the loop is about to sleep (see
// `Recorder.whenIdle`). Nothing in a scenario waits for a clock or for another thread,
// so that two runs of it are the same story. (TCP has a word in that, too: see
// `Scenario.usualTrace`.)

import CLibrary
package import EventLoops
package import Recording
package import Selectors
package import Simulation
package import Sockets

/// What every scenario needs: a loop that is watched, and sockets on it.
///
/// The kernel is the real one with a recorder in front of it, or a scripted one
/// where the kernel cannot be made to misbehave on demand.
package final class Stage {
  /// Who watches.
  package let recorder: Recorder
  /// The loop that is watched.
  package let loop: EventLoop
  private let kernel: RecordingKernel
  /// Where the listener is.
  package var place: SocketAddress?
  /// What the selector will report, where that follows a script.
  package private(set) var script: ScriptedSelector?
  /// The kernel, if it is scripted and keeps the list of descriptors itself.
  package private(set) var scriptedKernel: ScriptedKernel?
  /// Everybody else.
  package let world = World()
  /// What the exception handler has heard, since `hearErrors`.
  package private(set) var errors: [any Error] = []

  // One way to make a stage for each kind of kernel. Its recorder always stands between
  // the loop and the kernel, whether or not that is a real one.

  /// A real kernel.
  ///
  /// - Parameter isLive: whether somebody may come at any time: then the loop is never
  ///   stuck.
  package init(_ recorder: Recorder, isLive: Bool = false) throws {
    self.recorder = recorder
    recorder.patience = isLive ? nil : recorder.longestPatience
    kernel = RecordingKernel(systemKernel, recorder)
    loop = try EventLoop(kernel: kernel, observer: recorder)
    recorder.loop = loop
  }

  /// A scripted kernel.
  package init(
    _ recorder: Recorder, _ script: [ScriptedKernel.Line],
    selector turns: [[Int32: Events]]
  ) throws {
    self.recorder = recorder
    let scripted = Self.scripted(script, recorder)
    kernel = RecordingKernel(scripted, recorder)
    let selector = ScriptedSelector(scripted, turns)
    selector.whenOver = { [unowned recorder] in
      if !recorder.isForked { return recorder.stuck() }
      // What would be in a script that had been written for this course?
      recorder.fail(
        OffScript(description: "the script is over, and the loop would sleep for ever"))
    }
    loop = try EventLoop(kernel: kernel, selector: selector, observer: recorder)
    self.script = selector
    recorder.loop = loop
  }

  /// A scripted kernel that keeps the list of watched descriptors, as the real one
  /// does. Its calls may come in any order.
  ///
  /// - Parameters:
  ///   - ready: what is true of the descriptors from the beginning, in epoll's bits.
  ///   - selector: who asks for it.
  package init(
    _ recorder: Recorder, _ script: [ScriptedKernel.Line], ready: [Int32: UInt32] = [:],
    selector: (any EpollKernel) throws -> any Selector = {
      try EpollSelector(kernel: $0)
    }
  ) throws {
    self.recorder = recorder
    let scripted = Self.scripted(script, recorder)
    scripted.isInOrder = false
    scripted.epoll = ScriptedEpoll()
    scripted.epoll?.ready = ready
    kernel = RecordingKernel(scripted, recorder)
    loop = try EventLoop(
      kernel: kernel, selector: selector(kernel), observer: recorder)
    scriptedKernel = scripted
    recorder.loop = loop
  }

  /// A kernel that follows a script. Where the program leaves it, the scenario is over.
  private static func scripted(
    _ script: [ScriptedKernel.Line], _ recorder: Recorder
  ) -> ScriptedKernel {
    let scripted = ScriptedKernel(script)
    scripted.fail = { [unowned recorder] in recorder.fail(OffScript(description: $0)) }
    recorder.patience = 0
    return scripted
  }

  /// A listener on a port of this machine; 0 lets the kernel choose.
  package func listener(port: UInt16 = 0) throws -> Socket {
    recorder.nameNext("listener")
    let listener = try Socket(.ipv4, kernel: kernel)
    try listener.setsockopt(.reuseAddress, 1)
    try listener.bind(SocketAddress("127.0.0.1", port: port))
    try listener.listen()
    try listener.setBlocking(false)
    place = try listener.getsockname()
    return listener
  }

  /// A new socket that does not block.
  package func socket(_ name: String) throws -> Socket {
    recorder.nameNext(name)
    let socket = try Socket(.ipv4, kernel: kernel)
    try socket.setBlocking(false)
    return socket
  }

  /// A socket that the script knows by this number.
  package func scripted(_ fd: Int32, _ name: String) -> Socket {
    adopted(fd, .ipv4, name)
  }

  /// A non-blocking socket that somebody else has made.
  package func adopted(_ fd: Int32, _ family: AddressFamily, _ name: String) -> Socket {
    recorder.name(fd, name)
    return Socket(owning: fd, family, isBlocking: false, kernel: kernel)
  }

  /// A connection to somebody in the world, made before the loop runs.
  package func connection(_ name: String) throws -> Socket {
    recorder.nameNext(name)
    let socket = try Socket(.ipv4, kernel: kernel)
    try socket.connect(world.listen())
    try world.accept()
    try socket.setBlocking(false)
    return socket
  }

  /// Somebody connects to the listener.
  package func aClientConnects() throws {
    guard let place else { throw World.notYet }
    try world.connect(place)
    recorder.note("a client connects; the kernel shakes hands with it by itself")
  }

  /// From here on keeps the errors of which the exception handler hears.
  ///
  /// - Parameter isNoted: whether it is a step of the story that it hears of one.
  package func hearErrors(
    noting isNoted: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) {
    loop.setExceptionHandler { [weak self] _, context in
      guard let self else { return }
      errors += context.exception.map { [$0] } ?? []
      if !isNoted { return }
      recorder.note(
        "the exception handler hears: \(context.message)", file: file, line: line)
    }
  }

  /// Runs until the task (or any future) is done, or until nothing is left that could
  /// wake the loop, and ends it.
  ///
  /// - Parameters:
  ///   - task: what to wait for.
  ///   - last: what to do before the end.
  /// - Returns: whether the task is done.
  @discardableResult
  package func runUntilStuck<Value>(
    _ task: Future<Value>, last: () throws -> Void = {}
  ) throws -> Bool {
    let usual = script?.whenOver
    script?.whenOver = { [self] in stopStuckLoop() }
    recorder.whenStuck = { [self] in
      stopStuckLoop()
      // A scripted kernel does not sleep. A real one is about to, and with news on the
      // self-pipe it will not. (No other thread is needed for it, and none is left that
      // might hold the loop when all is over.)
      if scriptedKernel != nil { return }
      recorder.note("the replay wakes the loop through its self-pipe")
      try? loop.callSoonThreadsafe {}
    }
    let stop = task.addDoneCallback("stop") { [loop] _ in loop.stop() }
    try loop.runForever()
    let isDone = task.done()
    task.removeDoneCallback(stop)
    recorder.whenStuck = nil
    script?.whenOver = usual  // ours holds us, and we hold it
    try last()
    try end()
    return isDone
  }

  /// Closes the loop when all is told. How it tidies up is not written down. (Nor is
  /// the order in which Swift gives up the sockets, which is another one when
  /// optimized.)
  package func end() throws {
    recorder.endPart()
    try loop.close()
  }

  private func stopStuckLoop() {
    recorder.note("nothing is left that could wake the loop: it would sleep for ever")
    loop.stop()
  }

  /// Runs a task to its end and closes the loop. If that is not to be, the recorder
  /// knows why.
  package func run(_ task: LoopTask<Void>) throws {
    try loop.runUntilComplete(task)
    try loop.close()
    recorder.forgetActs()
  }
}

/// Everybody else: the other ends of the connections. Their system calls are not
/// the program's, and so they are not recorded.
package final class World {
  private var listener: Socket?
  /// The other ends, in the order in which they came.
  package var peers: [Socket] = [] {
    // Whoever waits in vain must not keep everybody else from going on: see
    // `Recorder.act`.
    didSet {
      var limit = timeval(tv_sec: 0, tv_usec: 200_000)
      let size = socklen_t(MemoryLayout<timeval>.size)
      for peer in peers.dropFirst(oldValue.count) {
        setsockopt(peer.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
      }
    }
  }

  /// Somebody listens; returns where.
  package func listen(backlog: Int32 = 100) throws -> SocketAddress {
    let listener = try Socket(.ipv4)
    try listener.bind(SocketAddress("127.0.0.1", port: 0))
    try listener.listen(backlog)
    self.listener = listener
    return try listener.getsockname()
  }

  /// The one who listens takes a client.
  package func accept() throws { peers.append(try listener!.accept().connection) }

  /// Somebody connects.
  package func connect(_ place: SocketAddress) throws {
    let peer = try Socket(.ipv4)
    try peer.connect(place)
    peers.append(peer)
  }

  /// The last peer sends something.
  package func send(_ text: String) throws {
    _ = try Array(text.utf8).withUnsafeBytes { try peer().send($0) }
  }

  /// The last peer.
  package func peer() throws -> Socket {
    guard let last = peers.last else { throw Self.notYet }
    return last
  }

  /// What somebody does who comes too early: see `Recorder.act`.
  static let notYet = SystemError(EAGAIN, in: "the world")
}

/// The program asks a scripted kernel for something that the script does not say.
private struct OffScript: Error, CustomStringConvertible {
  let description: String
}
