import Asyncio
import Foundation
import Simulation
import Support
import Testing

@testable import Exercise6

@Suite struct AcceptingTests {
  private let client = try! SocketAddress("127.0.0.1", port: 4711)

  @Test func `a client who comes late is let in`() throws {
    let stage = try Stage(
      (.accept(fd: 5), .error(EAGAIN)), (.accept(fd: 5), .descriptor(6, client)))
    let listener = stage.socket(5)
    let task = try stage.loop.createTask {
      try await stage.loop.acceptOne(listener).descriptor
    }
    stage.selector.report([:], [5: .read])
    try stage.play()
    #expect(try task.result() == 6)
    #expect(stage.selector.keys[5] == nil && stage.troubles == [])
  }

  @Test func `nobody is let in for a task that has left`() throws {
    let stage = try Stage(
      (.accept(fd: 5), .error(EAGAIN)), (.accept(fd: 5), .descriptor(6, client)))
    let listener = stage.socket(5)
    let task = try stage.loop.createTask {
      _ = try await stage.loop.acceptOne(listener)
    }
    // In the second turn: first this, then the listener is readable.
    try stage.loop.callSoon { try stage.loop.callSoon { task.cancel() } }
    stage.selector.report([:], [5: .read])
    try stage.play()
    #expect(task.cancelled())
    #expect(stage.kernel.calls.count { $0 == .accept(fd: 5) } == 1)
    #expect(stage.selector.keys[5] == nil && stage.troubles == [])
  }
}
