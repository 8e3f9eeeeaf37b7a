import CLibrary
import EventLoops
import Foundation
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

/// The self-pipe's own story.
@Suite struct ScarsOfThreads {
  let selfPipe = ScriptedKernel.selfPipe

  @Test func `L4a a call that comes after close touches no descriptor`() throws {
    let stage = try ScriptedLoop()
    try stage.loop.close()
    let calls = stage.kernel.calls
    #expect(calls.last == .close(fd: selfPipe))
    let me = Unchecked(value: stage.loop)
    var late: (any Error)?
    onOtherThread { late = error { try me.value.callSoonThreadsafe {} } }
    #expect(late is RuntimeError)
    // The number 3 may be somebody else's by now.
    #expect(stage.kernel.calls == calls)
  }

  @Test func `L4a close waits for a wake-up that is on its way`() throws {
    let kernel = WatchedKernel()
    let loop = try EventLoop(kernel: kernel)
    let me = Unchecked(value: loop)
    let log = Log()
    let isOnItsWay = Threads.Flag()
    let isOver = Threads.Flag()
    kernel.beforeRaise = {
      // From here the loop may try to close. Were it able to, it would need much
      // less time than this, and the descriptor would be gone.
      isOnItsWay.raise()
      usleep(20_000)
      log.add("wake up")
    }
    kernel.beforeClose = { _ in log.add("close") }
    Thread {
      if error(of: { try me.value.callSoonThreadsafe {} }) != nil { log.add("error") }
      isOver.raise()
    }.start()
    isOnItsWay.wait()
    try loop.close()
    isOver.wait()
    // The self-pipe, which may have two ends, and the kernel's list.
    #expect(log.lines.first == "wake up" && log.lines.count >= 3)
    #expect(log.lines.dropFirst().allSatisfy { $0 == "close" })
  }

  @Test func `L4 a thread that calls while the loop closes`() throws {
    let log = Log()
    for _ in 1...100 {
      let loop = try EventLoop()
      let me = Unchecked(value: loop)
      let hasBegun = Threads.Flag()
      let isOver = Threads.Flag()
      Thread {
        // It calls until it is told, and what it is told is "closed", not EBADF.
        var refusal: (any Error)?
        while refusal == nil {
          refusal = error { try me.value.callSoonThreadsafe {} }
          hasBegun.raise()
        }
        log.add(refusal is RuntimeError ? "closed" : "\(refusal!)")
        isOver.raise()
      }.start()
      hasBegun.wait()
      try loop.close()
      isOver.wait()
    }
    #expect(Set(log.lines) == ["closed"])
  }

  @Test func `L4b many calls, one wake-up`() throws {
    let recorder = Recorder()
    let loop = try EventLoop(observer: recorder)
    defer { try? loop.close() }
    let log = Log()
    let me = Unchecked(value: loop)
    onOtherThread {
      for number in 1...1000 {
        try! me.value.callSoonThreadsafe { log.add("\(number)") }
      }
    }
    loop.runOnce()
    #expect(log.lines == (1...1000).map { "\($0)" })
    // One run of the reader took them all off; nothing wakes the loop now.
    try loop.oneTurn()
    try loop.oneTurn()
    #expect(recorder.runs(of: "readFromSelf") == 1)
  }

  @Test func `L4b a full self-pipe is as good as a wake-up`() throws {
    let stage = try ScriptedLoop((.raise(eventfd: selfPipe), .error(EAGAIN)))
    let loop = stage.loop
    defer { try? loop.close() }
    let log = Log()
    let me = Unchecked(value: loop)
    onOtherThread { try! me.value.callSoonThreadsafe { log.add("called") } }
    stage.selector.report([selfPipe: .read])
    loop.runOnce()
    #expect(log.lines == ["called"])
    // And the same on the loop's own thread.
    stage.kernel.expect((.raise(eventfd: selfPipe), .error(EAGAIN)))
    try loop.callSoon { try me.value.callSoonThreadsafe { log.add("called again") } }
    loop.runOnce()
    loop.runOnce()
    #expect(log.lines == ["called", "called again"])
    #expect(stage.reports.isEmpty)
  }

  @Test func `L5 a wake-up that fails is an error, and nothing runs later`() throws {
    let stage = try ScriptedLoop((.raise(eventfd: selfPipe), .error(EPERM)))
    let loop = stage.loop
    defer { try? loop.close() }
    let log = Log()
    let me = Unchecked(value: loop)
    var failure: (any Error)?
    onOtherThread {
      failure = error { try me.value.callSoonThreadsafe { log.add("lost") } }
    }
    #expect((failure as? SystemError)?.errno == EPERM)
    try loop.oneTurn()
    #expect(log.lines == [])
    // The next call is as good as any.
    onOtherThread { try! me.value.callSoonThreadsafe { log.add("called") } }
    try loop.oneTurn()
    #expect(log.lines == ["called"])
  }

  @Test func `L5 a call that comes before the counter is taken down is not lost`()
    throws
  {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    let log = Log()
    let me = Unchecked(value: loop)
    let stageBox = Unchecked(value: stage)
    onOtherThread {
      try! me.value.callSoonThreadsafe {
        // The inbox was emptied, that is why this runs. The next call comes now...
        onOtherThread { try! me.value.callSoonThreadsafe { log.add("second call") } }
        // ...and behind us readFromSelf takes the counter down for both.
        #expect(stageBox.value.ready == ["readFromSelf"])
      }
    }
    stage.selector.report([selfPipe: .read])
    loop.runOnce()
    #expect(stage.kernel.calls.last == .drain(eventfd: selfPipe))
    // The kernel has no news any more. The loop must not wait for some.
    stage.selector.report([:])
    loop.runOnce()
    #expect(stage.selector.timeouts == [0, 0])
    #expect(log.lines == ["second call"])
  }

  @Test func `L6 a self-pipe at its end does not spin`() throws {
    let stage = try ScriptedLoop((.drain(eventfd: selfPipe), .number(0)))
    let loop = stage.loop
    defer { try? loop.close() }
    // Readable for ever, and nothing to read.
    stage.selector.report(
      [selfPipe: .read], [selfPipe: .read], [selfPipe: .read])
    loop.runOnce()
    for _ in 1...2 { loop.runOnce() }
    #expect(stage.kernel.calls.count { $0 == .drain(eventfd: selfPipe) } == 1)
    #expect(stage.selector.getKey(selfPipe) == nil)
    #expect(stage.reports.count == 1)
    #expect(stage.reports.first?.exception is RuntimeError)
  }

  @Test(arguments: [EAGAIN, EINTR])
  func `L6 an empty self-pipe is no end`(errno: Int32) throws {
    let stage = try ScriptedLoop((.drain(eventfd: selfPipe), .error(errno)))
    let loop = stage.loop
    defer { try? loop.close() }
    stage.selector.report([selfPipe: .read], [selfPipe: .read])
    loop.runOnce()
    loop.runOnce()
    #expect(stage.kernel.calls.count { $0 == .drain(eventfd: selfPipe) } == 2)
    #expect(stage.reports.isEmpty)
  }
}
