import EventLoops
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

/// Four ways to compute the poll timeout wrongly.
@Suite struct ScarsOfTime {
  /// A loop whose clock takes coarse steps.
  func loop(resolution: Double) throws -> (EventLoop, ScriptedKernel, ScriptedSelector)
  {
    let kernel = ScriptedKernel()
    kernel.fail = { Issue.record("\($0)") }
    kernel.clockResolution = resolution
    let selector = ScriptedSelector(kernel)
    return (try EventLoop(kernel: kernel, selector: selector), kernel, selector)
  }

  @Test func `L7a a timer takes one wait and not a burst of them`() throws {
    // On the real kernel, which counts in milliseconds. A wait of 2.9 that is
    // rounded down ends too early, and is followed by many of no length at all.
    let recorder = Recorder()
    let loop = try EventLoop(observer: recorder)
    defer { try? loop.close() }
    for _ in 1...10 {
      try loop.callLater(0.0029) { loop.stop() }
      try loop.runForever()
    }
    #expect(recorder.timeouts.count == 10)
  }

  @Test func `L7a a timer is due one tick of the clock early`() throws {
    let (loop, kernel, selector) = try loop(resolution: 0.001)
    defer { try? loop.close() }
    var log: [String] = []
    try loop.callAt(0.0105) { log.append("due") }
    // The selector returned a little too early, and half a tick is left.
    kernel.time = 0.010
    selector.report([:])
    loop.runOnce()
    #expect(log == ["due"])
  }

  @Test func `L7b a timer is due although a tick is too small to be added`() throws {
    let (loop, kernel, selector) = try loop(resolution: 1e-9)
    defer { try? loop.close() }
    // 200 days of uptime: neighbouring numbers are 3.7 ns apart by now.
    kernel.time = 1.7e7
    #expect(kernel.time + kernel.clockResolution == kernel.time)
    var log: [String] = []
    try loop.callAt(1.7e7) { log.append("due") }
    selector.report([:])
    loop.runOnce()
    #expect(log == ["due"])
  }

  @Test func `L7c a timer decades away does not overflow the wait`() throws {
    let (loop, _, selector) = try loop(resolution: 1e-9)
    defer { try? loop.close() }
    var log: [String] = []
    let day = 24 * 3600.0
    try loop.callLater(1000 * 365 * day) { log.append("due") }
    try loop.callLater(.infinity) { log.append("never") }
    loop.runOnce()
    loop.runOnce()
    #expect(selector.timeouts == [day, day])
    #expect(log == [])
    #expect(loop.scheduled.count == 2)
  }

  @Test func `L7c the real kernel takes such a wait too`() throws {
    // The loop would sleep for a day if a descriptor did not wake it.
    let recorder = Recorder()
    let loop = try EventLoop(observer: recorder)
    defer { try? loop.close() }
    try loop.callLater(.infinity) {}
    let (here, there) = try socketPair(isBlocking: false)
    try loop.addReader(here.descriptor) { loop.stop() }
    try there.send("wake up")
    try loop.runForever()
    #expect(recorder.timeouts == [24 * 3600])
  }

  @Test func `L7d less than a tick early is due, a whole tick is not`() throws {
    let (loop, _, selector) = try loop(resolution: 0.5)
    defer { try? loop.close() }
    var log: [Double] = []
    for when in [0.25, 0.5, 0.75] { try loop.callAt(when) { log.append(when) } }
    selector.report([:])
    loop.runOnce()
    #expect(log == [0.25])
  }
}
