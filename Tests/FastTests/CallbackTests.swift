import EventLoops
import Simulation
import TestSupport
import Testing

/// A future's list of callbacks, with holes in it.
@Suite struct CallbackTests {
  @Test(arguments: [1, 2, 5, 40, 1000])
  func `callbacks that come and go, once or several times`(count: Int) throws {
    let stage = try ScriptedLoop()
    let loop = stage.loop
    defer { try? loop.close() }
    var dice = Dice(count)
    var log: [Int] = []
    let future = loop.createFuture(of: Void.self)
    // The list as it should be; in it, which callback.
    var expected = Array(0..<count)
    let callbacks = expected.map { number in
      future.addDoneCallback("\(number)") { _ in log.append(number) }
    }
    for _ in 0..<3 * count {
      let number = dice.next(count)
      if dice.next(3) == 0 {
        future.addDoneCallback(callbacks[number])
        expected.append(number)
      } else {
        let before = expected.count
        expected.removeAll { $0 == number }
        #expect(future.removeDoneCallback(callbacks[number]) == before - expected.count)
      }
    }
    #expect(future.doneCallbacks.map(\.label) == expected.map { "\($0)" })
    try future.setResult(())
    #expect(future.removeDoneCallback(callbacks[0]) == 0)
    stage.selector.report([:])
    loop.runOnce()
    #expect(log == expected)
  }

  @Test func `what is removed goes at once`() throws {
    let stage = try ScriptedLoop()
    defer { try? stage.loop.close() }
    final class Canary {}
    weak var canary: Canary?
    let future = stage.loop.createFuture(of: Void.self)
    for _ in 1...10 { future.addDoneCallback { _ in } }
    do {
      let held = Canary()
      canary = held
      future.removeDoneCallback(future.addDoneCallback { _ in _ = held })
    }
    #expect(canary == nil)
    #expect(future.doneCallbacks.count == 10)
  }

  @Test func `a callback of another future is not there`() throws {
    let stage = try ScriptedLoop()
    defer { try? stage.loop.close() }
    let one = stage.loop.createFuture(of: Void.self)
    let other = stage.loop.createFuture(of: Void.self)
    let callback = one.addDoneCallback { _ in }
    other.addDoneCallback { _ in }
    #expect(other.removeDoneCallback(callback) == 0)
    #expect(one.removeDoneCallback(callback) == 1)
    #expect(one.removeDoneCallback(callback) == 0)
    #expect(other.doneCallbacks.count == 1)
  }
}
