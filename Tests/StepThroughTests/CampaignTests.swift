import EventLoops
import Foundation
import Recording
import Scenarios
import SocketOperations
import Sockets
import Synchronization
import Testing

/// Every answer at every call of every scenario, and a cancellation at every suspension,
/// one at a time. Here that is all of it where the kernel is a script, and every so
/// manieth elsewhere, another part each day. All of it:
///
///     WHAT_IF=all swift test --filter CampaignTests
@Suite struct CampaignTests {
  private static let isAll = ProcessInfo.processInfo.environment["WHAT_IF"] == "all"
  private static let stride = 16

  @Test(arguments: Scenario.all.map(\.name))
  func `whatever the kernel says, it ends well`(name: String) throws {
    let scenario = try #require(Scenario.named(name))
    let usual = scenario.course()
    try #require(usual.failure == nil)
    let all = everything(in: usual)
    try #require(!all.isEmpty)
    let isWhole = Self.isAll || scenario.isScripted
    let day = Int(Date().timeIntervalSince1970 / 86_400)
    var count = 0
    for (place, whatIf) in all.enumerated()
    where isWhole || place % Self.stride == day % Self.stride {
      count += 1
      let finds = Trial(scenario, usual, whatIf).finds
      if finds.isEmpty { continue }
      Issue.record("\(name) --what-if '\(whatIf.place)=\(whatIf.otherwise)': \(finds)")
    }
    if Self.isAll { print("what if: \(name), \(count) runs") }
  }
}
