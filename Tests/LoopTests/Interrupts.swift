import CLibrary
import EventLoops
import TestSupport
import Testing

/// Ctrl-C. Each in a process of its own, for signals belong to the process.
///
/// The signal is sent at the moment in which the loop asks its selector without a
/// limit: nothing but the signal can wake it.
@Suite struct Interrupts {
  /// A loop that is sent SIGINT when it is about to sleep for ever.
  static func loopToInterrupt() throws -> EventLoop {
    let recorder = Recorder()
    recorder.react = { event in
      if event == .selectEntered(timeout: nil) { kill(getpid(), SIGINT) }
    }
    return try EventLoop(observer: recorder)
  }

  @Test func `LOOP-56 Ctrl-C cancels main and what it waits for`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      try await inThread {
        let loop = try Interrupts.loopToInterrupt()
        let future = loop.createFuture(of: Void.self)
        let log = Log()
        let waited = Unchecked(value: future)
        #expect(throws: KeyboardInterrupt()) {
          try run(loop, catchingInterrupt: true) { _ in
            do {
              try await waited.value.value()
            } catch {
              log.add("\(error is CancellationError)")
              throw error
            }
          }
        }
        #expect(log.lines == ["true"])
        #expect(future.cancelled())
        #expect(loop.isClosed())
      }
    }
  }

  @Test func `LOOP-56 main may swallow it`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      try await inThread {
        let loop = try Interrupts.loopToInterrupt()
        let value = try run(loop, catchingInterrupt: true) { loop in
          try? await loop.createFuture(of: Void.self).value()
          return 42
        }
        #expect(value == 42)
      }
    }
  }

  @Test func `LOOP-56 a cancellation by somebody else stays one`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      try await inThread {
        let loop = try Interrupts.loopToInterrupt()
        #expect(throws: CancellationError.self) {
          try run(loop, catchingInterrupt: true) { loop in
            do {
              try await loop.createFuture(of: Void.self).value()
            } catch {
              loop.currentTask?.cancel()
              throw error
            }
          }
        }
      }
    }
  }

  @Test func `the second Ctrl-C ends the process`() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      try await inThread {
        let loop = try Interrupts.loopToInterrupt()
        try run(loop, catchingInterrupt: true) { loop in
          for _ in 1...3 { try? await loop.createFuture(of: Void.self).value() }
        }
      }
    }
  }

  @Test func `after run the signal is what it was before`() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      try await inThread {
        try run(try EventLoop(), catchingInterrupt: true) { _ in }
        unblocking(SIGINT) { _ = raise(SIGINT) }
      }
    }
  }

  @Test func `a program that ignores the signal goes on ignoring it`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      signal(SIGINT, SIG_IGN)
      try await inThread {
        let value = try run(try EventLoop(), catchingInterrupt: true) { _ in
          kill(getpid(), SIGINT)
          return 42
        }
        #expect(value == 42)
      }
    }
  }
}
