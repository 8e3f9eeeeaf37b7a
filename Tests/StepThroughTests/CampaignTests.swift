import Scenarios
import Testing

/// Every answer at every call of every scenario, the next act of the world before every
/// call, and a cancellation at every suspension, one at a time.
@Suite struct CampaignTests {
  @Test(arguments: Scenario.all.map(\.name))
  func `whatever the kernel says, it ends well`(name: String) throws {
    let scenario = try #require(Scenario.named(name))
    let usual = scenario.course()
    try #require(usual.failure == nil)
    let all = everything(in: usual)
    var missed = 0
    for whatIf in all {
      let trial = Trial(scenario, usual, whatIf)
      if trial.isMissed { missed += 1 }
      if trial.finds.isEmpty { continue }
      // On a machine with much to do a moment may be longer than one thinks.
      let finds = Trial(scenario, usual, whatIf, patience: 2000).finds
      if finds.isEmpty { continue }
      Issue.record("\(name) --what-if '\(whatIf.place)=\(whatIf.otherwise)': \(finds)")
    }
    #expect(missed < all.count / 2, "\(missed) of \(all.count)")
    #expect(!all.isEmpty)
  }
}
