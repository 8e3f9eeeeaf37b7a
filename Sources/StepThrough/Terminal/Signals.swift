// Signals as bytes in a pipe. What a signal is to lead to is not known here.

import CLibrary

/// Where the signal handler writes. A handler may run between any two
/// instructions, so there is next to nothing that it may do; writing a byte into
/// a pipe is allowed. (The loop's self-pipe exists for much the same reason.)
private nonisolated(unsafe) var bell: Int32 = -1

/// Turns signals into bytes that `select` can wait for, next to the keys.
///
/// The same pipe takes a zero from another thread that has something to show.
final class Signals {
  /// Becomes readable when a signal arrived.
  let readEnd: Int32
  private let writeEnd: Int32
  private var old: [(signal: Int32, action: sigaction)] = []

  static let caught = [
    SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT,
  ]

  init() {
    var ends: [Int32] = [-1, -1]
    pipe(&ends)
    readEnd = ends[0]
    writeEnd = ends[1]
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    bell = writeEnd
    // Whoever started this program may have had them blocked, and that is inherited.
    var set = sigset_t()
    for signal in Self.caught {
      catchSignal(signal)
      sigaddset(&set, signal)
    }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  private func catchSignal(_ signal: Int32) {
    var action = sigaction()
    var before = sigaction()
    action.handler = { signal in
      let saved = errno
      var byte = UInt8(signal)
      CLibrary.write(bell, &byte, 1)
      errno = saved
    }
    sigaction(signal, &action, &before)
    // Somebody wanted this one ignored (`nohup` does): leave it so.
    if before.isIgnored {
      sigaction(signal, &before, nil)
    } else {
      old.append((signal, before))
    }
  }

  /// The signals that came since the last look; 0 stands for another thread's news.
  func take() -> [Int32] {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(readEnd, &bytes, bytes.count)
    return bytes.prefix(max(0, count)).map(Int32.init)
  }

  /// From another thread: there is news.
  static func ring() {
    var byte: UInt8 = 0
    CLibrary.write(bell, &byte, 1)
  }

  /// Lets a signal do what it does to a program that does not catch it.
  func deliver(_ signal: Int32, toGroup: Bool = false) {
    // Behind this line only if the signal did not end the program: it was stopped,
    // and somebody said `fg`.
    withUsual(signal) { _ = kill(toGroup ? 0 : getpid(), signal) }
  }

  /// While another program has the terminal, Ctrl-Z stops both, and `fg` continues both.
  func withUsualStop<Value>(_ body: () -> Value) -> Value { withUsual(SIGTSTP, body) }

  private func withUsual<Value>(_ signal: Int32, _ body: () -> Value) -> Value {
    var before = sigaction()
    var usual = sigaction()
    usual.handler = SIG_DFL
    sigaction(signal, &usual, &before)
    defer { sigaction(signal, &before, nil) }
    return body()
  }

  deinit {
    for (signal, var action) in old { sigaction(signal, &action, nil) }
    bell = -1
    close(readEnd)
    close(writeEnd)
  }
}
