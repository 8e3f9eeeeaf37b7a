import Comparison
import EventLoops
import Recording
import Scars
import Scenarios
import Simulation
import Telling
import Testing

/// Which step led to which.
@Suite struct CausesTests {
  static let scenarios = (Scenario.all + Scar.all.compactMap(\.scenario)).map(\.name)

  /// Our own recording, and CPython's if there is one.
  static func traces(_ name: String) throws -> [Trace] {
    let scenario = try #require(Scenario.played(name))
    let theirs = AsyncioTrace.text(of: name, SourceTree())
    return try [scenario.usualTrace()]
      + (theirs.map { [try TraceReader.read($0)] } ?? [])
  }

  private static func chain(_ name: String, from number: Int) throws -> [Int] {
    let causes = Causes(try traces(name)[0])
    var chain = [number]
    while let cause = causes.cause(of: chain.last!) { chain.append(cause) }
    return chain
  }

  // The numbers are those that `walkthrough accept --plain` shows.

  @Test func `an accept is traced back to the client, and to the program`() throws {
    // The task's end, its code's end, its wake-up's turn, its place in the queue, the
    // future, accept, the reader's turn, its place in the queue, the selector's report,
    // the kernel's answer, the client.
    #expect(
      try Self.chain("accept", from: 50)
        == [50, 49, 46, 36, 34, 33, 32, 31, 30, 29, 28])
    // The reader is there because accept said EAGAIN, in the task's first step.
    #expect(try Self.chain("accept", from: 22) == [22, 20, 17, 12])
    #expect(try Self.chain("accept", from: 35) == [35, 34, 33, 32, 31, 30, 29, 28])
  }

  @Test func `a cancelled future goes back to who asked, and no call settles it`()
    throws
  {
    // Task-1 asked Task-2 to stop, which waited for Future-1.
    #expect(try Self.chain("accept-cancelled", from: 42).prefix(4) == [42, 40, 39, 37])
    // Nor did the close before it settle the task whose code has ended.
    #expect(try Self.chain("accept-cancelled", from: 67).prefix(3) == [67, 66, 63])
  }

  @Test func `a timer goes back to who set it`() throws {
    #expect(
      try Self.chain("timers", from: 46)
        == [46, 45, 41, 37, 36, 35, 34, 33, 14, 11, 7])
    // The selector is a script there, and makes no call; the answer is to its question.
    #expect(try Self.chain("timers", from: 32) == [32, 31])
  }

  @Test func `in the second part of a scar nothing leads back to the first`() throws {
    let trace = try Self.traces("scar A2")[0]
    let causes = Causes(trace)
    let second = try #require(
      trace.steps.last { $0.event.isPart })
    for step in trace.steps[(second.number - 1)...] {
      #expect(causes.cause(of: step.number) ?? .max >= second.number)
    }
    // What the world did before the question is what the kernel then reports.
    #expect(try Self.chain("scar A2", from: 40) == [40, 39, 32, 31, 30, 28])
  }

  @Test func `what is kept for a reader goes back to the bytes`() throws {
    let trace = try Self.traces("stream-echo")[0]
    let causes = Causes(trace)
    var count = 0
    for step in trace.steps {
      guard case .loop(.futureSettled(let future, .result)) = step.event,
        let waiter = trace.steps[..<(step.number - 1)].last(where: {
          if case .loop(.readerChanged(let state)) = $0.event {
            state.waiter == future
          } else {
            false
          }
        }), waiter.number < step.number
      else { continue }
      count += 1
      let cause = try #require(causes.cause(of: step.number))
      guard case .call(.recv, _) = trace.steps[cause - 1].event else {
        Issue.record("\(future.label) is settled by step \(cause)")
        continue
      }
    }
    #expect(count >= 2)
  }

  @Test(arguments: scenarios) func `everything in the queue was queued by somebody`(
    name: String
  ) throws {
    for trace in try Self.traces(name) {
      let causes = Causes(trace)
      var turn = 0
      var isRunning = false
      var checked = 0
      var state = LoopState()
      // What stood on a future's list when it settled, for each such step.
      var lists: [Int: [Name]] = [:]
      for step in trace.steps {
        let cause = causes.cause(of: step.number)
        #expect(cause ?? 0 < step.number)
        let before = cause.map { trace.steps[$0 - 1].event }
        switch step.event {
        case .part: turn = 0
        case .loop(.selectEntered): turn += 1
        case .loop(.handleQueued(let handle)):
          // Whoever queues from outside, between two turns or from another thread, is
          // not in the trace.
          let isOutside = !isRunning && before == nil
          if turn > 0, !isOutside { #expect(before != nil, "\(name) \(step.number)") }
          if case .loop(.futureSettled) = before {
            #expect(lists[cause!]?.contains(handle) == true, "\(name) \(step.number)")
          }
          checked += 1
        case .loop(.handleRun(let handle)):
          isRunning = true
          #expect(before == .loop(.handleQueued(handle)), "\(name) \(step.number)")
        case .loop(.handleSkipped(let handle)):
          #expect(before == .loop(.handleQueued(handle)), "\(name) \(step.number)")
        case .loop(.handleFinished): isRunning = false
        case .loop(.futureSettled(let future, _)):
          let all = state.futures + state.tasks.map(\.future)
          lists[step.number] = all.first { $0.name == future }?.callbacks
        default: break
        }
        state.apply(step)
      }
      #expect(checked > 0)
    }
  }

  @Test(arguments: scenarios) func `every wake-up knows which settling`(name: String)
    throws
  {
    for trace in try Self.traces(name) {
      let causes = Causes(trace)
      var before = LoopState()
      for step in trace.steps {
        defer { before.apply(step) }
        guard case .loop(.handleQueued(let handle)) = step.event else { continue }
        // On nobody's list any more, and its task still waits: the future that it waited
        // for has just been settled.
        let task = before.tasks.first { $0.future.name.label == Self.owner(handle) }
        guard case .waiting(let future)? = task?.activity,
          before.futures.first(where: { $0.name == future })?.outcome != nil
            || before.tasks.first(where: { $0.future.name == future })?.future.outcome
              != nil
        else { continue }
        let cause = try #require(
          causes.cause(of: step.number), "\(name) \(step.number)")
        guard case .loop(.futureSettled(future, _)) = trace.steps[cause - 1].event
        else {
          Issue.record("\(name) \(step.number): queued by \(cause)")
          continue
        }
      }
    }
  }

  private static func owner(_ handle: Name) -> String? {
    handle.label.hasPrefix("wake-up of ") ? String(handle.label.dropFirst(11)) : nil
  }

  @Test func `a life goes from birth to end, and numbers may come again`() throws {
    let causes = Causes(try Self.traces("accept")[0])
    #expect(causes.life(of: .future(1), at: 30) == [11, 13, 18, 25, 47, 49, 50])
    let trace = try Self.traces("scar A2")[0]
    let scar = Causes(trace)
    let first = scar.life(of: .descriptor(1), at: 10)
    let second = scar.life(of: .descriptor(1), at: trace.steps.count)
    #expect(first.last! < second.first! && !first.isEmpty)
    #expect(scar.life(of: .future(99), at: 1) == [])
    #expect(scar.life(of: .future(1), at: 0) == [])
  }
}
