import CLibrary
import Sockets
import Synchronization

/// Somebody pressed Ctrl-C.
///
/// asyncio: KeyboardInterrupt
public struct KeyboardInterrupt: Error, Equatable, CustomStringConvertible {
  /// Makes the error.
  public init() {}
  /// For people.
  public var description: String { "interrupted" }
}

// A signal handler is a C function without any context, so what it needs to know
// has to be global.

/// The self-pipe of the loop that wants to hear of Ctrl-C, -1 for none.
private let interruptPipe = Atomic<Int32>(-1)
/// There was a Ctrl-C, and the loop has not looked yet.
private let interruptHasCome = Atomic<Bool>(false)
/// How many threads are inside the signal handler.
private let inSignalHandler = Atomic<Int>(0)

// [run.interrupt]
/// Ctrl-C, as `asyncio.run` treats it.
///
/// A signal interrupts any thread on any line, perhaps in the middle of `malloc`,
/// so its handler may do next to nothing: not take a lock, not make an object, not
/// touch the loop. But it may write to a descriptor, and a descriptor is just what
/// a loop waits for. It is the self-pipe's oldest trade.
///
/// asyncio: runners.Runner._on_sigint; signal.set_wakeup_fd
final class InterruptHandler {
  private let loop: EventLoop
  private let main: any AnyTask
  private var former = sigaction()
  private(set) var hasFired = false

  /// Fails if the program has its own idea of SIGINT already.
  init?(_ loop: EventLoop, _ main: any AnyTask) {
    self.loop = loop
    self.main = main
    sigaction(SIGINT, nil, &former)
    // SIG_DFL is the null pointer. A handler that is there already stays.
    guard former.handler == nil else { return nil }
    loop.interruptHandler = self
    interruptPipe.store(
      loop.executor.selfPipe.writeEnd, ordering: .sequentiallyConsistent)

    // Swift makes a global when it is first used. Not in the handler, please.
    _ = (
      inSignalHandler.load(ordering: .relaxed),
      interruptHasCome.load(ordering: .relaxed)
    )

    var action = sigaction()
    // Once only: a second Ctrl-C kills, as if nobody cared for the signal. And
    // other threads should not find their system calls broken off.
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
    action.handler = { _ in
      let before = errno
      inSignalHandler.add(1, ordering: .sequentiallyConsistent)
      let fd = interruptPipe.load(ordering: .sequentiallyConsistent)
      if fd >= 0 {
        interruptHasCome.store(true, ordering: .sequentiallyConsistent)
        var one: UInt64 = 1  // a counter takes eight bytes, and a pair of sockets any
        _ = write(fd, &one, MemoryLayout<UInt64>.size)
      }
      inSignalHandler.subtract(1, ordering: .sequentiallyConsistent)
      errno = before
    }
    sigaction(SIGINT, &action, nil)
  }

  /// Cancels `main`, on the loop's own time.
  fileprivate func fire() {
    hasFired = true
    main.cancel()
  }

  func remove() {
    sigaction(SIGINT, &former, nil)
    interruptPipe.store(-1, ordering: .sequentiallyConsistent)
    // The handler may be running in another thread at this moment. It must not
    // write to the number once the loop has given the descriptor back.
    while inSignalHandler.load(ordering: .sequentiallyConsistent) > 0 { sched_yield() }
    interruptHasCome.store(false, ordering: .sequentiallyConsistent)
    loop.interruptHandler = nil
  }
}

extension EventLoop {
  /// Looks whether it was a signal that made the self-pipe readable.
  ///
  /// asyncio: _UnixSelectorEventLoop._process_self_data
  func processSelfData() {
    guard let interruptHandler else { return }
    if interruptHasCome.exchange(false, ordering: .sequentiallyConsistent) {
      interruptHandler.fire()
    }
  }
}
