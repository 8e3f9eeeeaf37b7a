import EventLoops
import Scars
import Simulation
import Testing

/// Each bug is in the trace of the old shape, and not in today's.
struct ScarsOfTransports {
  @Test func `T1 the bytes come before the program resumes`() throws {
    let old = try Played("T1", .old)
    #expect(old.told("dataReceived").count == 1 && old.runs(of: "resume") == 0)
    // The reader is registered by the call that stood in the queue.
    let place = try #require(old.watches("socket").begin.first)
    #expect(old.runner(at: place) == "addReader")

    let today = try Played("T1", .today)
    let resumed = try #require(today.call(of: "resume"))
    #expect(today.watches("socket").begin.allSatisfy { $0 > resumed })
    #expect(today.told("dataReceived").count == 1)
  }

  @Test func `T2 a closed number is watched, and None is asked to receive`() throws {
    let old = try Played("T2", .old)
    #expect(old.errors == ["readReady: AttributeError: None has no recv"])
    #expect(old.watches("socket").begin.count == 1)
    #expect(old.watches("socket").end.isEmpty)
    let closed = try #require(
      old.calls(on: "socket") { if case .close = $0 { true } else { false } }.first)
    #expect(try #require(old.call(of: "readReady")) > closed)

    let today = try Played("T2", .today)
    #expect(today.errors.isEmpty && today.watches("socket").begin.isEmpty)
    #expect(today.runs(of: "readReady") == 0 && today.told("connectionLost").count == 1)
  }

  @Test func `T5 nobody is registered for the rest`() throws {
    let old = try Played("T5", .old)
    #expect(old.offers == [[4, 4]] && old.taken == 3)
    #expect(
      old.watches("socket").begin.isEmpty && old.isStuck)
    #expect(old.told("connectionLost").isEmpty)

    let today = try Played("T5", .today)
    #expect(today.offers == [[4, 4], [1, 4]] && today.taken == 8)
    #expect(!today.isStuck)
    #expect(today.told("connectionLost").count == 1)
  }

  @Test func `T6 nobody is told to pause`() throws {
    let old = try Played("T6", .old)
    #expect(old.told("pauseWriting").isEmpty && old.fullest == 799_900)
    let today = try Played("T6", .today)
    #expect(today.told("pauseWriting").count == 1 && today.fullest == 399_900)
  }

  @Test func `T7 the loop is None`() throws {
    let old = try Played("T7", .old)
    #expect(old.notes("the program catches AttributeError").count == 1)
    let today = try Played("T7", .today)
    #expect(
      today.notes("the program catches").isEmpty && today.runs(of: "lastWord") == 1)
    for played in [old, today] { #expect(played.offers.isEmpty) }
  }

  @Test func `T8 no bytes are sent again and again`() throws {
    let old = try Played("T8", .old)
    #expect(old.offers == [[5, 0], [0], [0], [0]])
    #expect(old.told("connectionLost").isEmpty)
    // It does not even sleep: nothing else is queued, and yet each wait ends at once.
    let waits = old.places { $0 == .selectEntered(timeout: nil) }
    #expect(waits.count == 3 && old.runs(of: "writeReady") == 3)

    let today = try Played("T8", .today)
    #expect(today.offers == [[5]] && today.told("connectionLost").count == 1)
  }

  @Test func `T9 None is registered, and called in each turn`() throws {
    let old = try Played("T9", .old)
    #expect(
      old.errors
        == Array(repeating: "writeReady 2: TypeError: None cannot be called", count: 3))
    #expect(old.taken == 120 && old.told("connectionLost").isEmpty)
    let today = try Played("T9", .today)
    #expect(today.errors.isEmpty && today.taken == 150)
    #expect(today.told("connectionLost").count == 1)
  }

  @Test func `T10 the end comes directly, and then it comes again`() throws {
    let old = try Played("T10", .old)
    let place = try #require(old.told("connectionLost").first)
    #expect(old.runner(at: place) == "writeReady")
    #expect(try #require(old.call(of: "callConnectionLost")) > place)
    #expect(old.errors == ["callConnectionLost: AttributeError: None has no close"])

    let today = try Played("T10", .today)
    let places = today.told("connectionLost")
    #expect(places.map(today.runner) == ["callConnectionLost"])
    #expect(today.errors.isEmpty && today.runs(of: "callConnectionLost") == 1)
  }
}
