import CLibrary
import EventLoops
import Recording
import Scenarios
import Simulation
import Sockets
import Telling
import Testing
import Transports

/// What the recorder writes down.
@Suite struct RecorderTests {
  let recorder = Recorder()

  @Test func `a descriptor's number may come back but its name does not`() throws {
    let kernel = RecordingKernel(systemKernel, recorder)
    recorder.nameNext("listener")
    let first = try kernel.socket(.ipv4, .stream, CallSite())
    kernel.close(first, CallSite())
    // The kernel gives the lowest free number, so usually the same one again.
    let second = try kernel.socket(.ipv4, .stream, CallSite())
    try kernel.setBlocking(second, false, CallSite())
    kernel.close(second, CallSite())
    let names = recorder.steps.map {
      sentence($0, before: LoopState()).prefix { $0 != ":" }
    }
    #expect(
      names == [
        "socket(AF_INET) → listener", "close(listener) → 0",
        "socket(AF_INET) → socket 1", "fcntl(socket 1, set O_NONBLOCK) → 0",
        "close(socket 1) → 0",
      ])
  }

  /// The terminal belongs to who reads a story, or has a book made.
  @Test func `what a loop says that is only played is in its story`() throws {
    final class Deaf: StreamProtocol {}
    let scenario = Scenario("wasteful", "writes to a connection that is lost") {
      recorder in
      let stage = try Stage(recorder)
      let loop = stage.loop
      let socket = try stage.narrowConnection()
      try stage.run(
        loop.createTask("main") {
          let (transport, _) = try await loop.createConnection({ Deaf() }, sock: socket)
          transport.abort()
          for _ in 1...5 { try transport.write([1]) }
        })
    }
    let said = try scenario.trace().tellings.map(\.sentence).filter {
      $0.contains("tandard error hears")
    }
    #expect(
      said == [
        "Standard error hears: Transport-1 is written to, but its connection is lost"
      ])
  }

  @Test func `a refusal is written down before it is thrown`() throws {
    let kernel = RecordingKernel(systemKernel, recorder)
    #expect(throws: SystemError.self) { try kernel.listen(-1, 1, CallSite()) }
    #expect(
      recorder.steps.map(\.event) == [.call(.listen(fd: 1, backlog: 1), .error(EBADF))])
  }

  @Test func `the call site is where the call was written`() throws {
    let kernel = RecordingKernel(systemKernel, recorder)
    let line = #line + 1
    try Socket(kernel: kernel).close()
    #expect(recorder.steps.map(\.line) == [line, line])
    #expect(recorder.steps.map(\.file) == Array(repeating: #fileID, count: 2))
  }

  @Test func `times are counted from the beginning of the recording`() {
    let kernel = RecordingKernel(systemKernel, recorder)
    let timer = Name(1, "timer")
    recorder.observe(
      .timerScheduled(timer, when: kernel.now() + 1000, delay: 1000), nil,
      at: CallSite())
    guard case .loop(.timerScheduled(_, let when, _)) = recorder.steps[0].event else {
      Issue.record("no timer")
      return
    }
    #expect(1000..<1100 ~= when)
  }

  @Test func `the world moves when the loop is about to wait`() throws {
    let kernel = RecordingKernel(systemKernel, recorder)
    let epoll = try kernel.epollCreate(CallSite())
    recorder.whenIdle { recorder.note("first") }
    recorder.whenIdle { recorder.note("second") }
    for timeout: Int32 in [0, 1, 0, 1] {
      _ = try kernel.epollWait(epoll, limit: 1, timeout: timeout, CallSite())
    }
    kernel.close(epoll, CallSite())
    let notes = recorder.steps.filter {
      if case .note = $0.event { true } else { false }
    }
    #expect(notes.map(\.number) == [3, 6])
  }
}
