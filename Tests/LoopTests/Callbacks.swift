import CLibrary
import EventLoops
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

/// Into the ready queue, and out of it again.
@Suite struct Callbacks {
  @Test func `LOOP-01 callSoon only queues`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    for word in ["a", "b", "c"] { try loop.callSoon(word) { log.append(word) } }
    #expect(log == [])
    #expect(stage.ready == ["a", "b", "c"])
    try loop.oneTurn()
    #expect(log == ["a", "b", "c"])
    try loop.oneTurn()
    #expect(log == ["a", "b", "c"])
  }

  @Test func `LOOP-02 what a callback queues waits for the next turn`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    try loop.callSoon("outer") {
      log.append("outer")
      try loop.callSoon("inner") { log.append("inner") }
    }
    loop.runOnce()
    #expect(log == ["outer"])
    #expect(stage.ready == ["inner"])
    #expect(stage.selector.timeouts.count == 1)
    loop.runOnce()
    #expect(log == ["outer", "inner"])
    #expect(stage.selector.timeouts == [0, 0])
  }

  @Test func `LOOP-03 a cancelled handle never runs`() throws {
    let recorder = Recorder()
    let loop = try EventLoop(observer: recorder)
    defer { try? loop.close() }
    var runs = 0
    let handles: [Handle] = [
      try loop.callSoon { runs += 1 },
      try loop.callLater(0) { runs += 1 },
      try loop.callAt(loop.time()) { runs += 1 },
    ]
    for handle in handles {
      #expect(!handle.cancelled())
      handle.cancel()
      #expect(handle.cancelled())
      handle.cancel()
      #expect(handle.cancelled())
      #expect(recorder.events.count { $0 == .handleCancelled(handle.name) } == 1)
    }
    try loop.oneTurn()
    try loop.oneTurn()
    #expect(runs == 0)
  }

  @Test func `LOOP-03 a timer that is cancelled twice counts once`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    let timers = try (1...101).map { try loop.callLater(Double($0)) {} }
    for timer in timers.suffix(50) {
      timer.cancel()
      timer.cancel()
    }
    // 100 of 101 would be swept out, 50 are not.
    try loop.oneTurn()
    #expect(loop.scheduled.count == 101)
  }

  @Test func `LOOP-04 a handle can be called off in the turn that would run it`() throws
  {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    var second: Handle?
    var reader: Handle?
    try loop.callSoon("first") {
      log.append("first")
      #expect(stage.ready == ["second", "third", "reader"])
      second?.cancel()
      reader?.cancel()
    }
    second = try loop.callSoon("second") { log.append("second") }
    try loop.callSoon("third") { log.append("third") }
    reader = try loop.addReader(5) { log.append("reader") }
    stage.selector.report([5: .read])
    loop.runOnce()
    #expect(log == ["first", "third"])
    #expect(stage.ready == [])
  }

  @Test func `LOOP-32 an error in a callback is reported and stops nobody`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    let soon = try loop.callSoon("soon") { throw SystemError(EIO, in: "soon") }
    try loop.callSoon { log.append("behind soon") }
    let timer = try loop.callLater(0, "timer") { throw SystemError(EIO, in: "timer") }
    try loop.callLater(0) { log.append("behind timer") }
    loop.runOnce()
    #expect(log == ["behind soon", "behind timer"])
    try #require(stage.reports.count == 2)
    for (report, handle) in zip(stage.reports, [soon, timer]) {
      #expect(report.message.contains(handle.name.label))
      #expect(
        report.exception as? SystemError == SystemError(EIO, in: handle.name.label))
      #expect(report.handle === handle)
    }
    try loop.oneTurn()
    #expect(stage.reports.count == 2)
  }

  @Test func `a callback may cancel its own handle`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    var handle: Handle?
    handle = try loop.callSoon {
      handle?.cancel()
      log.append("the rest of it")
    }
    loop.runOnce()
    #expect(log == ["the rest of it"])
  }

  @Test func `a cancelled callback lets go of what it holds at once`() throws {
    let stage = try ScriptedLoop()
    defer { try? stage.loop.close() }
    var log: Log? = Log()
    weak let held = log
    let handle = try stage.loop.callLater(1000) { [log] in log?.add("never") }
    log = nil
    #expect(held != nil)
    handle.cancel()
    #expect(held == nil)
    #expect(stage.loop.scheduled.count == 1)
  }
}
