import CLibrary
import EventLoops
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

/// The bugs that made the turn of the loop what it is, each on the script that
/// shows it.
@Suite struct Scars {
  @Test func `L1 a loop with nothing to do still asks the kernel`() throws {
    let kernel = ScriptedKernel()
    let selector = ScriptedSelector(kernel)
    let recorder = Recorder()
    let loop = try EventLoop(kernel: kernel, selector: selector, observer: recorder)
    defer { try? loop.close() }
    #expect(selector.keys.keys.sorted() == [ScriptedKernel.selfPipe])
    // No timer, no socket, an empty queue. While the loop sleeps, another thread
    // calls: the self-pipe is the only thing by which it can.
    let log = Log()
    let me = Unchecked(value: loop)
    recorder.react = { event in
      guard event == .selectEntered(timeout: nil) else { return }
      onOtherThread { try! me.value.callSoonThreadsafe { log.add("called") } }
    }
    selector.report([ScriptedKernel.selfPipe: .read])
    loop.runOnce()
    #expect(selector.timeouts == [nil])
    #expect(log.lines == ["called"])
  }

  @Test func `L2a a callback that queues itself for ever starves nobody`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    func again() throws {
      log.append("again")
      if log.count < 100 { try loop.callSoon { try again() } }
    }
    try loop.callSoon { try again() }
    try loop.addReader(5) { log.append("reader") }
    stage.selector.report([:], [:], [5: .read])
    for turn in 1...3 {
      loop.runOnce()
      #expect(stage.selector.timeouts.count == turn)
    }
    // One run a turn, and the socket is heard between them.
    #expect(log == ["again", "again", "again", "reader"])
  }

  @Test(arguments: [Events.read, .write])
  func `L2b a handle that was removed does not run once more`(side: Events) throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [Int] = []
    func add(_ fd: Int32, _ callback: @escaping () throws -> Void) throws {
      if side == .read {
        try loop.addReader(fd, "reader", callback)
      } else {
        try loop.addWriter(fd, "writer", callback)
      }
    }
    try add(5) {
      log.append(5)
      if side == .read { try loop.removeReader(7) } else { try loop.removeWriter(7) }
    }
    try add(7) { log.append(7) }
    // Both are reported at once, so the second is in the queue when it is removed.
    stage.selector.report([5: side, 7: side])
    loop.runOnce()
    #expect(log == [5])
  }

  @Test(arguments: [Events.read, .write])
  func `L2b a handle that was replaced does not run once more`(side: Events) throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    func add(_ fd: Int32, _ callback: @escaping () throws -> Void) throws {
      if side == .read {
        try loop.addReader(fd, "reader", callback)
      } else {
        try loop.addWriter(fd, "writer", callback)
      }
    }
    try add(5) {
      log.append("five")
      try add(7) { log.append("new seven") }
    }
    try add(7) { log.append("old seven") }
    stage.selector.report([5: side, 7: side])
    loop.runOnce()
    #expect(log == ["five"])
  }

  @Test func `L2b a handle that was called off is skipped`() throws {
    let recorder = Recorder()
    let loop = try EventLoop(observer: recorder)
    defer { try? loop.close() }
    var log: [String] = []
    var second: Handle?
    var third: DoneCallback?
    try loop.callSoon {
      second?.cancel()
      third?.cancel()
    }
    second = try loop.callSoon("second") { log.append("second") }
    let future = loop.createFuture(of: Void.self)
    third = future.addDoneCallback("third") { _ in log.append("third") }
    try future.setResult(())
    loop.runOnce()
    #expect(log == [])
    let skipped = recorder.events.filter {
      if case .handleSkipped = $0 { true } else { false }
    }
    #expect(skipped == [second, third].map { .handleSkipped($0!.name) })
    #expect(recorder.runs(of: "second") == 0)
    #expect(recorder.runs(of: "third") == 0)
  }

  @Test func `L2c what stands first in a future's list runs first`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    let future = loop.createFuture(of: Void.self)
    try loop.createTask {
      try await future.value()
      log.append("wake-up")
    }
    future.addDoneCallback { _ in log.append("clean-up") }
    loop.runOnce()
    future.addDoneCallback { _ in log.append("latecomer") }
    try loop.callSoon { log.append("queued before") }
    try future.setResult(())
    try loop.callSoon { log.append("queued behind") }
    loop.runOnce()
    #expect(
      log == ["queued before", "clean-up", "wake-up", "latecomer", "queued behind"])
  }

  @Test func `L3 stopping does not run an event twice`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    let connected = loop.createFuture(of: Void.self)
    var runs = 0
    try loop.addWriter(5) {
      runs += 1
      try connected.setResult(())
    }
    connected.addDoneCallback { _ in try loop.removeWriter(5) }
    // The descriptor is writable, and stays so until somebody stops asking.
    stage.selector.report([5: .write], [5: .write])
    try loop.callSoon("STOP") { loop.stop() }
    try loop.runForever()
    #expect(stage.ready == ["done callback"])
    // Run again: the writer is still registered when the selector answers.
    try loop.callSoon("STOP") { loop.stop() }
    try loop.runForever()
    #expect(runs == 1)
    #expect(stage.reports.isEmpty)
    #expect(stage.selector.getKey(5) == nil)
  }

  @Test func `L8 cancelled timers do not pile up`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    try loop.callLater(1800) { log.append("alive") }
    for _ in 1...5000 { try loop.callLater(3600) { log.append("dead") }.cancel() }
    #expect(loop.scheduled.count == 5001)
    // The one at the head is alive: without the sweep they would all stay.
    stage.selector.report([:])
    loop.runOnce()
    #expect(loop.scheduled.count == 1)
    loop.runOnce()
    #expect(loop.time() == 1800)
    #expect(log == ["alive"])
  }
}
