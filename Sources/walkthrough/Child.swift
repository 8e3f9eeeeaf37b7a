import CLibrary
import Foundation
import Terminal

/// Another program, which we start and wait for. Ctrl-C ends it, and then us.
struct Child {
  private let words: [String]

  /// The reader has pressed Ctrl-C.
  struct Stopped: Error {}

  /// - Parameter words: its name, and what stands behind it.
  init(_ words: [String]) { self.words = words }

  /// How it has ended.
  struct Outcome {
    /// Its exit code; of a signal, 128 and the signal's number, as in a shell.
    let code: Int32
    /// What it wrote, to standard output and standard error.
    let output: String
    /// It was ended because it did not end by itself.
    let isEndless: Bool
  }

  /// From here on, Ctrl-C ends what we have started before it ends us.
  static func hearStops() {
    signal(SIGINT) { _ in stops += 1 }
    signal(SIGTERM) { _ in stops += 1 }
    unblockStops()
  }

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - isShown: whether its last line is shown while it runs, where there is a terminal.
  ///   - patience: so many seconds it may take; then it is ended.
  /// - Throws: `Stopped`; `Workshop.Trouble` if it does not start.
  func run(isShown: Bool = false, patience: Double = .infinity) throws -> Outcome {
    if stops > 0 { throw Stopped() }
    var ends: [Int32] = [0, 0]
    if pipe(&ends) != 0 {
      throw Workshop.Trouble("there is no pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let child: pid_t
    do {
      defer { close(ends[1]) }
      child = try start(output: ends[1])
    }

    var output: [UInt8] = []
    var isEndless = false
    let deadline = ContinuousClock.now + .seconds(min(patience, 1e6))
    var told = 0
    var status: Int32 = -1
    let isTerminal = isShown && isatty(STDOUT_FILENO) == 1
    while true {
      // A group of its own hears nothing of Ctrl-C, so whoever it is told by is we; and
      // a second time there is no more asking.
      if stops > told {
        told = stops
        kill(-child, told == 1 ? SIGINT : SIGKILL)
      }
      if ContinuousClock.now > deadline && !isEndless {
        isEndless = true
        kill(-child, SIGKILL)
      }
      var wait = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
      if poll(&wait, 1, 500) <= 0 {
        // What it has started, and left behind, may hold the pipe open.
        if waitpid(child, &status, WNOHANG) == child { break }
        continue
      }
      var piece = [UInt8](repeating: 0, count: 65536)
      let count = read(ends[0], &piece, piece.count)
      if count == 0 { break }
      if count < 0 { continue }
      output += piece[..<count]
      if isTerminal { show(output) }
      // Who fills the memory does not end either.
      if output.count > 1 << 26 && !isEndless {
        isEndless = true
        kill(-child, SIGKILL)
      }
    }
    if isTerminal { write("\r\u{1B}[K") }
    while status == -1 && waitpid(child, &status, 0) < 0 && errno == EINTR {}
    if stops > 0 { throw Stopped() }
    return Outcome(
      code: exitCode(status),
      output: String(decoding: output, as: UTF8.self), isEndless: isEndless)
  }

  private func start(output: Int32) throws -> pid_t {
    var actions = newFileActions()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    var attributes = newSpawnAttributes()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals are what they are for a program that a shell has started, whoever has
    // started us.
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var strings = words.map { strdup($0) } + [nil]
    defer { strings.forEach { free($0) } }
    var child: pid_t = 0
    let error = posix_spawnp(&child, words[0], &actions, &attributes, &strings, environ)
    if error == 0 { return child }
    let why = String(cString: strerror(error))
    throw Workshop.Trouble(
      words[0] == "swift"
        ? "swift does not start (\(why)): put a Swift toolchain on the PATH"
        : "\(words[0]) does not start (\(why))")
  }

  /// The last line, as much of it as fits.
  private func show(_ output: [UInt8]) {
    let last =
      String(decoding: output.suffix(400), as: UTF8.self)
      .split(whereSeparator: \.isNewline).last ?? ""
    write("\r\u{1B}[K  " + last.prefix(70))
  }
}

/// Whoever started us may have had these signals blocked, and that is inherited.
func unblockStops() {
  var set = sigset_t()
  sigemptyset(&set)
  sigaddset(&set, SIGINT)
  sigaddset(&set, SIGTERM)
  pthread_sigmask(SIG_UNBLOCK, &set, nil)
}

/// What `waitpid` tells, as an exit code; of a signal, 128 and the signal's number, as in
/// a shell.
func exitCode(_ status: Int32) -> Int32 {
  let signal = status & 0x7f
  return signal == 0 ? status >> 8 & 0xff : 128 + signal
}

/// How often somebody has asked us to stop.
private nonisolated(unsafe) var stops = 0
