import CLibrary
import EventLoops
import Foundation
import Recording
import Scars
import Scenarios
import Simulation
import Sockets
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
    (line(""), "line 1: this trace has no step"),
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

  /// What another kernel is asked: the list is a queue, descriptor 1, and the self-pipe
  /// a pair of sockets.
  private static let callsOfAMac: [StepEvent] = [
    .call(.kqueueCreate, .descriptor(1)), .call(.socketpair, .descriptor(2)),
    .call(.kqueueControl(queue: 1, .add, fd: 3, .read), .done),
    .call(.kqueueControl(queue: 1, .add, fd: 3, .write), .error(ENOMEM)),
    .call(
      .kqueueWait(queue: 1, timeout: -1),
      .reports([
        KqueueReport(3, .read), KqueueReport(3, .write, isEnd: true),
        KqueueReport(2, .read, isEnd: true, error: ECONNRESET),
      ])),
    .call(.kqueueWait(queue: 1, timeout: 20), .reports([])),
    .call(.kqueueControl(queue: 1, .delete, fd: 3, .read), .done),
  ]

  @Test func `a Mac's calls come back as they were`() throws {
    let names: [Int32: String] = [1: "kqueue", 2: "self-pipe", 3: "client"]
    let steps = Self.callsOfAMac.enumerated().map { place, event in
      Step(number: place + 1, event: event, file: "", line: 1, names: names)
    }
    let trace = Trace(scenario: "mac", steps: steps)
    let told = trace.tellings.map(\.sentence)
    #expect(
      told == [
        "kqueue() → kqueue: a list of questions about descriptors, kept by the kernel",
        "socketpair(AF_UNIX) → self-pipe: two sockets: another thread writes to one to "
          + "wake the loop",
        "kevent(ADD, client, READ) → 0: the kernel watches it",
        "kevent(ADD, client, WRITE) → ENOMEM: Cannot allocate memory",
        "kevent(no limit) → client READ, client WRITE|EOF, self-pipe "
          + "READ|EOF|ECONNRESET: 3 questions answered",
        "kevent(at most 20 ms) → nothing: the time is up and nothing has become ready",
        "kevent(DELETE, client, READ) → 0: the kernel watches it no more",
      ])
    let text = jsonHead(trace) + trace.tellings.map { jsonLine($0, Self.tree) }.joined()
    #expect(try TraceReader.read(text).tellings.map(\.sentence) == told)
  }

  /// Whoever reads the page finds every word that is in a file, and no other.
  @Test func `the page has every word`() throws {
    var written: [String: [String: Set<String>]] = [:]
    func note(_ section: String, _ word: String, _ fields: some Sequence<String> = []) {
      written[section, default: [:]][word, default: []].formUnion(fields)
    }
    let sections = [
      "loop": "## What the loop does", "call": "## What the kernel is asked",
    ]
    func read(_ telling: Telling, cpython: String? = nil) throws {
      let json = try JSON(line: jsonLine(telling, Self.tree, cpython: cpython))
      for key in keys(json) { note("## A step", key) }
      for (_, facts) in members(json["kernel"]) {
        for key in keys(facts) { note("## What the kernel keeps", key) }
      }
      if let section = sections[json["kind"]!.string!] {
        note(section, json["event"]!.string!, keys(json["fields"]))
      }
    }
    for scenario in Self.scenarios {
      for telling in try scenario.trace().tellings { try read(telling) }
    }
    // What no scenario does.
    var teller = Teller()
    let others: [StepEvent] =
      [
        .loop(.taskLeft(Name(1, "Task-1"))), .call(.shutdown(fd: 1, .write), .done),
        .call(.poll(fds: [1], timeout: 0), .ready([:])),
        .call(.raise(eventfd: 1), .done),
      ] + Self.callsOfAMac
    for event in others {
      let step = Step(number: 1, event: event, file: "", line: 1, names: [:])
      try read(teller.tell(step), cpython: "tasks.py:1")
    }
    let page = try Self.page()
    #expect(written == page)
  }

  /// The words of the tables in `chapters/traces.md`, by section, with their fields.
  private static func page() throws -> [String: [String: Set<String>]] {
    let path = try #require(tree.root) + "/chapters/traces.md"
    var words: [String: [String: Set<String>]] = [:]
    var section = ""
    for line in splitLines(try String(contentsOfFile: path, encoding: .utf8)) {
      if line.hasPrefix("## ") { section = line }
      guard line.hasPrefix("| `") else { continue }
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
        $0.matches(of: /`(\w+)`/).map { String($0.1) }
      }
      let hasFields = ["## What the loop does", "## What the kernel is asked"]
      for word in cells[1] {
        words[section, default: [:]][word] =
          hasFields.contains(section) ? Set(cells[2]) : []
      }
    }
    return words
  }

  private static func line(_ line: String) -> String {
    #"{"trace":1,"name":"x","by":"y"}"# + "\n" + line + "\n"
  }
}

private func members(_ json: JSON?) -> [String: JSON] {
  if case .object(let members)? = json { members } else { [:] }
}

private func keys(_ json: JSON?) -> [String] { Array(members(json).keys) }
