import EventLoops
import TestSupport
import Testing

/// The rows FUT of the table of behaviours: a future is a box and a list.
@Suite struct Futures {
  let stage: ScriptedLoop
  let loop: EventLoop
  let future: Future<Int>
  init() throws {
    stage = try ScriptedLoop()
    loop = stage.loop
    future = loop.createFuture()
  }

  @Test func `FUT-01 a fresh future is neither done nor cancelled`() throws {
    #expect(!future.done())
    #expect(!future.cancelled())
    #expect(throws: InvalidStateError.self) { try future.result() }
    #expect(throws: InvalidStateError.self) { try future.exception() }
    #expect(future.getLoop() === loop)
    #expect(Future<Int>(loop).getLoop() === loop)
    try loop.close()
  }

  @Test func `FUT-02 a result makes it done and not cancelled`() throws {
    try future.setResult(42)
    #expect(future.done())
    #expect(!future.cancelled())
    #expect(try future.result() == 42)
    #expect(try future.exception() == nil)
    // Once is all. The box keeps what is in it.
    #expect(throws: InvalidStateError.self) { try future.setResult(43) }
    #expect(throws: InvalidStateError.self) { try future.setException(Failure()) }
    #expect(!future.cancel())
    #expect(try future.result() == 42)
    try loop.close()
  }

  @Test func `FUT-03 an error makes it done and not cancelled`() throws {
    try future.setException(Failure(number: 7))
    #expect(future.done())
    #expect(!future.cancelled())
    #expect(throws: Failure(number: 7)) { try future.result() }
    #expect(try future.exception() as? Failure == Failure(number: 7))
    #expect(throws: InvalidStateError.self) { try future.setResult(1) }
    try loop.close()
  }

  @Test func `FUT-05 cancel settles a pending future`() throws {
    #expect(future.cancel())
    #expect(future.cancelled())
    #expect(future.done())
    #expect(throws: CancellationError.self) { try future.result() }
    #expect(throws: CancellationError.self) { try future.exception() }
    // Cancelled is done: nothing else goes in, and it cannot be cancelled again.
    #expect(throws: InvalidStateError.self) { try future.setResult(1) }
    #expect(!future.cancel())
    try loop.close()
  }

  @Test(arguments: ["setResult", "setException", "cancel"])
  func `FUT-08 callbacks run through callSoon, once, in order`(how: String) throws {
    let log = Log()
    let future = future
    for name in ["a", "b", "c"] {
      future.addDoneCallback {
        #expect($0 === future && $0.done())
        log.add(name)
      }
    }
    try loop.callSoon { log.add("queued before") }
    switch how {
    case "setResult": try future.setResult(1)
    case "setException": try future.setException(Failure())
    default: future.cancel()
    }
    // Settling has run nobody's code. The callbacks stand in the queue.
    #expect(log.lines == [])
    #expect(loop.ready.count == 4)
    loop.runOnce()
    #expect(log.lines == ["queued before", "a", "b", "c"])
    #expect(loop.ready.isEmpty)
    _ = try? future.exception()
    try loop.close()
  }

  @Test func `FUT-09 a callback on a done future waits for the next turn`() throws {
    let log = Log()
    let future = future
    try future.setResult(1)
    try loop.callSoon {
      future.addDoneCallback { _ in log.add("late") }
      #expect(log.lines == [])
    }
    loop.runOnce()
    #expect(log.lines == [])
    loop.runOnce()
    #expect(log.lines == ["late"])
    try loop.close()
  }

  @Test func `FUT-10 a callback that adds another one, for the turn after`() throws {
    let log = Log()
    future.addDoneCallback { future in
      log.add("first")
      future.addDoneCallback { _ in log.add("second") }
    }
    try future.setResult(1)
    loop.runOnce()
    #expect(log.lines == ["first"])
    loop.runOnce()
    #expect(log.lines == ["first", "second"])
    try loop.close()
  }

  @Test func `FUT-11 removeDoneCallback removes every registration`() throws {
    let log = Log()
    let a = future.addDoneCallback("a") { _ in log.add("a") }
    future.addDoneCallback("b") { _ in log.add("b") }
    future.addDoneCallback(a)
    let c = future.addDoneCallback("c") { _ in log.add("c") }
    future.addDoneCallback("d") { _ in log.add("d") }
    #expect(future.doneCallbacks.map(\.label) == ["a", "b", "a", "c", "d"])
    #expect(future.removeDoneCallback(a) == 2)
    #expect(future.removeDoneCallback(a) == 0)
    #expect(future.removeDoneCallback(c) == 1)
    #expect(future.doneCallbacks.map(\.label) == ["b", "d"])
    try future.setResult(1)
    loop.runOnce()
    #expect(log.lines == ["b", "d"])
    #expect(future.removeDoneCallback(a) == 0)
    try loop.close()
  }

  @Test func `FUT-11 a callback that is there twice runs twice`() throws {
    let log = Log()
    let a = future.addDoneCallback { _ in log.add("a") }
    future.addDoneCallback { _ in log.add("b") }
    future.addDoneCallback(a)
    try future.setResult(1)
    loop.runOnce()
    #expect(log.lines == ["a", "b", "a"])
    try loop.close()
  }

  @Test func `FUT-13 a callback that throws is reported and does no harm`() throws {
    let log = Log()
    let bad = future.addDoneCallback("bad") { _ in throw Failure() }
    future.addDoneCallback { _ in log.add("behind it") }
    try future.setResult(5)
    loop.runOnce()
    #expect(log.lines == ["behind it"])
    #expect(stage.reports.count == 1)
    #expect(stage.reports.first?.exception as? Failure == Failure())
    #expect(stage.reports.first?.handle === bad)
    #expect(try future.result() == 5)
    try loop.close()
  }

  @Test func `FUT-14 awaiting a done future does not give up the loop`() throws {
    let log = Log()
    let (loop, future) = (loop, future)
    try future.setResult(3)
    let task = try loop.createTask {
      try loop.callSoon { log.add("callback") }
      log.add("first \(try await future.value())")
      log.add("second \(try await future.value())")
      try await loop.sleep(0)
      log.add("after a real suspension")
    }
    loop.settle()
    #expect(
      log.lines == ["first 3", "second 3", "callback", "after a real suspension"])
    try task.result()
    try loop.close()
  }

  @Test func `a cancelled callback is skipped, and lets go of what it holds`() throws {
    weak var canary: Canary?
    let (future, log) = (future, Log())
    let handle = {
      let bird = Canary()
      canary = bird
      return future.addDoneCallback { _ in log.add("never \(bird)") }
    }()
    #expect(canary != nil)
    handle.cancel()
    #expect(canary == nil)
    try future.setResult(1)
    loop.runOnce()
    #expect(log.lines == [])
    try loop.close()
  }

  @Test func `a callback cannot be lent to another future`() async throws {
    try loop.close()
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let loop = try EventLoop()
      let callback = Future<Int>(loop).addDoneCallback("mine") { _ in }
      Future<String>(loop).addDoneCallback(callback)
    }
    #expect(result.saysOnStandardError("mine was made for another future"))
  }
}
