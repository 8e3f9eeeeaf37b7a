import EventLoops
import TestSupport
import Testing

/// An error that nobody asked for is reported once, when the future goes away:
/// the last chance that anybody hears of it.
@Suite struct UnseenErrors {
  let stage: ScriptedLoop
  let loop: EventLoop
  init() throws {
    stage = try ScriptedLoop()
    loop = stage.loop
  }

  @Test func `a future's error is reported once, when the future goes away`() throws {
    var future: Future<Int>? = loop.createFuture()
    try future?.setException(Failure(number: 9))
    #expect(stage.reports.isEmpty)
    future = nil
    #expect(stage.reports.count == 1)
    #expect(stage.reports.first?.exception as? Failure == Failure(number: 9))
    #expect(stage.reports.first?.message.contains("Future-1") == true)
    try loop.close()
    #expect(stage.reports.count == 1)
  }

  @Test func `a task's error is reported once, when the task goes away`() throws {
    var task: LoopTask<Void>? = try loop.createTask { throw Failure(number: 4) }
    loop.runOnce()
    #expect(task?.done() == true)
    #expect(stage.reports.isEmpty)
    task = nil
    #expect(stage.reports.count == 1)
    #expect(stage.reports.first?.exception as? Failure == Failure(number: 4))
    #expect(stage.reports.first?.message.contains("Task-1") == true)
    try loop.close()
  }

  @Test func `a task that nobody keeps is reported as soon as it has failed`() throws {
    try loop.createTask { throw Failure() }
    loop.runOnce()
    #expect(stage.reports.count == 1)
    try loop.close()
  }

  @Test func `an error that was asked for is not reported`() throws {
    for ask in ["result", "exception", "await"] {
      let future: Future<Int> = loop.createFuture()
      switch ask {
      case "result":
        try future.setException(Failure())
        _ = try? future.result()
      case "exception":
        try future.setException(Failure())
        _ = try future.exception()
      default:
        try loop.createTask { _ = try? await future.value() }
        loop.runOnce()
        try future.setException(Failure())
        loop.runOnce()
      }
    }
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `results, cancellations and empty boxes are not reported`() throws {
    try Future<Int>(loop).setResult(1)
    Future<Int>(loop).cancel()
    _ = Future<Int>(loop)
    try loop.createTask { throw CancellationError() }
    loop.runOnce()
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  /// asyncio: the first line of Future.cancel, before it asks whether it is done
  @Test func `who cancels a failed future does not want to hear of it`() throws {
    var future: Future<Int>? = loop.createFuture()
    try future?.setException(Failure())
    #expect(future?.cancel() == false)
    #expect(future?.cancelled() == false)
    future = nil
    var task: LoopTask<Void>? = try loop.createTask { throw Failure() }
    loop.runOnce()
    #expect(task?.cancel() == false)
    task = nil
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  /// The task's cancel cancels what it waits for, and thereby says the same of it.
  @Test func `an error that a cancellation pushed aside is not reported`() throws {
    var future: Future<Int>? = loop.createFuture()
    let task = try loop.createTask { [future] in _ = try await future!.value() }
    loop.runOnce()
    try future?.setException(Failure())
    future = nil
    task.cancel()
    loop.runOnce()
    #expect(task.cancelled())
    #expect(stage.reports.isEmpty)
    try loop.close()
  }
}
