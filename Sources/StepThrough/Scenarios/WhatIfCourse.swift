// A scenario, run again with something otherwise. It brings the kernel and the recorder
// together, and knows when what is otherwise has its turn.

import CLibrary
import EventLoops
package import Recording
import Simulation
import Sockets
import Telling

extension Scenario {
  /// Runs the scenario with some things otherwise.
  ///
  /// - Parameters:
  ///   - changes: what is otherwise; nothing, for the usual course.
  ///   - limit: how many steps it may take.
  ///   - recorder: who writes it down.
  package func course(
    _ changes: [WhatIf] = [], limit: Int = 10_000, _ recorder: Recorder = Recorder()
  ) -> Course {
    Course(of: name, changes, limit: limit, recorder, run)
  }

  /// The usual course, as it mostly is: see `usualTrace`.
  ///
  /// - Parameter limit: how many steps it may take.
  package func usualCourse(limit: Int = 10_000) -> Course {
    asMostly(\.trace.shape) { course(limit: limit) }
  }

  /// The same, with one thing more that is otherwise than in the old course.
  ///
  /// - Parameter patience: how long its loop may sleep for nothing, in milliseconds.
  /// - Returns: `nil` if, again and again, it is another story before that.
  package func course(
    _ changes: [WhatIf], from old: Course, patience: Int32? = nil
  ) -> Course? {
    newCourse(changes, from: old) { changes in
      let recorder = Recorder()
      if let patience { recorder.longestPatience = patience }
      return course(changes, recorder)
    }
  }

  /// The usual course, and the one with something otherwise: see `Course.pair`.
  package func courses(
    whatIf specs: [String]
  ) throws(WhatIf.Refusal) -> (old: Course, new: Course, changes: [WhatIf]) {
    try Course.pair(whatIf: specs) { course($0) }
  }
}

extension Course {
  /// Runs something with some things otherwise.
  ///
  /// - Parameters:
  ///   - name: what the trace is called.
  ///   - changes: what is otherwise; nothing, for the usual course.
  ///   - limit: how many steps it may take.
  ///   - recorder: who writes it down.
  ///   - run: what is run.
  package init(
    of name: String, _ changes: [WhatIf] = [], limit: Int = .max,
    _ recorder: Recorder = Recorder(), _ run: (Recorder) throws -> Void
  ) {
    let course = WhatIfCourse(changes, recorder, limit)
    var failure: (any Error)?
    do { try recorder.play(run) } catch { failure = error }
    (recorder.between, recorder.onStep) = ({ $0 }, nil)  // they hold us
    self.init(
      Trace(scenario: name, steps: recorder.steps), failure, waits: course.waits,
      acts: recorder.actSteps, open: recorder.openDescriptors)
  }

  /// The usual course, and the one with something otherwise. What comes later is
  /// understood in the course that what came before has made.
  ///
  /// - Parameters:
  ///   - specs: what is otherwise, as a reader writes it.
  ///   - isSameEachTime: it is run until it comes to the place in the same way. A
  ///     reader's own program is run once, and may come there as it likes.
  ///   - course: runs it, with this otherwise.
  /// - Throws: `WhatIf.Refusal`.
  package static func pair(
    whatIf specs: [String], isSameEachTime: Bool = true,
    _ course: ([WhatIf]) -> Course
  ) throws(WhatIf.Refusal) -> (old: Course, new: Course, changes: [WhatIf]) {
    let old = course([])
    var (new, changes) = (old, [WhatIf]())
    for spec in specs {
      do throws(WhatIf.Refusal) {
        changes.append(try new.whatIf(spec))
      } catch {
        guard let failure = new.failure else { throw error }
        throw .init(
          description: "\(error), and there it ends before its end: \(failure)")
      }
      guard
        let next = newCourse(changes, from: isSameEachTime ? new : nil, course)
      else {
        throw .init(
          description: "it does not come to \(changes.last!.place) "
            + (isSameEachTime ? "in the same way again" : "again") + "; try once more")
      }
      new = next
    }
    return (old, new, changes)
  }
}

private func newCourse(
  _ changes: [WhatIf], from old: Course?, _ course: ([WhatIf]) -> Course
) -> Course? {
  for _ in 1...(old == nil ? 1 : 5) {
    let new = course(changes)
    let count = new.trace.steps.count { $0.event.isFork }
    if count == changes.count && old.map(new.parts(from:)) ?? true { return new }
  }
  return nil
}

/// A course while it runs.
final class WhatIfCourse {
  let recorder: Recorder
  private var changes: [String: [WhatIf]] = [:]
  private var counts: [String: Int] = [:]
  /// See `Course.waits`.
  private(set) var waits: Set<Int> = []
  let isOtherwise: Bool
  private let thread = pthread_self()

  init(_ changes: [WhatIf], _ recorder: Recorder, _ limit: Int) {
    self.recorder = recorder
    isOtherwise = !changes.isEmpty
    self.changes = Dictionary(grouping: changes, by: \.place)
    recorder.between = { [self] in WhatIfKernel($0, self) }
    let onStep = recorder.onStep
    recorder.onStep = { [self] step in
      onStep?(step)
      if step.number > limit { recorder.fail(Endless(limit: limit)) }
      if case .loop(.taskSuspended(let task, _)) = step.event { suspended(task) }
      if let loop = recorder.loop, !changes.isEmpty { listen(to: loop) }
    }
  }

  /// In a course that nobody foresaw, an error that nobody asked for is a part of the
  /// story. (On standard error it would come into the middle of the screen.)
  private func listen(to loop: EventLoop) {
    if loop.getExceptionHandler() != nil { return }
    loop.setExceptionHandler { [weak recorder] _, context in
      recorder?.note("the exception handler hears: \(context.message)")
    }
  }

  /// What is to come instead of the kernel's answer to this call.
  func take(_ call: SystemCall, at site: CallSite) -> Otherwise? {
    // Only the loop's own calls are counted, as only those are written down.
    if pthread_equal(thread, pthread_self()) == 0 { return nil }
    if recorder.hasActs { waits.insert(recorder.steps.count + 1) }
    var answer: Otherwise?
    for change in changes(at: subject(words(call))) {
      recorder.fork(change.sentence, at: site)
      if change.otherwise != .now {
        answer = change.otherwise
      } else if !recorder.act() {
        recorder.note("it cannot come yet: it waits for something that we do")
      }
    }
    return answer
  }

  /// `accept4`
  func name(of call: SystemCall) -> String { String(words(call).prefix { $0 != "(" }) }

  private func words(_ call: SystemCall) -> String {
    text(
      call,
      Step(number: 0, event: .note(""), file: "", line: 0, names: recorder.names))
  }

  private func changes(at kind: String) -> [WhatIf] {
    counts[kind, default: 0] += 1
    return changes["\(kind)#\(counts[kind]!)"] ?? []
  }

  private func suspended(_ name: Name) {
    guard let change = changes(at: name.label).first, let loop = recorder.loop,
      let task = recorder.subject as? any AnyTask
    else { return }
    recorder.fork(change.sentence, at: CallSite())
    // Not by the one who has just suspended, but by somebody whose turn is next.
    _ = try? loop.callSoon("cancel \(name.label)") { task.cancel() }
  }
}

/// A course that does not come to an end.
private struct Endless: Error, CustomStringConvertible {
  let limit: Int
  var description: String { "after \(limit) steps it has not come to its end" }
}
