#if os(Linux)
  import EventLoops
  import Selectors
  import SocketOperations
  import Sockets
  import TestSupport
  import Testing

  /// The socket operations on a selector that leaves sockets where they are.
  @Suite(.timeLimit(.minutes(10))) struct RecvOnLazySelector {
    private final class Recorder: LoopObserver {
      private(set) var events: [String] = []
      func observe(_ event: LoopEvent, _ subject: AnyObject?, at site: CallSite) {
        // Numbers of descriptors are the kernel's choice.
        events.append("\(event)".replacing(/fd: \d+/, with: "fd"))
      }
    }

    /// A question and an answer, again and again; each side has to wait each time.
    private func converse(
      _ rounds: Int, _ kernel: WatchedKernel, _ selector: any Selector
    ) throws -> [String] {
      let recorder = Recorder()
      let loop = try EventLoop(kernel: kernel, selector: selector, observer: recorder)
      defer { try? loop.close() }
      let task = try loop.createTask {
        let (one, other) = try socketPair(isBlocking: false, kernel: kernel)
        let answers = try loop.createTask {
          for _ in 0..<rounds {
            try await loop.sockSendall(other, loop.sockRecv(other, 100))
          }
        }
        for round in 0..<rounds {
          try await loop.sockSendall(one, [UInt8(round)])
          #expect(try await loop.sockRecv(one, 100) == [UInt8(round)])
        }
        try await answers.value()
      }
      try loop.runUntilComplete(task)
      return recorder.events
    }

    @Test func `waits in a row cost nothing, and no step is another one`() throws {
      let eager = WatchedKernel(to: LinuxKernel())
      let lazy = WatchedKernel(to: LinuxKernel())
      let steps = try converse(100, eager, EpollSelector(kernel: eager))
      #expect(steps == (try converse(100, lazy, LazySelector(kernel: lazy))))
      #expect(steps.count { $0.hasPrefix("registered") } >= 200)
      #expect(eager.changes.count >= 400)
      // The self-pipe and two sockets, each once there and once away.
      #expect(lazy.changes.count == 6)
    }

    @Test(.enabled(if: systemKernel.asEpoll != nil)) func `run is lazy`() throws {
      try run { loop in #expect(loop.selector is LazySelector) }
    }
  }
#endif
