import CLibrary
import EventLoops
import Recording
import Scars
import Simulation
import Testing

/// The scars of accepting, and what happened in each shape.
struct Accepting {
  @Test func `A1 the reader stays behind, and today it goes`() throws {
    for shape in [Scar.Shape.old, .today] {
      let played = try Played("A1", shape)
      let listener = try played.number("listener")
      let closed = try #require(
        played.place { $0.event == .call(.close(fd: listener), .done) })
      let begun = played.events.contains {
        if case .registered(let new) = $0 { new.fd == listener } else { false }
      }
      #expect(begun)
      let gone = played.place(of: .unregistered(fd: listener))
      #expect(shape == .old ? gone == nil : gone! < closed)
    }
  }

  @Test func `A2 a client is taken and hung up on, and today it stays`() throws {
    let old = try Played("A2", .old)
    let connection = try old.number("connection 1")
    let cancelled = try #require(
      old.place(of: .futureSettled(Name(2, "Future-1"), .cancelled)))
    let accepted = old.place(from: cancelled, where: isArrival)
    #expect(accepted != nil)
    #expect(
      old.place(from: accepted) { $0.event == .call(.close(fd: connection), .done) }
        != nil)
    #expect(old.errors == ["sockAcceptStep: Future-1 is done already"])

    let today = try Played("A2", .today)
    #expect(today.place(where: isArrival) == nil && today.errors == [])
    // It is reported once more, since it is still there, and by then nobody waits.
    #expect(today.runs(of: "sockAcceptStep") == 1)
    #expect(today.skips(of: "sockAcceptStep") == 1)
  }

  @Test func `A4 one client a turn, and today all of them`() throws {
    for shape in [Scar.Shape.old, .today] {
      let played = try Played("A4", shape)
      let first = try #require(played.place(where: isArrival))
      let second = try #require(played.place(from: first + 1, where: isArrival))
      let later = played.turn(second)! - played.turn(first)!
      #expect(later == (shape == .old ? 1 : 0))
      #expect(played.runs(of: "acceptConnection") == later + 1)
    }
  }

  @Test func `A5 one that gave up ends the batch, and today not`() throws {
    for shape in [Scar.Shape.old, .today] {
      let played = try Played("A5", shape)
      let aborted = try #require(
        played.place {
          if case .call(.accept, .error(ECONNABORTED)) = $0.event {
            true
          } else {
            false
          }
        })
      let accepted = try #require(played.place(from: aborted, where: isArrival))
      let later = played.turn(accepted)! - played.turn(aborted)!
      #expect(later == (shape == .old ? 1 : 0))
    }
  }

  @Test func `A6 a report and a timer for each place in the backlog, and today one`()
    throws
  {
    for shape in [Scar.Shape.old, .today] {
      let played = try Played("A6", shape)
      let refusals = played.calls.count {
        if case (.accept, .error(EMFILE)) = $0 { true } else { false }
      }
      let timers = played.events.count {
        if case .timerScheduled = $0 { true } else { false }
      }
      #expect(refusals == (shape == .old ? 3 : 1) && timers == refusals)
      #expect(played.runs(of: "acceptConnection") == 1)
    }
  }

  private func isArrival(_ step: Step) -> Bool {
    if case .call(.accept, .descriptor) = step.event { true } else { false }
  }
}
