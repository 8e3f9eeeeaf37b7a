import CLibrary
import EventLoops
import Foundation
import Recording
import Scenarios
import Simulation
import Sockets
import Telling

/// One run with one thing otherwise, and what is wrong with it.
struct Trial {
  let scenario: Scenario
  let whatIf: WhatIf
  /// What must not be, a line each.
  private(set) var finds: [String] = []
  private(set) var course: Course
  private(set) var heard: [String] = []
  /// It was another story before: over TCP, something came a moment later this time.
  private(set) var isMissed = false

  /// - Parameters:
  ///   - usual: how the scenario usually goes.
  ///   - whatIf: what is otherwise.
  ///   - patience: how long a loop sleeps before it counts as stuck, in milliseconds.
  init(
    _ scenario: Scenario, _ usual: Course, _ whatIf: WhatIf, patience: Int32 = 100
  ) {
    (self.scenario, self.whatIf) = (scenario, whatIf)
    let recorder = Recorder()
    recorder.longestPatience = patience
    let real = RealState(recorder)
    let ear = Ear()
    recorder.onStep = { [unowned recorder] step in
      real.compare(step)
      ear.listen(to: recorder.loop)
    }
    course = scenario.course(
      [whatIf], limit: 3 * usual.trace.steps.count + 500, recorder)
    heard = ear.heard
    check(usual, real)
  }

  /// What is asked of every course; and of one that differs only in what programs must
  /// be ready for, that it comes to the usual end.
  private mutating func check(_ usual: Course, _ real: RealState) {
    let reason = course.failure.map { "\($0)" } ?? ""
    guard let fork = course.fork, course.parts(from: usual) else {
      isMissed = true
      return
    }
    if reason.contains("has not come to its end") { finds.append("endless") }
    if let first = real.differences.first { finds.append("not the fold's: \(first)") }
    if !course.openDescriptors.isEmpty {
      finds.append("left open: \(course.openDescriptors.sorted())")
    }
    var closed: Set<Int32> = []
    for step in course.trace.steps {
      if case .call(.close(let fd), _) = step.event { closed.insert(fd) }
    }
    for entry in real.state.registrations where closed.contains(entry.fd) {
      finds.append("registered, but closed: \(real.state.names[entry.fd]!)")
    }
    // What a script that was written for another course would say, nobody knows.
    if reason.contains("script") { return }
    // Programs that are made so. Chat takes whatever comes for a message (chapter 2);
    // the other one counts lines, and when all come at once, there is one less.
    switch (scenario.name, whatIf.otherwise) {
    case ("chat", .bytes), ("stream-limit", _): return
    default: break
    }
    if isHarmless(at: fork) {
      if reason != usual.failure.map({ "\($0)" }) ?? "" {
        finds.append("ends otherwise: \(reason.prefix(120))")
      } else if case .bytes = whatIf.otherwise, whatIf.place.hasPrefix("recv(") {
        // A program that prints what it gets, or reads once, does so with less.
        return
      } else if story(course) != story(usual) {
        finds.append("tells another story: \(story(course)), not \(story(usual))")
      } else if traffic(course) != traffic(usual) {
        finds.append("moves other bytes: \(traffic(course)), not \(traffic(usual))")
      }
    } else if case .error = whatIf.otherwise, !isTold(after: fork) {
      finds.append("an error that nobody hears of")
    }
  }

  /// "Not now", "again", "only a part": whoever uses a non-blocking socket is ready for
  /// it.
  private func isHarmless(at fork: Int) -> Bool {
    // A stage is set before the play begins, with sockets that wait.
    if course.trace.steps[fork - 1].file.hasSuffix("/Stage.swift") { return false }
    return switch whatIf.otherwise {
    case .error(EAGAIN), .error(EINTR), .error(EINPROGRESS), .bytes, .nothing, .one:
      true
    default: false
    }
  }

  /// What the programs have printed.
  private func story(_ course: Course) -> [String] {
    course.trace.steps.compactMap {
      if case .printed(let who, let text) = $0.event {
        "\(who): \(text.replacing(/, \d+\)/, with: ""))"
      } else {
        nil
      }
    }
  }

  /// How many bytes went in and out, by descriptor.
  private func traffic(_ course: Course) -> [String: Int] {
    course.trace.steps.reduce(into: [:]) { sums, step in
      switch step.event {
      case .call(.recv(let fd, _), .number(let count)):
        sums["into \(step.name(fd))", default: 0] += count
      case .call(.send(let fd, _), .number(let count)),
        .call(.sendmsg(let fd, _), .number(let count)):
        sums["out of \(step.name(fd))", default: 0] += count
      default: break
      }
    }
  }

  /// Whether somebody hears of the error: a future, a protocol, a callback's caller, the
  /// exception handler, or whoever has started it all.
  private func isTold(after fork: Int) -> Bool {
    guard case .call(let call, _) = course.trace.steps[fork].event else { return false }
    switch (call, whatIf.otherwise) {
    // asyncio tries again, and says nothing (A5); what is to be forgotten is forgotten;
    // and a transport may live without an address.
    case (.accept, .error(ECONNABORTED)), (.epollControl(_, .delete, _, _), _),
      (.getsockname, _), (.getpeername, _):
      return true
    default: break
    }
    let name = "\(whatIf.otherwise)"
    let sentences = course.trace.tellings.dropFirst(fork + 1).map(\.sentence)
    return (sentences + heard + [course.failure.map { "\($0)" } ?? ""])
      .contains { $0.contains(name) }
  }
}

/// Stands in the exception handler's place.
private final class Ear {
  private(set) var heard: [String] = []
  private weak var loop: EventLoop?

  func listen(to loop: EventLoop?) {
    guard let loop, loop !== self.loop else { return }
    self.loop = loop
    // The scenario's own stays: what it notes is part of the story.
    let before = loop.getExceptionHandler()
    loop.setExceptionHandler { [weak self] loop, context in
      self?.heard.append(
        "\(context.message): \(context.exception.map { "\($0)" } ?? "")")
      before?(loop, context)
    }
  }
}

/// All that could be otherwise in a course, one at a time.
func everything(in course: Course) -> [WhatIf] {
  var all: [WhatIf] = []
  for step in course.trace.steps {
    // "Now" is possible at many steps and means the same at all up to the next call.
    for whatIf in course.possible(at: step.number) where whatIf != all.last {
      all.append(whatIf)
    }
  }
  return all
}
