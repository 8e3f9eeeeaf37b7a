import EventLoops
import Scars
import Simulation
import Testing

/// Each bug is in the trace of the old shape, and not in today's.
struct ScarsOfServersAndStreams {
  private func closes(_ played: Played) -> [Int] {
    played.calls(on: "connection 1") { if case .close = $0 { true } else { false } }
  }

  @Test func `V1 only the garbage collector hangs up`() throws {
    let old = try Played("V1", .old)
    let collected = try #require(old.notes("some time later").first)
    #expect(closes(old).allSatisfy { $0 > collected } && closes(old).count == 1)
    #expect(old.notes("the exception handler hears of AssertionError").count == 1)
    #expect(old.notes("Python prints TypeError").count == 1)

    let today = try Played("V1", .today)
    // The first step of the task that the accept has made.
    let closed = try #require(closes(today).first)
    #expect(today.runner(at: closed) == "wake-up of Task-1")
    #expect(today.notes("the exception handler").isEmpty)
    #expect(
      today.calls { if case .getsockname = $0 { true } else { false } }.isEmpty)
  }

  @Test func `V2 nobody waits for the client`() throws {
    let old = try Played("V2", .old)
    #expect(old.notes("this waitClosed returns without waiting").count == 1)
    #expect(old.settles("main") { $0 == .result }.count == 1)
    #expect(old.told("connectionLost").isEmpty)

    let today = try Played("V2", .today)
    let lost = try #require(today.told("connectionLost").first)
    let over = try #require(today.settles("main") { $0 == .result }.first)
    #expect(over > lost && today.notes("this waitClosed").isEmpty)
  }

  @Test func `M1 the reader waits for bytes that nobody receives`() throws {
    func receives(_ played: Played) -> Int {
      played.calls { if case .recv = $0 { true } else { false } }.count
    }
    let old = try Played("M1", .old)
    #expect(receives(old) == 1 && old.isStuck)
    #expect(old.settles("Task-1") { $0 == .result }.isEmpty)
    // Not watched from the first ten bytes on.
    #expect(old.watches("socket").begin.count == 1)
    #expect(old.watches("socket").end.count == 1)

    let today = try Played("M1", .today)
    #expect(receives(today) == 2 && !today.isStuck)
    #expect(today.settles("Task-1") { $0 == .result }.count == 1)
  }

  @Test func `M3 the bad news waits for the program`() throws {
    let old = try Played("M3", .old)
    let ended = try #require(old.settles("Task-1") { $0 == .result }.first)
    #expect(old.notes("this drain returns without waiting").count == 4)
    #expect(try #require(old.told("connectionLost").first) > ended)

    let today = try Played("M3", .today)
    let heard = try #require(today.settles("Task-1") { $0 == .result }.first)
    #expect(today.notes("this drain").isEmpty)
    #expect(today.notes("the program catches ECONNRESET").count == 1)
    #expect(try #require(today.told("connectionLost").first) < heard)
    // One turn was given away, and that was enough.
    #expect(
      today.places { if case .taskSuspended(_, nil) = $0 { true } else { false } }.count
        == 1)
  }

  @Test func `M4 there is room for one who waits`() throws {
    let old = try Played("M4", .old)
    #expect(
      old.settles("second") {
        $0 == .exception("AssertionError: somebody waits already")
      }
      .count == 1)
    #expect(old.settles("first") { $0 == .result }.count == 1)

    let today = try Played("M4", .today)
    for task in ["first", "second"] {
      #expect(today.settles(task) { $0 == .result }.count == 1)
    }
    // Both had to wait.
    #expect(
      today.places { if case .taskSuspended(_, _?) = $0 { true } else { false } }.count
        == 2)
  }

  @Test func `M7 the answer is dropped`() throws {
    let old = try Played("M7", .old)
    let answered = try #require(old.notes("the program writes").first)
    let closing = old.places {
      if case .transportChanged(let new) = $0 { new.isClosing } else { false }
    }
    #expect(try #require(closing.first) < answered && old.offers.isEmpty)

    let today = try Played("M7", .today)
    #expect(today.offers == [[2]] && today.taken == 2)
    #expect(today.told("connectionLost").count == 1)
  }
}
