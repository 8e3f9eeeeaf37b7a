import CLibrary
import EventLoops
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

/// Beginning, stopping, ending.
@Suite struct Running {
  @Test func `LOOP-12 stop lets the turn finish`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var log: [String] = []
    try loop.callSoon("first") {
      log.append("first")
      loop.stop()
      try loop.callSoon("next turn") { log.append("next turn") }
    }
    try loop.callSoon("second") { log.append("second") }
    try loop.runForever()
    #expect(log == ["first", "second"])
    #expect(stage.ready == ["next turn"])
    try loop.oneTurn()
    #expect(log == ["first", "second", "next turn"])
  }

  @Test func `LOOP-13 stop before the run allows one turn`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    loop.stop()
    try loop.runForever()
    #expect(stage.selector.timeouts == [0])

    // Used up: the next run goes on until somebody stops it.
    var turns = 0
    func again() throws {
      turns += 1
      if turns == 3 { loop.stop() } else { try loop.callSoon { try again() } }
    }
    try loop.callSoon { try again() }
    try loop.runForever()
    #expect(turns == 3)
  }

  @Test func `LOOP-14 runUntilComplete of a future`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    let good = loop.createFuture(of: Int.self)
    var wasRunning = false
    #expect(!loop.isRunning())
    try loop.callLater(1) {
      wasRunning = loop.isRunning()
      try good.setResult(42)
    }
    #expect(try loop.runUntilComplete(good) == 42)
    #expect(wasRunning)
    #expect(!loop.isRunning())
    // Once more, and it is done already.
    #expect(try loop.runUntilComplete(good) == 42)

    let bad = loop.createFuture(of: Int.self)
    try loop.callLater(1) { try bad.setException(SystemError(EIO, in: "x")) }
    #expect(throws: SystemError(EIO, in: "x")) { try loop.runUntilComplete(bad) }
    #expect(!loop.isRunning())
  }

  @Test func `LOOP-14 runUntilComplete of a body`() throws {
    let loop = try EventLoop()
    defer { try? loop.close() }
    let value = try loop.runUntilComplete {
      let loop = try #require(EventLoop.running)
      #expect(loop.isRunning())
      try await loop.sleep(0)
      return 42
    }
    #expect(value == 42)
    #expect(!loop.isRunning())
    #expect(throws: SystemError(EIO, in: "x")) {
      try loop.runUntilComplete { throw SystemError(EIO, in: "x") }
    }
    #expect(!loop.isRunning())
  }

  @Test func `LOOP-18 no run inside a run`() throws {
    let loop = try EventLoop()
    let second = try EventLoop()
    defer {
      try? loop.close()
      try? second.close()
    }
    let task = try loop.createTask {
      for inner in [loop, second] {
        #expect(throws: RuntimeError.self) { try inner.runUntilComplete {} }
        #expect(throws: RuntimeError.self) {
          try inner.runUntilComplete(inner.createFuture(of: Void.self))
        }
        #expect(throws: RuntimeError.self) { try inner.runForever() }
      }
      #expect(EventLoop.running === loop)
      #expect(!second.isRunning())
      try await loop.sleep(0.001)
      return "undisturbed"
    }
    #expect(try loop.runUntilComplete(task) == "undisturbed")
    // Nothing was left behind by the refused calls.
    #expect(loop.allTasks().isEmpty && second.allTasks().isEmpty)
  }

  @Test func `LOOP-19 the running loop`() throws {
    let loop = try EventLoop()
    defer { try? loop.close() }
    #expect(EventLoop.running == nil)
    var seen: [EventLoop?] = []
    try loop.callSoon {
      seen.append(EventLoop.running)
      onOtherThread { seen.append(EventLoop.running) }
    }
    let task = try loop.createTask {
      seen.append(EventLoop.running)
      try await loop.sleep(0)
      seen.append(EventLoop.running)
    }
    try loop.runUntilComplete(task)
    #expect(seen.map { $0 === loop } == [true, false, true, true])
    #expect(seen[1] == nil)
    #expect(EventLoop.running == nil)
  }

  @Test func `LOOP-20 a closed loop does nothing any more`() throws {
    let loop = try EventLoop()
    let future = loop.createFuture(of: Void.self)
    let (here, _) = try socketPair(isBlocking: false)
    let fd = here.descriptor
    #expect(!loop.isClosed())
    try loop.close()
    #expect(loop.isClosed())
    try loop.close()
    #expect(loop.isClosed())

    #expect(throws: RuntimeError.self) { try loop.runForever() }
    #expect(throws: RuntimeError.self) { try loop.runUntilComplete(future) }
    #expect(throws: RuntimeError.self) { try loop.runUntilComplete {} }
    #expect(throws: RuntimeError.self) { try loop.callSoon {} }
    #expect(throws: RuntimeError.self) { try loop.callSoonThreadsafe {} }
    #expect(throws: RuntimeError.self) { try loop.callLater(0) {} }
    #expect(throws: RuntimeError.self) { try loop.callAt(0) {} }
    #expect(throws: RuntimeError.self) { try loop.createTask {} }
    #expect(throws: RuntimeError.self) { try loop.runInExecutor {} }
    #expect(throws: RuntimeError.self) { try loop.addReader(fd) {} }
    #expect(throws: RuntimeError.self) { try loop.addWriter(fd) {} }
    #expect(loop.ready.isEmpty && loop.scheduled.isEmpty && loop.allTasks().isEmpty)
  }

  @Test func `LOOP-52 run makes a loop, runs main and closes the loop`() throws {
    var loops: [EventLoop] = []
    let log = Unchecked(value: { (loop: EventLoop) in loops.append(loop) })
    let value = try run { loop in
      log.value(loop)
      #expect(EventLoop.running === loop)
      #expect(throws: RuntimeError.self) { try run { _ in } }
      try await loop.sleep(0)
      return 42
    }
    #expect(value == 42)
    #expect(throws: SystemError(EIO, in: "x")) {
      try run { loop in
        log.value(loop)
        throw SystemError(EIO, in: "x")
      }
    }
    #expect(loops.map { $0.isClosed() } == [true, true])
    #expect(EventLoop.running == nil)
  }

  @Test func `LOOP-53 what main leaves behind is cancelled and waited for`() throws {
    let log = Log()
    let value = try run { loop in
      for name in ["one", "two"] {
        try loop.createTask(name) {
          do {
            try await loop.createFuture(of: Void.self).value()
          } catch {
            #expect(error is CancellationError)
            try await loop.sleep(name == "one" ? 0.002 : 0)
            log.add("\(name) has cleaned up, closed: \(loop.isClosed())")
          }
        }
      }
      try await loop.sleep(0)
      return 42
    }
    #expect(value == 42)
    #expect(
      log.lines == [
        "two has cleaned up, closed: false",
        "one has cleaned up, closed: false",
      ])
  }

  @Test func `LOOP-53 also when main throws`() throws {
    let log = Log()
    #expect(throws: SystemError(EIO, in: "x")) {
      try run { loop in
        try loop.createTask {
          do {
            try await loop.createFuture(of: Void.self).value()
          } catch {
            log.add("\(error is CancellationError)")
          }
        }
        try await loop.sleep(0)
        throw SystemError(EIO, in: "x")
      }
    }
    #expect(log.lines == ["true"])
  }
}
