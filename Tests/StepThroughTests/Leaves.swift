import Recording
import Scenarios
import Testing

/// No circle keeps a loop alive, when its scenario is over.
struct Leaves {
  @Test(arguments: Scenario.all.map(\.name))
  func `a scenario leaves nothing behind`(name: String) throws {
    let recorder = Recorder()
    try #require(Scenario.named(name)).run(recorder)
    #expect(recorder.loop == nil)
  }
}
