import CLibrary
import EventLoops
import Recording
import Scars
import Simulation
import Testing

/// The scars of receiving, and what happened in each shape.
struct Receiving {
  @Test func `R2 the clean-up takes somebody else's reader, and today does not`() throws
  {
    for shape in [Scar.Shape.old, .today] {
      let played = try Played("R2", shape)
      let isOld = shape == .old
      let replaced = played.place {
        if case .loop(.modified) = $0.event { true } else { false }
      }
      let cleanUp = try #require(played.call(of: "sockReadDone", from: replaced))
      // What the clean-up does, until it returns.
      let own = played.steps[cleanUp...].prefix {
        if case .loop(.handleFinished) = $0.event { false } else { true }
      }
      let socket = try played.number("socket")
      #expect(
        own.contains { $0.event == .loop(.unregistered(fd: socket)) } == isOld)
      #expect(played.isStuck == isOld)
      #expect(played.runs(of: "sockRecvStep") == (isOld ? 0 : 1))
      // In both shapes the five bytes are there.
      #expect(answers(played) == [.error(EAGAIN), .error(EAGAIN), .number(5)])
    }
  }

  @Test func `R3 bytes are taken for nobody, and today they stay`() throws {
    let old = try Played("R3", .old)
    #expect(answers(old) == [.error(EAGAIN), .number(3), .number(3)])
    #expect(old.errors == ["sockRecvStep: Future-1 is done already"])
    let today = try Played("R3", .today)
    #expect(answers(today) == [.error(EAGAIN), .number(6)])
    #expect(today.runs(of: "sockRecvStep") == 1 && today.errors == [])
  }

  private func answers(_ played: Played) -> [SystemAnswer] {
    played.calls.compactMap { if case .recv = $0.call { $0.answer } else { nil } }
  }
}
