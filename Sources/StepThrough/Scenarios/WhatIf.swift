// What if? One thing is otherwise, and the scenario runs again from its beginning. Here
// is how such a thing is addressed, and what is possible where.

import EventLoops
package import Recording
import Simulation
import Telling

/// One thing that is otherwise, and where.
package struct WhatIf: Sendable, Equatable {
  /// Which call or suspension: `accept4(listener)#1`, the first of its kind; `Task-1#2`.
  package let place: String
  /// What happens there.
  package let otherwise: Otherwise
  /// The same in words, for the step at which the courses part.
  let sentence: String
  /// What it is, for who chooses.
  package let words: String

  fileprivate init(
    place: String, otherwise: Otherwise, sentence: String, words: String? = nil
  ) {
    (self.place, self.otherwise, self.sentence) = (place, otherwise, sentence)
    self.words = words ?? otherwise.words
  }

  /// What is asked for cannot be.
  package struct Refusal: Error, CustomStringConvertible {
    package let description: String
  }
}

/// One run of a scenario, as it went.
package struct Course: Sendable {
  /// What happened.
  package let trace: Trace
  /// Why it could not go on, if it could not.
  package let failure: (any Error)?
  /// The steps that are calls before which something was left for the world to do.
  let waits: Set<Int>
  /// The steps with which an act of the world began.
  let acts: [Int]
  /// What was opened and never closed.
  package let openDescriptors: [String]
  /// The place of each step that is one.
  private let places: [Int: String]

  init(
    _ trace: Trace, _ failure: (any Error)?, waits: Set<Int>, acts: [Int],
    open: [String]
  ) {
    (self.trace, self.failure, self.waits) = (trace, failure, waits)
    self.acts = acts
    openDescriptors = open
    var counts: [String: Int] = [:]
    places = trace.steps.reduce(into: [:]) { places, step in
      guard let kind = kind(of: step) else { return }
      counts[kind, default: 0] += 1
      places[step.number] = "\(kind)#\(counts[kind]!)"
    }
  }

  /// The step at which the last of what is otherwise comes.
  package var fork: Int? { trace.steps.last { $0.event.isFork }?.number }

  /// What is as it usually is: CPython has not heard of anything else, and its story
  /// ends where ours becomes another.
  package var common: Trace {
    var common = trace
    if let first = trace.steps.first(where: \.event.isFork)?.number {
      common.steps.removeAll { $0.number >= first }
    }
    return common
  }

  /// Whether it is the old course up to what is otherwise. (Over TCP, what one end does
  /// may reach the other a moment later than the last time.)
  package func parts(from old: Course) -> Bool {
    guard let fork, fork <= old.trace.steps.count + 1 else { return false }
    func shape(_ course: Course) -> [String] {
      Trace(scenario: "", steps: Array(course.trace.steps.prefix(fork - 1))).shape
    }
    return shape(self) == shape(old)
  }

  /// What could have been otherwise at a step.
  package func possible(at number: Int) -> [WhatIf] {
    guard trace.steps.indices.contains(number - 1) else { return [] }
    let step = trace.steps[number - 1]
    // The same thing is not answered otherwise twice.
    if number > 1, trace.steps[number - 2].event.isFork { return [] }
    var all: [WhatIf] = []
    if let place = places[number] {
      switch step.event {
      case .call(let call, let answer):
        // Nobody keeps back what the loop has told itself.
        let isWakeUp =
          if case .ready(let ready) = answer {
            ready.keys.contains { step.name($0) == "self-pipe" }
          } else { false }
        for other in call.otherAnswers(than: answer)
        where !isWakeUp || (other != .one && other != .nothing) {
          let instead = "instead of \(text(answer, call, step))"
          all.append(
            WhatIf(
              place: place, otherwise: other,
              sentence: "here the kernel answers \(answered(other)) \(instead)"))
        }
      case .loop(.taskSuspended(let task, _)):
        all.append(
          WhatIf(
            place: place, otherwise: .cancel,
            sentence: "here somebody cancels \(task.label)"))
      default: break
      }
    }
    // Elsewhere it is before the next call that the world can make itself felt.
    let next = trace.steps[(number - 1)...].first {
      places[$0.number].map { $0.contains("(") } ?? false
    }
    if let next, waits.contains(next.number) {
      let act = acts.first { $0 >= next.number }.map { trace.steps[$0 - 1].event }
      let words: String? =
        if case .note(let text)? = act { "already: \(text)" } else { nil }
      all.append(
        WhatIf(
          place: places[next.number]!, otherwise: .now,
          sentence: "here the next act of the world comes now", words: words))
    }
    return all
  }

  private func answered(_ other: Otherwise) -> String {
    switch other {
    case .error: "\(other)"
    default: other.words
    }
  }

  /// Understands what a reader has written.
  ///
  /// - Parameter spec: `accept4(listener)#1=EINTR`, `20=EINTR`, `Task-1#2=cancel`.
  /// - Throws: `WhatIf.Refusal`, with what there is.
  package func whatIf(_ spec: String) throws(WhatIf.Refusal) -> WhatIf {
    let parts = spec.split(separator: "=", omittingEmptySubsequences: false)
    let number = try step(String(parts[0]))
    let possible = possible(at: number)
    let wanted = parts.dropFirst().joined(separator: "=").lowercased()
    if let found = possible.first(where: { "\($0.otherwise)".lowercased() == wanted }) {
      return found
    }
    let what = trace.tellings[number - 1].sentence
    let list = possible.map(\.otherwise.description).joined(separator: ", ")
    throw WhatIf.Refusal(
      description: "step \(number) is: \(what). "
        + (possible.isEmpty
          ? "Nothing else can be here" : "Possible here: \(list)")
        + (wanted.isEmpty || possible.isEmpty ? "" : "; not '\(parts[1])'"))
  }

  /// Which step is meant by a number, or by what it is about.
  private func step(_ typed: String) throws(WhatIf.Refusal) -> Int {
    if let number = Int(typed) {
      if trace.steps.indices.contains(number - 1) { return number }
      throw .init(description: "there are the steps 1 to \(trace.steps.count)")
    }
    let parts = typed.split(separator: "#", omittingEmptySubsequences: false)
    let kind = subject(String(parts[0])).lowercased()
    let count = parts.count > 1 ? String(parts[1]) : "1"
    let found = places.first { $0.value.lowercased() == "\(kind)#\(count)" }
    if let found { return found.key }
    let same = places.values.count { $0.lowercased().hasPrefix("\(kind)#") }
    if same > 0 { throw .init(description: "there is \(kind) #1 to #\(same)") }
    let kinds = places.sorted { $0.key < $1.key }
      .filter { $0.value.hasSuffix("#1") && !possible(at: $0.key).isEmpty }
      .map { $0.value.dropLast(2) }.joined(separator: ", ")
    throw .init(
      description: "nothing here is called '\(typed)'; there are the steps 1 to "
        + "\(trace.steps.count), and \(kinds)")
  }
}

/// What a step is about, as far as several can be about the same; `nil` if nothing can be
/// otherwise there.
private func kind(of step: Step) -> String? {
  switch step.event {
  case .call(.close, _), .call(.setBlocking, _), .call(.setsockopt, _),
    .call(.drain, _), .call(.poll, _):
    nil
  case .call(let call, _): subject(text(call, step))
  case .loop(.taskSuspended(let task, _)): task.label
  default: nil
  }
}

/// The call and its descriptor, without what may be another thing the next time:
/// `recv(client, 1024 bytes)` is `recv(client)`. (To `epoll_ctl` it matters what for.)
func subject(_ call: String) -> String {
  guard let open = call.firstIndex(of: "("), call.hasSuffix(")") else { return call }
  let name = call[..<open]
  let words = call[open...].dropFirst().dropLast().split(separator: ",").map {
    $0.split(separator: " ").joined(separator: " ")
  }
  let kept = name == "epoll_wait" ? 0 : name == "epoll_ctl" ? 2 : 1
  return "\(name)(\(words.prefix(kept).joined(separator: ", ")))"
}
