import Recording
import Scenarios
import Testing

/// The folded state and the real one, after every step of every scenario.
@Suite struct RealStateTests {
  @Test(arguments: Scenario.all.map(\.name))
  func `the folded state is the loop's real state`(name: String) throws {
    let scenario = try #require(Scenario.named(name))
    let recorder = Recorder()
    let real = RealState(recorder)
    recorder.onStep = { real.compare($0) }
    defer { recorder.onStep = nil }  // it holds the recorder, which holds it
    try scenario.run(recorder)
    #expect(real.differences == [])
    #expect(real.state.iteration > 0)
  }
}
