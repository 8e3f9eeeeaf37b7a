import CLibrary

// What is changed at the terminal lies here, in plain globals, and is changed back by
// a function that asks for no memory and takes no lock. So it can be called wherever
// the program comes to its end: where it leaves the screen, in `exit`, and also in the
// handler of a signal that means a crash.

/// The settings that were found; worth something only while `isTaken`.
private nonisolated(unsafe) var found = termios()
private nonisolated(unsafe) var isTaken = false
private nonisolated(unsafe) var isPrepared = false
/// What was to be done about a signal before we came, by the signal's number.
private nonisolated(unsafe) let former =
  UnsafeMutablePointer<sigaction>.allocate(capacity: 65)

/// The signals that end a program which does not expect them. Nothing can be done
/// about them, but the reader's terminal should not pay for it. (Those that come from
/// people are caught by `Signals`.)
private let deadly = [
  SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS,
  SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ,
]

/// Makes the terminal raw: no echo, every key at once, and no key is a signal.
func takeTerminal() {
  prepare()
  tcgetattr(STDIN_FILENO, &found)
  var raw = found
  cfmakeraw(&raw)
  isTaken = true
  set(&raw)
}

/// Gives the terminal back as it was. Does nothing if it was not taken.
func giveBackTerminal() {
  guard isTaken else { return }
  isTaken = false
  // No pasted text and no mouse, colours, wrapping and cursor as usual, and last the
  // reader's own screen.
  let words: StaticString =
    "\u{1B}[?2004l\u{1B}[?1006l\u{1B}[?1000l\u{1B}[m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"
  var done = 0
  while done < words.utf8CodeUnitCount {
    // A terminal that takes nothing for a second will not be waited for.
    var (none, room) = (fd_set(), fd_set())
    room.insert(STDOUT_FILENO)
    if select(toRead: &none, toWrite: &room, within: 1000) == 0 { break }
    let count = CLibrary.write(
      STDOUT_FILENO, words.utf8Start + done, words.utf8CodeUnitCount - done)
    if count < 0 && errno != EINTR && errno != EAGAIN { break }
    done += max(0, count)
  }
  set(&found)
}

/// Sets the terminal, and forgets what was typed up to now: it was meant for who had
/// the terminal then.
private func set(_ settings: inout termios) {
  // In the background this stops the program, and `fg` interrupts it.
  while tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) != 0 && errno == EINTR {}
}

/// Sees to it, once, that no end of the program is forgotten.
private func prepare() {
  if isPrepared { return }
  isPrepared = true
  atexit(giveBackTerminal)
  prepareThreadForCrash()
  for signal in deadly {
    var action = sigaction()
    action.handler = { signal in
      giveBackTerminal()
      // Now let it do what it would have done. It waits until this handler returns.
      sigaction(signal, &former[Int(signal)], nil)
      raise(signal)
    }
    action.sa_flags = SA_ONSTACK
    sigaction(signal, &action, &former[Int(signal)])
    // Ignored by whoever started us: so it ends nothing.
    if former[Int(signal)].isIgnored {
      sigaction(signal, &former[Int(signal)], nil)
    }
  }
}

/// Gives the handlers a stack of their own in this thread: when it is the stack that has
/// overflowed, they would find no room on it.
func prepareThreadForCrash() {
  var stack = stack_t()
  sigaltstack(nil, &stack)
  guard stack.ss_flags & Int32(SS_DISABLE) != 0 else { return }  // it has one
  // (Not as `stack_t(…)`: its parts have another order, and type, elsewhere.)
  let size = 65536
  stack.ss_sp = malloc(size)
  stack.ss_size = .init(size)
  stack.ss_flags = 0
  sigaltstack(&stack, nil)
}
