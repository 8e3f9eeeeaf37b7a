import CLibrary
import EventLoops
import Foundation
import Simulation
import Sockets
import TestSupport
import Testing

/// Other threads, and how they get a word in.
@Suite struct Threads {
  @Test func `LOOP-24 a call from another thread wakes the loop`() throws {
    let recorder = Recorder()
    let loop = try EventLoop(observer: recorder)
    defer { try? loop.close() }
    let log = Log()
    let home = thisThread
    let me = Unchecked(value: loop)
    recorder.react = { event in
      guard event == .selectEntered(timeout: nil) else { return }
      onOtherThread {
        try! me.value.callSoonThreadsafe {
          log.add("at home: \(thisThread == home)")
          log.add("running: \(EventLoop.running === me.value)")
          me.value.stop()
        }
      }
    }
    try loop.runForever()
    #expect(log.lines == ["at home: true", "running: true"])
    #expect(recorder.timeouts == [nil])
  }

  @Test func `LOOP-25 one queue for callSoon and callSoonThreadsafe`() throws {
    let loop = try EventLoop()
    defer { try? loop.close() }
    let log = Log()
    func call(_ numbers: ClosedRange<Int>) throws {
      for number in numbers {
        if number % 2 == 0 {
          try loop.callSoon { log.add("\(number)") }
        } else {
          try loop.callSoonThreadsafe { log.add("\(number)") }
        }
      }
    }
    // Before the run, and inside of it.
    try call(1...6)
    try loop.oneTurn()
    #expect(log.lines == (1...6).map { "\($0)" })
    try loop.callSoon { try call(7...12) }
    try loop.oneTurn()
    try loop.oneTurn()
    #expect(log.lines == (1...12).map { "\($0)" })
  }

  @Test func `LOOP-25 who called first from elsewhere runs first`() throws {
    let loop = try EventLoop()
    defer { try? loop.close() }
    let log = Log()
    let me = Unchecked(value: loop)
    try loop.callSoon {
      onOtherThread { try! me.value.callSoonThreadsafe { log.add("1") } }
      try loop.callSoon { log.add("2") }
      onOtherThread { try! me.value.callSoonThreadsafe { log.add("3") } }
      try loop.callSoonThreadsafe { log.add("4") }
    }
    try loop.oneTurn()
    try loop.oneTurn()
    #expect(log.lines == ["1", "2", "3", "4"])
  }

  @Test(arguments: [true, false])
  func `LOOP-27 debug mode knows its thread`(debug: Bool) throws {
    let loop = try EventLoop(debug: debug)
    defer { try? loop.close() }
    func errors() -> [Bool] {
      let calls: [() throws -> Void] = [
        { try loop.callSoon {} }, { try loop.callLater(0) {} },
        { try loop.callAt(0) {} },
      ]
      var errors: [Bool] = []
      onOtherThread { errors = calls.map { error(of: $0) is RuntimeError } }
      return errors
    }
    // While nobody runs it, any thread may.
    #expect(errors() == [false, false, false])
    try loop.callSoon { #expect(errors() == [debug, debug, debug]) }
    // On the loop's own thread it never complains.
    try loop.callSoon { try loop.callSoon {} }
    loop.setExceptionHandler { _, context in Issue.record("\(context.message)") }
    try loop.oneTurn()
  }

  @Test func `LOOP-29 runInExecutor brings the outcome to the loop's thread`()
    async throws
  {
    try await inThread {
      let recorder = Recorder()
      let loop = try EventLoop(observer: recorder)
      defer { try? loop.close() }
      let home = thisThread
      recorder.react = { event in
        if case .futureSettled = event {
          #expect(thisThread == home)
        }
      }
      let good = try loop.runInExecutor {
        #expect(thisThread != home)
        #expect(EventLoop.running == nil)
        return 42
      }
      #expect(!good.done())
      #expect(try loop.runUntilComplete(good) == 42)
      let bad = try loop.runInExecutor { throw SystemError(EIO, in: "x") }
      #expect(throws: SystemError(EIO, in: "x")) { try loop.runUntilComplete(bad) }
      let settled = recorder.events.count {
        if case .futureSettled = $0 { true } else { false }
      }
      #expect(settled == 2)
    }
  }

  /// A flag that one thread waits for and another one raises.
  final class Flag: @unchecked Sendable {
    private let condition = NSCondition()
    private var isUp = false
    func raise() {
      condition.withLock {
        isUp = true
        condition.broadcast()
      }
    }
    func wait() { condition.withLock { while !isUp { condition.wait() } } }
  }
  /// Raises a flag when nobody holds it any more.
  final class Token: Sendable {
    let flag: Flag
    init(_ flag: Flag) { self.flag = flag }
    deinit { flag.raise() }
  }

  @Test func `LOOP-30 a job that outlives its loop is no trouble`() async throws {
    try await inThread {
      let stage = try ScriptedLoop()
      let begun = Flag()
      let goOn = Flag()
      let isOver = Flag()
      let loop = stage.loop
      var token: Token? = Token(isOver)
      let future = try loop.runInExecutor { [token] in
        begun.raise()
        goOn.wait()
        _ = token
      }
      token = nil
      begun.wait()
      #expect(future.cancel())
      try loop.close()
      let calls = stage.kernel.calls
      goOn.raise()
      // The worker lets go of the job after it has tried to deliver.
      isOver.wait()
      #expect(stage.kernel.calls == calls)
      #expect(loop.ready.isEmpty)
      #expect(stage.reports.isEmpty)
      #expect(future.cancelled())
    }
  }

  @Test func `a cancelled job is not delivered`() async throws {
    try await inThread {
      let loop = try EventLoop()
      defer { try? loop.close() }
      loop.setExceptionHandler { _, context in Issue.record("\(context.message)") }
      let goOn = Flag()
      let first = try loop.runInExecutor { goOn.wait() }
      first.cancel()
      goOn.raise()
      let second = try loop.runInExecutor { 42 }
      #expect(try loop.runUntilComplete(second) == 42)
      #expect(first.cancelled())
    }
  }

  @Test func `a loop may be made in one thread and run in another`() throws {
    let loop = try EventLoop()
    defer { try? loop.close() }
    var value: Int?
    onOtherThread {
      value = try? loop.runUntilComplete {
        try await EventLoop.running?.sleep(0.001)
        return 42
      }
    }
    #expect(value == 42)
    #expect(try loop.runUntilComplete { 43 } == 43)
  }

  @Test func `its maker calls a loop that another thread begins to run`() throws {
    // Nothing orders the call and the beginning of the run; the thread sanitizer
    // would see a ready queue that both of them touch.
    for _ in 1...20 {
      let loop = try EventLoop()
      let me = Unchecked(value: loop)
      let isOver = Flag()
      Thread {
        try! me.value.runForever()
        isOver.raise()
      }.start()
      try loop.callSoonThreadsafe { me.value.stop() }
      isOver.wait()
      try loop.close()
    }
  }
}
