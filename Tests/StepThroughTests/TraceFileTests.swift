import Recording
import Scars
import Scenarios
import Telling
import Testing

/// A trace that was written to a file tells the same story when it is read back.
@Suite struct TraceFileTests {
  static let scenarios = Scenario.all + Scar.all.compactMap(\.scenario)
  static let tree = SourceTree()

  @Test(arguments: scenarios.map(\.name)) func `comes back as it was`(name: String)
    throws
  {
    let scenario = try #require(Self.scenarios.first { $0.name == name })
    let trace = try scenario.trace()
    let text = jsonHead(trace) + trace.tellings.map { jsonLine($0, Self.tree) }.joined()
    let again = try TraceReader.read(text)
    #expect(again.scenario == trace.scenario)
    #expect(again.by == "walkthrough")
    let (told, toldAgain) = (trace.tellings, again.tellings)
    #expect(toldAgain.map(\.sentence) == told.map(\.sentence))
    #expect(again.steps.map(\.line) == trace.steps.map(\.line))
    // The machine, too, up to the numbers that things have.
    for number in [trace.steps.count / 3, trace.steps.count / 2, trace.steps.count] {
      let (one, other) = (trace.state(after: number), again.state(after: number))
      #expect(
        other.sections.map { $0.items.map { "\($0.name) \($0.details)" } }
          == one.sections.map { $0.items.map { "\($0.name) \($0.details)" } })
    }
  }

  @Test(arguments: [
    ("", "line 1: this is no trace"),
    ("{}", "line 1: this is no trace"),
    (#"{"trace":2}"#, "line 1: this trace has the words of version 2"),
    (#"{"trace":1,"name":"x"}"# + "\n\n{", "line 3: this is no JSON"),
    (line(#"{"kind":"loop"}"#), "line 2: a step has a 'kind' and an 'event'"),
    (
      line(#"{"kind":"loop","event":"handleQueued"}"#),
      "line 2: 'handleQueued' has no 'handle' that is a text"
    ),
    (line(#"{"kind":"loop","event":"x"}"#), "line 2: a loop has no event 'x'"),
    (line(#"{"kind":"y","event":"x"}"#), "line 2: there is no kind 'y' of step"),
    (
      line(#"{"kind":"call","event":"close","fields":{"fd":"a"}}"#),
      "line 2: the call 'close' has no 'answer'"
    ),
    (
      line(#"{"kind":"call","event":"socket","fields":{"family":"x"},"answer":"a"}"#),
      "line 2: 'socket' has no 'family' that is one of ipv4, ipv6, unix"
    ),
  ])
  func `says which line is wrong, and why`(text: String, message: String) throws {
    let error = #expect(throws: TraceError.self) { try TraceReader.read(text) }
    #expect(try #require(error).description.hasPrefix(message))
  }

  private static func line(_ line: String) -> String {
    #"{"trace":1,"name":"x","by":"y"}"# + "\n" + line + "\n"
  }
}
