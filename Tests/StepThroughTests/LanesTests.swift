import Recording
import Telling
import Testing

/// A run as a picture.
@Suite struct LanesTests {
  @Test func `each step has its lane, its turn and its sign`() throws {
    let trace = try CausesTests.traces("accept")[0]
    let lanes = Lanes(trace)
    #expect(lanes.marks.map(\.step) == Array(1...trace.steps.count))
    #expect(
      lanes.lanes.map(\.label)
        == ["Task-1", "futures", "ready queue", "selector", "kernel"])
    func text(_ step: Int) throws -> String {
      let mark = try #require(lanes.mark(of: step))
      let lane = try #require(lanes.lanes.first { $0.lane == mark.lane })
      return "\(mark.turn) \(lane.label) \(mark.sign.rawValue) \(mark.label)"
    }
    #expect(try text(11) == "0 Task-1 + made")
    #expect(try text(20) == "1 kernel e accept4(listener) → EAGAIN")
    #expect(try text(25) == "1 Task-1 . waits for Future-1")
    #expect(try text(28).hasPrefix("2 kernel w a client connects"))
    #expect(try text(30) == "2 selector ! listener")
    #expect(try text(34) == "2 futures = Future-1: result")
    #expect(try text(36) == "2 ready queue q queued: wake-up of Task-1")
    #expect(try text(50) == "3 Task-1 = Task-1: result")
  }

  @Test func `arrows say who queues, settles, wakes`() throws {
    let lanes = Lanes(try CausesTests.traces("accept")[0])
    func arrow(to step: Int) -> String? {
      lanes.arrows.first { $0.to == step }.map { "\($0.kind) \($0.from)" }
    }
    #expect(arrow(to: 31) == "queues 30")
    #expect(arrow(to: 34) == "settles 33")
    #expect(arrow(to: 35) == "queues 34")
    #expect(arrow(to: 36) == "wakes 34")
    #expect(arrow(to: 32) == nil)
  }

  @Test func `a part is a picture of its own`() throws {
    let trace = try CausesTests.traces("scar A2")[0]
    let first = Lanes(trace, at: 40)
    let second = Lanes(trace, at: trace.steps.count)
    #expect(first.marks.first?.step == 1)
    #expect(try #require(first.marks.last).step + 1 == second.marks.first?.step)
    #expect(second.marks.last?.step == trace.steps.count)
    #expect(second.marks.first?.turn == 0 && first.mark(of: trace.steps.count) == nil)
  }

  @Test(arguments: CausesTests.scenarios)
  func `no step without a lane, no arrow into nothing`(name: String) throws {
    for trace in try CausesTests.traces(name) {
      let lanes = Lanes(trace, at: trace.steps.count)
      let known = Set(lanes.lanes.map(\.lane))
      #expect(
        !lanes.marks.isEmpty && lanes.marks.allSatisfy { known.contains($0.lane) })
      for arrow in lanes.arrows {
        #expect(lanes.mark(of: arrow.from) != nil && lanes.mark(of: arrow.to) != nil)
      }
      #expect(Lanes(Trace(scenario: "none")).marks.isEmpty)
    }
  }
}
