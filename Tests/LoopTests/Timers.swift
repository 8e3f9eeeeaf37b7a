import EventLoops
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

/// The schedule, and what the loop tells the selector about it.
@Suite struct Timers {
  @Test func `LOOP-06 a timer runs once, and not before its time`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    stage.kernel.time = 100
    var log: [String] = []
    let later = try loop.callLater(10) { log.append("later") }
    let at = try loop.callAt(120) { log.append("at") }
    #expect(later.when() == 110)
    #expect(at.when() == 120)
    // Woken for nothing, twice.
    stage.selector.report([:], [:])
    loop.runOnce()
    stage.kernel.time = 109.9
    loop.runOnce()
    #expect(log == [])
    // Now the selector lets the time pass that it was given.
    loop.runOnce()
    #expect(loop.time() == 110)
    #expect(log == ["later"])
    loop.runOnce()
    #expect(loop.time() == 120)
    #expect(log == ["later", "at"])
    try loop.oneTurn()
    #expect(log == ["later", "at"])
  }

  @Test func `LOOP-06 on the real clock`() throws {
    let loop = try EventLoop()
    defer { try? loop.close() }
    let start = loop.time()
    try loop.callLater(0.02) { loop.stop() }
    try loop.runForever()
    #expect(loop.time() - start >= 0.02 - 1e-6)
  }

  @Test func `LOOP-09 how long the loop may sleep`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    func sleeps() throws -> Double? {
      stage.selector.report([:])
      loop.runOnce()
      return try #require(stage.selector.timeouts.last)
    }
    // Nothing to do: without limit.
    #expect(try sleeps() == nil)
    // Somebody waits in the queue.
    try loop.callSoon {}
    #expect(try sleeps() == 0)
    // A stop was requested.
    loop.stop()
    stage.selector.report([:])
    try loop.runForever()
    #expect(stage.selector.timeouts.last == 0)
    // Until the earliest timer, whichever was made first.
    let live = try loop.callLater(10) {}
    let early = try loop.callLater(5) {}
    #expect(try sleeps() == 5)
    // Not until a cancelled one.
    early.cancel()
    #expect(try sleeps() == 10)
    // The queue comes first.
    try loop.callSoon {}
    #expect(try sleeps() == 0)
    // Never a negative time.
    stage.kernel.time = 11
    #expect(try sleeps() == 0)
    #expect(!live.cancelled())
    // Never more than a day.
    try loop.callLater(7 * 24 * 3600) {}
    #expect(try sleeps() == 24 * 3600)
  }

  @Test func `LOOP-10 cancelled timers are swept out when they are many`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    let timers = try (1...100).map { try loop.callLater(Double($0)) {} }
    // The first one stays alive, so nothing is at the head.
    for timer in timers[1...51] { timer.cancel() }
    try loop.oneTurn()
    #expect(loop.scheduled.count == 100)
    // One more, and they are more than 100.
    try loop.callLater(101) {}
    try loop.oneTurn()
    #expect(loop.scheduled.count == 50)
    #expect(loop.scheduled.elements.allSatisfy { !$0.cancelled() })
  }

  @Test func `LOOP-10 half of them is not yet many`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    let timers = try (1...102).map { try loop.callLater(Double($0)) {} }
    for timer in timers[1...51] { timer.cancel() }
    try loop.oneTurn()
    #expect(loop.scheduled.count == 102)
    // One more is: and after the sweep the count begins anew.
    timers[52].cancel()
    try loop.oneTurn()
    #expect(loop.scheduled.count == 50)
    let more = try (1...51).map { try loop.callLater(Double(200 + $0)) {} }
    for timer in more.dropFirst() { timer.cancel() }
    try loop.oneTurn()
    #expect(loop.scheduled.count == 101)
  }

  @Test func `cancelled timers at the head go at once`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    let timers = try (1...5).map { try loop.callLater(Double($0)) {} }
    for index in [0, 1, 3] { timers[index].cancel() }
    try loop.oneTurn()
    #expect(loop.scheduled.elements.map { $0.when() } == [3, 4, 5])
  }

  @Test func `timers for the same instant run in the order of their making`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [Int] = []
    for number in 1...4 { try loop.callAt(7) { log.append(number) } }
    try loop.callAt(6) { log.append(0) }
    stage.kernel.time = 7
    loop.runOnce()
    #expect(log == [0, 1, 2, 3, 4])
  }

  @Test func `a due timer stands behind what was queued before it`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    try loop.callLater(0) { log.append("timer") }
    try loop.addReader(5) { log.append("reader") }
    try loop.callSoon { log.append("soon") }
    stage.selector.report([5: .read])
    loop.runOnce()
    #expect(log == ["soon", "reader", "timer"])
  }

  @Test func `a delay that is no number is refused`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    let task = try loop.createTask { try await loop.sleep(.nan) }
    #expect(throws: ValueError.self) { try loop.runUntilComplete(task) }
  }

  @Test func `waitFor takes its request to stop back, whatever its body throws`() throws
  {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    let never = loop.createFuture(of: Void.self)
    let task = try loop.createTask {
      do {
        try await loop.waitFor(1) {
          do {
            try await never.value()
          } catch {
            throw RuntimeError("an answer of its own")
          }
        }
      } catch let error as RuntimeError {
        return (error.description, loop.currentTask?.cancelling())
      }
      return ("", -1)
    }
    let (error, requests) = try loop.runUntilComplete(task)
    #expect(error == "an answer of its own")
    #expect(requests == 0)
  }
}
