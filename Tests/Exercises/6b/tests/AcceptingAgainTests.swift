import Asyncio
import Foundation
import Simulation
import Support
import Testing

@testable import Exercise6b

@Suite struct AcceptingAgainTests {
  private let client = try! SocketAddress("127.0.0.1", port: 4711)

  /// Accepts on 5 after so many false alarms.
  ///
  /// - Returns: whether 5 is on the list when the task goes on.
  private func isWatched(afterFalseAlarms count: Int) throws -> Bool? {
    let stage = try Stage()
    for _ in 0...count { stage.kernel.expect((.accept(fd: 5), .error(EAGAIN))) }
    stage.kernel.expect((.accept(fd: 5), .descriptor(6, client)))
    let listener = stage.socket(5)
    let task = try stage.loop.createTask {
      _ = try await stage.loop.acceptOne(listener)
      return stage.selector.keys[5] != nil
    }
    stage.selector.report([:])
    for _ in 0...count { stage.selector.report([5: .read]) }
    try stage.play()
    #expect(stage.selector.keys[5] == nil && stage.troubles == [])
    return task.done() ? try task.result() : nil
  }

  @Test(arguments: 0...3)
  func `when the task goes on, nothing of the wait is left`(falseAlarms: Int) throws {
    let isWatched = try isWatched(afterFalseAlarms: falseAlarms)
    #expect(isWatched == false)
  }

  @Test func `cancelled after a false alarm, it leaves nothing behind`() throws {
    let stage = try Stage(
      (.accept(fd: 5), .error(EAGAIN)), (.accept(fd: 5), .error(EAGAIN)))
    let listener = stage.socket(5)
    let task = try stage.loop.createTask {
      _ = try await stage.loop.acceptOne(listener)
    }
    try stage.loop.callLater(1) { task.cancel() }
    stage.selector.report([:], [5: .read])
    try stage.play()
    #expect(task.cancelled())
    #expect(stage.selector.keys[5] == nil && stage.troubles == [])
  }
}
