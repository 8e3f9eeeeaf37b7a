import CLibrary
import EventLoops
import Scars
import Simulation
import Testing

/// The scars of the loop, and what it did in each shape.
struct TheLoop {
  @Test func `L2 a reader that was removed runs once more, and today does not`() throws
  {
    for shape in [Scar.Shape.old, .today] {
      let played = try Played("L2", shape)
      let second = try played.number("connection 2")
      let removed = try #require(played.place(of: .unregistered(fd: second)))
      let isOld = shape == .old
      #expect((played.call(of: "readSecond", from: removed) != nil) == isOld)
      #expect(played.skips(of: "readSecond") == (isOld ? 0 : 1))
      let failed = played.calls.contains {
        if case (.recv, .error(EBADF)) = $0 { true } else { false }
      }
      #expect(failed == isOld)
    }
  }

  @Test func `L3 one event is delivered twice, and today once`() throws {
    let old = try Played("L3", .old)
    #expect(old.runs(of: "connectDone") == 2)
    #expect(old.errors == ["connectDone: Future-1 is done already"])
    // Both of them in one turn, the one after the restart.
    let first = old.call(of: "connectDone")
    #expect(old.turn(first) == 2)
    #expect(old.turn(old.call(of: "connectDone", from: first.map { $0 + 1 })) == 2)

    let today = try Played("L3", .today)
    #expect(today.runs(of: "connectDone") == 1)
    #expect(today.errors == [])
    // Reported again after the restart, and called off before its turn.
    #expect(today.skips(of: "connectDone") == 1)
  }

  @Test func `L7 the last part of a wait becomes none, and today a millisecond`() throws
  {
    func waits(_ shape: Scar.Shape) throws -> [Int32] {
      try Played("L7", shape).calls.compactMap {
        if case .epollWait(_, let timeout) = $0.call { timeout } else { nil }
      }
    }
    #expect(try waits(.old) == [10, 0, 0, 0, 0])
    #expect(try waits(.today) == [11])
  }

  @Test func `F1 a future that was cancelled is settled, and today is left alone`()
    throws
  {
    let old = try Played("F1", .old)
    #expect(old.errors == ["setResult: Future-1 is done already"])
    let today = try Played("F1", .today)
    #expect(today.errors == [])
    // It had its turn all the same, after the cancellation.
    let cancelled = today.place(of: .futureSettled(Name(2, "Future-1"), .cancelled))
    #expect(today.call(of: "setResultUnlessCancelled", from: cancelled) != nil)
    for played in [old, today] {
      #expect(!played.events.contains(.futureSettled(Name(2, "Future-1"), .result)))
    }
  }
}
