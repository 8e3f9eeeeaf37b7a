import CLibrary
import EventLoops
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

/// What a loop refuses, and what it leaves behind when it ends.
@Suite struct Misuse {
  @Test func `a loop cannot be run by two threads`() throws {
    let loop = try EventLoop()
    defer { try? loop.close() }
    var errors: [(any Error)?] = []
    try loop.callSoon {
      onOtherThread {
        errors = [
          error { try loop.runForever() },
          error { try loop.runUntilComplete(loop.createFuture(of: Void.self)) },
        ]
      }
    }
    try loop.oneTurn()
    #expect(errors.count == 2)
    #expect(errors.allSatisfy { $0 is RuntimeError })
  }

  @Test func `a loop cannot be closed while it runs`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    var errors: [(any Error)?] = []
    try loop.callSoon { errors.append(error { try loop.close() }) }
    try loop.createTask { errors.append(error { try loop.close() }) }
    try loop.oneTurn()
    #expect(errors.count == 2)
    #expect(errors.allSatisfy { $0 is RuntimeError })
    #expect(!loop.isClosed())
    // It is as good as before.
    var ran = false
    try loop.callSoon { ran = true }
    try loop.oneTurn()
    #expect(ran)
    try loop.close()
  }

  @Test func `a future of another loop is not waited for`() throws {
    let loop = try EventLoop()
    let other = try EventLoop()
    defer {
      try? loop.close()
      try? other.close()
    }
    let future = other.createFuture(of: Void.self)
    try loop.callSoon { loop.stop() }
    #expect(throws: ValueError.self) { try loop.runUntilComplete(future) }
    #expect(future.doneCallbacks.isEmpty)
  }

  @Test func `a loop that stops early says whose fault it is`() throws {
    let loop = try EventLoop()
    defer { try? loop.close() }
    let future = loop.createFuture(of: Void.self)
    try loop.callSoon { loop.stop() }
    #expect(throws: RuntimeError.self) { try loop.runUntilComplete(future) }
    #expect(!future.done())
    #expect(future.doneCallbacks.isEmpty)
  }

  @Test func `createTask from another thread ends the program`() async {
    await #expect(processExitsWith: .failure) {
      let loop = try EventLoop()
      try loop.callSoon { onOtherThread { _ = try? loop.createTask {} } }
      try loop.oneTurn()
    }
  }

  // MARK: Closing

  @Test func `close ends the tasks that are left`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    var log: [String] = []
    let begun = try loop.createTask {
      do {
        try await loop.createFuture(of: Void.self).value()
      } catch {
        log.append("begun: \(error is CancellationError)")
        try await loop.sleep(0)
        log.append("and cleaned up")
      }
    }
    loop.runOnce()
    let fresh = try loop.createTask { log.append("never") }
    try loop.close()
    #expect(log == ["begun: true", "and cleaned up"])
    #expect(begun.done() && !begun.cancelled())
    #expect(fresh.cancelled())
    #expect(stage.reports.isEmpty)
  }

  @Test func `close reports a task that never gives in`() throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    let task = try loop.createTask("stubborn") {
      while true { try? await loop.createFuture(of: Void.self).value() }
    }
    loop.runOnce()
    try loop.close()
    #expect(loop.isClosed())
    #expect(stage.reports.count == 1)
    #expect(stage.reports.first?.future === task)
  }

  @Test func `close reports it also while a callback queues itself for ever`() throws {
    // On the clock of the script no time would pass here, so each turn takes 1 ms.
    let stage = try ScriptedLoop()
    let loop = stage.loop
    try loop.createTask {
      while true { try? await loop.createFuture(of: Void.self).value() }
    }
    var turns = 0
    func again() throws {
      turns += 1
      if turns == 10_000 { return }
      stage.kernel.time += 0.001
      try loop.callSoon { try again() }
    }
    try again()
    loop.runOnce()
    try loop.close()
    #expect(stage.reports.count == 1)
    #expect(turns < 2000)
  }

  @Test func `closing gives every descriptor back`() throws {
    let kernel = ScriptedKernel([(.epollCreate, .descriptor(9))])
    kernel.fail = { Issue.record("\($0)") }
    kernel.expect(
      (.epollControl(epoll: 9, .add, fd: 3, events: 1), .done),
      (.epollControl(epoll: 9, .delete, fd: 3, events: 0), .done))
    let loop = try EventLoop(kernel: kernel)
    try loop.close()
    #expect(kernel.calls.suffix(2) == [.close(fd: 3), .close(fd: 9)])
    #expect(kernel.missing == [])
  }

  @Test func `a closed loop is freed, whatever it was used for`() async throws {
    try await inThread {
      final class Owner: DescriptorOwner {
        let loop: EventLoop
        init(_ loop: EventLoop) { self.loop = loop }
        func claim(on fd: Int32) -> String? { "a test" }
      }
      let (here, there) = try socketPair(isBlocking: false)
      weak var freed: EventLoop?
      weak var task: LoopTask<Int>?
      do {
        let loop = try EventLoop()
        freed = loop
        try loop.callSoon { _ = loop }
        try loop.callLater(1000) { _ = loop }
        try loop.addReader(here.descriptor) { _ = loop }
        try loop.addWriter(here.descriptor) { _ = loop }
        loop.owners[there.descriptor] = Owner(loop)
        loop.createFuture(of: Void.self).addDoneCallback { _ in _ = loop }
        let job = try loop.runInExecutor { 42 }
        let body = try loop.createTask {
          _ = try? await loop.waitFor(0.001) {
            try await loop.createFuture(of: Void.self).value()
          }
          return try await job.value()
        }
        task = body
        #expect(try loop.runUntilComplete(body) == 42)
        // These are still in the queue, in the schedule and in the inbox.
        try loop.callSoon { _ = loop }
        let me = Unchecked(value: loop)
        try loop.callSoonThreadsafe { _ = me.value }
        try loop.createTask { try await loop.createFuture(of: Void.self).value() }
        try loop.close()
      }
      #expect(task == nil)
      #expect(freed == nil)
    }
  }

  @Test func `run frees its loop`() throws {
    weak var freed: EventLoop?
    let keep = Unchecked(value: { (loop: EventLoop) in freed = loop })
    try run { loop in
      keep.value(loop)
      try await loop.sleep(0)
    }
    #expect(freed == nil)
  }

  @Test func `the exception handler can be asked for`() throws {
    let loop = try EventLoop()
    defer { try? loop.close() }
    #expect(loop.getExceptionHandler() == nil)
    var heard: [String] = []
    loop.setExceptionHandler { heard.append($1.message) }
    let former = try #require(loop.getExceptionHandler())
    // What it is good for: to hear of everything, and to hand it on.
    loop.setExceptionHandler { loop, context in
      heard.append("first me")
      former(loop, context)
    }
    loop.callExceptionHandler(ExceptionContext("then you"))
    #expect(heard == ["first me", "then you"])
    loop.setExceptionHandler(nil)
    #expect(loop.getExceptionHandler() == nil)
  }

  @Test func `close runs nothing that was queued before, whatever tasks are left`()
    throws
  {
    let loop = try EventLoop()
    let (here, there) = try socketPair(isBlocking: false)
    _ = try there.send("x")
    var ended: [String] = []
    let task = try loop.createTask {
      // Its own ending runs, with everything that it sets going.
      defer { ended.append("task") }
      do {
        try await loop.sleep(1000)
      } catch {
        try loop.callSoon { ended.append("set going by the task") }
        try await loop.sleep(0)
        throw error
      }
    }
    try loop.oneTurn()
    let me = Unchecked(value: loop)
    try loop.callSoon { Issue.record("queued") }
    try loop.callLater(0) { Issue.record("scheduled") }
    try loop.addReader(here.descriptor) { Issue.record("watched") }
    onOtherThread { try! me.value.callSoonThreadsafe { Issue.record("from outside") } }
    let future = loop.createFuture(of: Int.self)
    future.addDoneCallback { _ in Issue.record("a future's") }
    try future.setResult(1)
    try loop.close()
    #expect(task.cancelled())
    #expect(ended == ["set going by the task", "task"])
    _ = (here, there)  // open until here
  }
}
