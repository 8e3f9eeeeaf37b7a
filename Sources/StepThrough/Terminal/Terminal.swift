// Terminal: the picture on a real terminal, with its keys, signals and live loops. It
// knows Screen; not what was written on the command line.

import Glibc
import Screen

/// The reader's terminal: a picture goes out, keys come in.
///
/// Three things are changed and must be changed back, whatever happens: the line
/// discipline (no echo, every key at once), the screen (the alternate one, so that
/// the reader's own is untouched below), and the cursor (hidden).
package final class Terminal {
  private let signals = Signals()
  private var saved = termios()
  private var isEntered = false
  private var keys = KeyParser()
  private var pending: [Happening] = []

  /// What can happen at a terminal.
  enum Happening {
    case key(Key)
    /// The size changed, or the program was in the background: draw anew.
    case redraw
    /// The loop in the other thread has news.
    case news
    /// Another program wants this one to end.
    case end(signal: Int32)
    /// There is nobody at the keyboard any more.
    case closed
  }

  /// It can show text and nothing else.
  package static var isDumb: Bool {
    let term = getenv("TERM").map { String(cString: $0) }
    return term == nil || term == "" || term == "dumb"
  }

  /// https://no-color.org: any value but the empty one means no.
  static let isInColor = getenv("NO_COLOR").map { $0.pointee == 0 } ?? true

  /// Takes the terminal over.
  func enter() {
    guard !isEntered else { return }
    tcgetattr(STDIN_FILENO, &saved)
    var raw = saved
    cfmakeraw(&raw)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
    // Alternate screen, no cursor, and no wrapping in the last column.
    write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J")
    isEntered = true
  }

  /// Gives the terminal back as it was.
  func leave() {
    guard isEntered else { return }
    isEntered = false
    write("\u{1B}[m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved)
  }

  deinit { leave() }

  /// Ctrl-Z: gives the terminal back, stops, and takes it again when continued.
  func suspend() {
    leave()
    // The whole group, as the terminal itself would do it: `swift run` too.
    signals.deliver(SIGTSTP, toGroup: true)
    enter()
  }

  /// Ends the program the way the signal would have done.
  func die(of signal: Int32) {
    leave()
    signals.deliver(signal)
  }

  /// How large it is now.
  var size: ScreenSize {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return ScreenSize(columns: 80, rows: 24)
    }
    return ScreenSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
  }

  /// Shows a picture. One write for all of it, over the old one without erasing
  /// that first: so nothing flickers.
  func show(_ lines: [StyledLine]) {
    var frame = ""
    for (row, line) in lines.enumerated() {
      frame += "\u{1B}[\(row + 1);1H" + line.ansi(inColor: Self.isInColor)
    }
    write(frame)
  }

  /// Waits until something happens.
  func next() -> Happening {
    while pending.isEmpty { wait() }
    return pending.removeFirst()
  }

  private func wait() {
    var list = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0),
    ]
    // After a lone escape byte, a moment tells the key from the start of an arrow.
    let count = poll(&list, 2, keys.isIncomplete ? 30 : -1)
    if count == 0 {
      pending += keys.parse([], isAll: true).map { .key($0) }
      return
    }
    if list[1].revents != 0 { pending += signals.take().compactMap(meaning) }
    if list[0].revents != 0 {
      var bytes = [UInt8](repeating: 0, count: 256)
      let count = read(STDIN_FILENO, &bytes, bytes.count)
      if count > 0 {
        pending += keys.parse(Array(bytes.prefix(count))).map { .key($0) }
      } else if count == 0 || errno != EINTR && errno != EAGAIN {
        pending.append(.closed)
      }
    }
  }

  private func meaning(_ signal: Int32) -> Happening? {
    switch signal {
    case 0: .news
    case SIGWINCH: .redraw
    case SIGCONT:
      // Continued after a stop that nobody announced, SIGSTOP: the shell has had
      // the terminal meanwhile.
      {
        leave()
        enter()
        return .redraw
      }()
    case SIGTSTP: .key(.suspend)
    case SIGINT: .key(.interrupt)
    default: .end(signal: signal)
    }
  }
}
