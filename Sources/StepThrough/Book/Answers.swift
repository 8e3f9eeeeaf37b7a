import EventLoops
import Foundation
import Recording
import Scenarios
import Telling

// What if? Of the scenario that a chapter begins with, what comes of it is computed
// before anybody asks; of the others, by whoever serves the book.

/// Everything that could have been otherwise in a scenario, in one file.
struct Answers: Sendable {
  /// `accept~`
  let name: String
  let script: String
  /// The files of the source to which its steps lead.
  private(set) var sources: Set<String> = []

  /// Those of several scenarios, each in a thread of its own: some of them sleep. (A
  /// listener that is refused a connection tries again a second later.)
  ///
  /// - Returns: what waits for all of them.
  static func all(
    _ courses: [(Scenario, Course)], _ tree: SourceTree
  ) -> () -> [Answers] {
    let found = Locked<[Answers]>([])
    let threads = DispatchGroup()
    for (scenario, course) in courses {
      threads.enter()
      Thread.detachNewThread {
        let answers = Answers(scenario, course, tree)
        found.withLock { $0.append(answers) }
        threads.leave()
      }
    }
    return {
      threads.wait()
      return found.withLock { $0 }
    }
  }

  /// Left out is what comes before the first turn and after the last: the screen folds it
  /// away. And of several refusals that lead to the same steps there is one.
  ///
  /// And what is another one in every run: where a real clock is asked for the time, and
  /// the rest of a short `send`, which TCP keeps until an answer to the first part has come.
  ///
  /// And of a long story there is what its server can hear from the kernel, each thing
  /// once: all that could be otherwise in the chat is as much as in all the others.
  private init(_ scenario: Scenario, _ old: Course, _ tree: SourceTree) {
    name = "\(scenario.name)~"
    var table = Packed()
    var courses: [Int] = []
    let sentences = old.trace.tellings.map(\.sentence)
    let folds = old.trace.folds
    // Several steps may wait for the same act of the world.
    var known: [String: [String: Int]] = [:]
    let isLong = old.trace.steps.count > 200
    let isTCP =
      !scenario.isScripted && sentences.contains { $0.hasPrefix("socket(AF_INET") }
    var told: Set<String> = []
    for step in old.trace.steps where !folds.contains(where: { $0 ~= step.number }) {
      for change in oneOfEachKind(old.possible(at: step.number)) {
        let key = "\(change.place)=\(change.otherwise)"
        let kind = "\(change.place.prefix { $0 != "#" })=\(change.otherwise)"
        if isLong {
          let isServers = kind.contains("(connection") || kind.contains("(listener")
          if !isServers || !told.insert(kind).inserted { continue }
        }
        let isShort = "\(change.otherwise)".allSatisfy(\.isNumber)
        if isTCP && isShort && sentences[step.number - 1].hasPrefix("send") { continue }
        if known[key] == nil,
          let course = scenario.course([change], from: old, patience: 100),
          scenario.isScripted || !course.hasTimer
        {
          let data = TraceData(course, beside: sentences, tree)
          known[key] = data.fields(in: &table)
          for step in course.trace.steps {
            sources.insert(tree.path(step.file))
          }
        }
        guard var fields = known[key] else { continue }
        fields["name"] = table.text("\(name)\(step.number)=\(change.otherwise)")
        courses.append(table.object(fields))
      }
    }
    _ = table.list(courses)
    script = table.script(name)
  }

  /// What a reader of the served book has asked for.
  ///
  /// - Parameter name: `accept~20=EINTR`, or with more of the same behind it.
  /// - Returns: the file with it; `nil` if there is no such thing.
  static func script(_ name: String, _ tree: SourceTree) -> String? {
    let parts = name.split(separator: "~").map(String.init)
    guard parts.count > 1, let scenario = Scenario.named(parts[0]),
      let new = try? scenario.courses(whatIf: Array(parts[1...])).new,
      let old =
        try? scenario.courses(whatIf: Array(parts[1..<(parts.count - 1)])).new
    else { return nil }
    var table = Packed()
    let data = TraceData(
      new, beside: old.trace.tellings.map(\.sentence), tree)
    var fields = data.fields(in: &table)
    fields["name"] = table.text(name)
    _ = table.object(fields)
    return table.script(name)
  }
}

/// Errors that differ by their names and hardly by what comes of them.
private let kinds = [
  ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ENOSPC", "EPERM"],
  ["ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH"],
  ["EADDRINUSE", "EACCES", "EADDRNOTAVAIL"],
]

private func oneOfEachKind(_ all: [WhatIf]) -> [WhatIf] {
  var seen: Set<Int> = []
  return all.filter { change in
    let kind = kinds.firstIndex { $0.contains("\(change.otherwise)") }
    return kind.map { seen.insert($0).inserted } ?? true
  }
}

extension Course {
  /// Something is put on the schedule because something is otherwise.
  fileprivate var hasTimer: Bool {
    trace.steps.dropFirst(fork ?? 0).contains {
      if case .loop(.timerScheduled) = $0.event { true } else { false }
    }
  }
}

extension TraceData {
  /// - Parameters:
  ///   - course: one in which something is otherwise.
  ///   - old: the sentences of the one before.
  ///   - tree: where asyncio's names for ours are.
  fileprivate init(_ course: Course, beside old: [String], _ tree: SourceTree) {
    self.init(
      name: "", trace: course.trace, tree: tree, counterparts: nil,
      page: "scenario-\(course.trace.scenario).html", possible: course.possible,
      shared: course.fork.map { $0 - 1 } ?? 0, old: old,
      failure: course.failure.map { "\($0)" })
  }
}
