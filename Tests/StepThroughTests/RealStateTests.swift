import EventLoops
import Selectors
import StepThrough
import Testing

/// The folded state and the loop's own, side by side, after every step of every
/// scenario.
@Suite struct RealStateTests {
  @Test(arguments: Scenario.all.map(\.name))
  func `the folded state is the loop's real state`(name: String) throws {
    let scenario = try #require(Scenario.named(name))
    let recorder = Recorder()
    var state = LoopState()
    recorder.onStep = { step in
      state.apply(step)
      guard let loop = recorder.loop, !loop.isClosed() else { return }
      compare(state, loop, step, recorder)
    }
    try scenario.run(recorder)
    #expect(state.iteration > 0)
  }

  private func compare(
    _ state: LoopState, _ loop: EventLoop, _ step: Step, _ recorder: Recorder
  ) {
    let at = Comment("step \(step.number), \(step.event)")
    let ready = loop.ready.elements
    #expect(state.ready.map(\.handle) == ready.map(\.name), at)
    for handle in ready {
      #expect(state.cancelled.contains(handle.name.id) == handle.cancelled(), at)
    }
    #expect(state.timers.map(\.handle) == loop.scheduled.reversed().map(\.name), at)

    // A system call is written down while the selector is still at work.
    guard case .loop = step.event else { return }
    let real = loop.selector.keys.values.map { key in
      let handlers = loop.handlers(of: key.fd)
      return Registration(
        fd: recorder.number(of: key.fd), events: key.events,
        reader: handlers?.reader?.name, writer: handlers?.writer?.name)
    }
    #expect(
      state.registrations.sorted { $0.fd < $1.fd } == real.sorted { $0.fd < $1.fd }, at)
    let pending = state.tasks.filter { $0.future.outcome == nil }.map(\.future.name)
    #expect(pending == loop.allTasks().map(\.name), at)
    let running = state.tasks.first { $0.activity == .running }?.future.name
    #expect(running == loop.currentTask?.name, at)
  }
}
