import Asyncio
import Support
import Testing

@testable import Exercise14

@Suite struct DoorkeeperTests {
  @Test func `everybody may stay for ten seconds`() throws {
    let stage = try Stage()
    let keeper = Doorkeeper(stage.loop, patience: 10)
    var log: [String] = []
    func comes(_ name: String, _ fd: Int32, at time: Double) throws {
      try stage.loop.callAt(time) {
        try keeper.comes(fd) { log.append("\(name) at \(Int(stage.loop.time()))") }
      }
    }
    // Ada leaves in time. Bo gets her number, and Cy is another story.
    try comes("Ada", 5, at: 0)
    try stage.loop.callAt(7) { keeper.leaves(5) }
    try comes("Bo", 5, at: 8)
    try comes("Cy", 6, at: 1)
    try stage.play()
    #expect(log == ["Cy at 11", "Bo at 18"])
    #expect(stage.troubles == [])
  }

  @Test func `who has been hung up on is forgotten`() throws {
    let stage = try Stage()
    let keeper = Doorkeeper(stage.loop, patience: 10)
    var count = 0
    try keeper.comes(5) {
      count += 1
      keeper.leaves(5)
    }
    try stage.play()
    #expect(count == 1 && stage.troubles == [])
  }
}
