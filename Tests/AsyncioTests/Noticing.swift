import Comparison
import Scenarios
import Telling
import Testing

/// The comparison bites: whatever is changed in one of the two recordings is noticed.
@Suite struct Noticing {
  static let tree = SourceTree()
  /// Some with differences that are permitted, and some without.
  static let scenarios = [
    "accept", "recv-cancel-retry", "stream-limit", "transport-echo",
  ]

  @Test(arguments: scenarios) func `a step that is missing`(name: String) throws {
    let (ours, theirs) = try recordings(name)
    for place in ours.indices {
      var less = ours
      less.remove(at: place)
      expectParting(name, less, theirs, "without \(ours[place].text)")
    }
  }

  @Test(arguments: scenarios) func `a step that is done twice`(name: String) throws {
    let (ours, theirs) = try recordings(name)
    for place in ours.indices {
      var more = ours
      more.insert(ours[place], at: place)
      expectParting(name, more, theirs, "twice \(ours[place].text)")
    }
  }

  @Test(arguments: scenarios) func `two steps in the other order`(name: String) throws {
    let (ours, theirs) = try recordings(name)
    for place in ours.indices.dropLast() where ours[place] != ours[place + 1] {
      var swapped = ours
      swapped.swapAt(place, place + 1)
      expectParting(name, swapped, theirs, "too late: \(ours[place].text)")
    }
  }

  @Test func `another future than the one that was meant`() throws {
    let (ours, theirs) = try recordings("accept-two")
    let place = try #require(
      ours.lastIndex { $0.text.hasPrefix("loop futureSettled future=Future-2") })
    var wrong = ours
    wrong[place] = try #require(
      CommonEvent(
        json: """
          {"kind":"loop","event":"futureSettled",
          "fields":{"future":"Future-1","outcome":"result"}}
          """))
    expectParting("accept-two", wrong, theirs, "Future-1 instead of Future-2")
  }

  @Test func `a difference that is not there any more`() throws {
    let (ours, theirs) = try recordings("accept")
    let text = try #require(
      AsyncioTrace.text(of: "accept", Self.tree)?.split(separator: "\n")
        .filter { !$0.contains("\"setBlocking\",\"fields\":{\"fd\":\"connection 1\"") })
    let mended = try #require(AsyncioTrace(text.joined(separator: "\n")))
    #expect(mended.events.count == theirs.events.count - 1)
    let problems = Comparison("accept", ours, mended).problems
    #expect(problems == ["accept needs 'accept4' 0x (CPython 3.13.0)"])
  }

  @Test func `another kernel is told from another loop`() throws {
    let (ours, theirs) = try recordings("sendall-partial")
    let place = try #require(ours.firstIndex { $0.text.hasPrefix("call send ") })
    func ending(_ answer: String, _ count: Int) throws -> Alignment {
      var changed = ours
      changed[place] = try #require(
        CommonEvent(
          json: """
            {"kind":"call","event":"send","answer":"\(answer)",
            "fields":{"count":\(count),"fd":"socket"}}
            """))
      return Alignment(changed, theirs.events, permitting: [])
    }
    #expect(try ending("4096 bytes", 1_000_000).isOtherKernel)
    #expect(try ending("4096 bytes", 1_000_000).parting?.ours == place)
    #expect(try !ending("219264 bytes", 999_999).isOtherKernel)
  }

  private func recordings(
    _ name: String
  ) throws -> (ours: [CommonEvent], theirs: AsyncioTrace) {
    let theirs = try #require(AsyncioTrace.committed(name, Self.tree))
    let scenario = try #require(Scenario.named(name))
    return (try scenario.trace().common(Self.tree).events, theirs)
  }

  private func expectParting(
    _ name: String, _ ours: [CommonEvent], _ theirs: AsyncioTrace, _ what: String
  ) {
    let problems = Comparison(name, ours, theirs).problems
    #expect(!problems.isEmpty, "\(name) \(what): nobody has noticed")
  }
}
