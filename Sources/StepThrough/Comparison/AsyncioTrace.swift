// What CPython did, as it was recorded, and the same piece of our own recording. Nobody
// above has to know where the recordings lie.

import Foundation
package import Recording
package import Telling

/// What CPython did in a scenario, as `Tests/AsyncioTests/CPython/record.py` wrote it
/// down.
package struct AsyncioTrace: Sendable {
  /// The version, `3.13.0`.
  package let version: String
  /// From the making of the first task, or of a timer before it, to the end of the last
  /// turn. What a program does before its loop runs, and how a loop is closed, is not
  /// asyncio's story.
  package let events: [CommonEvent]
  /// The same, told as our own steps are.
  package let sentences: [String]
  /// The number of the first of these in the recording, less one.
  let first: Int

  /// - Parameter text: a recording, a JSON object a line.
  package init?(_ text: String) {
    guard let trace = try? TraceReader.read(text),
      let by = trace.by.wholeMatch(of: /CPython ([\d.]+)/)
    else { return nil }
    version = String(by.1)
    let all = splitLines(text).compactMap(CommonEvent.init(json:))
    let story = all.story
    events = Array(story)
    first = story.startIndex
    sentences = trace.tellings[story.indices].map(\.sentence)
  }

  /// The recording that comes with the package; `nil` if it is not to be found.
  package static func committed(_ scenario: String, _ tree: SourceTree) -> AsyncioTrace?
  {
    text(of: scenario, tree).flatMap(AsyncioTrace.init)
  }

  /// The same, as it was written down.
  package static func text(of scenario: String, _ tree: SourceTree) -> String? {
    tree.recordings.flatMap {
      try? String(contentsOfFile: "\($0)/\(scenario).jsonl", encoding: .utf8)
    }
  }

  /// The second number of the version: 13.
  package var minor: Int {
    version.split(separator: ".").dropFirst().first.flatMap { Int($0) } ?? 0
  }
}

extension Trace {
  /// The same steps in the words that both sides have, and the number of the first one.
  ///
  /// - Parameters:
  ///   - tree: where the counterparts in asyncio are named.
  ///   - functions: what the trace's file says of those.
  ///   - isWhole: from its first step to its last, and not only asyncio's story.
  package func common(
    _ tree: SourceTree, functions: [Int: String] = [:], isWhole: Bool = false
  ) -> (events: [CommonEvent], first: Int) {
    let events = tellings.map {
      CommonEvent(json: jsonLine($0, tree, function: functions[$0.step.number]))!
    }
    let story = isWhole ? events[...] : events.story
    return (Array(story), story.startIndex)
  }
}

extension Array<CommonEvent> {
  fileprivate var story: ArraySlice<CommonEvent> {
    func has(_ event: CommonEvent, _ names: String...) -> Bool {
      names.contains { event.text.hasPrefix("loop \($0)") }
    }
    guard let start = firstIndex(where: { has($0, "taskCreated", "timerScheduled") }),
      let stop = firstIndex(where: { has($0, "stopRequested") })
    else { return [] }
    let next = self[stop...].firstIndex { has($0, "selectEntered") } ?? endIndex
    let end = self[..<next].lastIndex { has($0, "handleFinished", "handleSkipped") }
    return self[start...(end ?? stop)]
  }
}
