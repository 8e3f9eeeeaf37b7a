import TestSupport
import Testing

@testable import EventLoops

/// What the loop takes for granted of Swift's runtime.
@Suite struct RuntimeTests {
  @Test func `this runtime is as it has to be`() {
    #expect(flawOfTheRuntime() == nil)
  }

  /// Runs a job elsewhere, some time: what a runtime may do by its documentation.
  private final class Late: Probe, @unchecked Sendable {
    override func enqueue(_ job: consuming ExecutorJob) {}
  }
  /// Hands over a new task, and loses it when it goes on.
  private final class Once: Probe, @unchecked Sendable {
    private var count = 0
    override func enqueue(_ job: consuming ExecutorJob) {
      count += 1
      if count == 1 { super.enqueue(job) }
    }
  }

  @Test func `a runtime that is another one is found out, and nothing hangs`() {
    #expect(flawOfTheRuntime(Late()) == "a new task is not handed over at once")
    #expect(
      flawOfTheRuntime(Once()) == "a task that is resumed is not handed over at once")
  }
}
