// Terminal: the picture on a real terminal, with its keys, signals and live loops. It
// knows Screen; not what was written on the command line.

import CLibrary
import Screen

/// The reader's terminal: a picture goes out, keys come in.
///
/// Four things are changed and must be changed back, whatever happens: the line
/// discipline (no echo, every key at once), the screen (the alternate one, so that
/// the reader's own is untouched below), the cursor (hidden), and what the terminal
/// tells (the mouse, and where a pasted text begins and ends).
package final class Terminal {
  private let signals = Signals()
  private var isEntered = false
  private var keys = KeyParser()
  private var pending: [Happening] = []

  /// What can happen at a terminal.
  enum Happening: Equatable {
    case key(Key)
    /// The size changed, or the program was in the background: draw anew.
    case redraw
    /// The loop in the other thread has news.
    case news
    /// One of the descriptors that are watched has something to read.
    case readable(Int32)
    /// Another program wants this one to end.
    case end(signal: Int32)
    /// There is nobody at the keyboard any more.
    case closed
    /// The program was stopped without having been asked, and goes on.
    case continued
  }

  /// It can show text and nothing else.
  package static var isDumb: Bool {
    let term = variable("TERM") ?? ""
    return term == "" || term == "dumb"
  }

  /// https://no-color.org: any value but the empty one means no.
  static let isInColor = variable("NO_COLOR") ?? "" == ""

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Takes the terminal over.
  func enter() {
    guard !isEntered else { return }
    isEntered = true
    takeTerminal()
    // Alternate screen, no cursor, no wrapping in the last column; the mouse, in
    // numbers that can be told from keys; marks around pasted text.
    send("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J")
    send("\u{1B}[?1000h\u{1B}[?1006h\u{1B}[?2004h")
  }

  /// Gives the terminal back as it was.
  func leave() {
    isEntered = false
    giveBackTerminal()
  }

  deinit { leave() }

  /// Ctrl-Z: gives the terminal back, stops, and takes it again when continued.
  func suspend() {
    leave()
    // The whole group, as the terminal itself would do it: `swift run` too.
    signals.deliver(SIGTSTP, toGroup: true)
    pending += signals.take().filter { $0 != SIGCONT }.map(meaning)
    enter()
  }

  /// Ends the program the way the signal would have done.
  func die(of signal: Int32) {
    leave()
    signals.deliver(signal)
  }

  /// How large it is now. Some terminals, a serial line for one, do not know it, or
  /// know half of it.
  var size: ScreenSize {
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) != 0 { size = winsize() }
    func known(_ told: UInt16, _ name: String, _ usual: Int) -> Int {
      if told > 0 { return Int(told) }
      let said = Self.variable(name).flatMap { UInt16($0) } ?? 0
      return said > 0 ? Int(said) : usual
    }
    return ScreenSize(
      columns: known(size.ws_col, "COLUMNS", 80), rows: known(size.ws_row, "LINES", 24))
  }

  // MARK: Out

  /// Shows a picture. One write for all of it, over the old one without erasing
  /// that first: so nothing flickers.
  func show(_ lines: [StyledLine]) {
    // What has come meanwhile changes it: this one would never be seen.
    if !pending.isEmpty { return }
    var frame = ""
    for (row, line) in lines.enumerated() {
      frame += "\u{1B}[\(row + 1);1H" + line.ansi(inColor: Self.isInColor)
    }
    send(frame)
  }

  /// Sends all of it, and waits for room where there is none.
  ///
  /// Another program may have made the terminal non-blocking: the setting is not
  /// ours alone. Then a write takes what fits, or says EAGAIN.
  private func send(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let slice = UnsafeBufferPointer(rebasing: rest)
        let count = CLibrary.write(STDOUT_FILENO, slice.baseAddress!, slice.count)
        rest = rest.dropFirst(max(0, count))
        if count < 0 {
          guard errno == EINTR || errno == EAGAIN, waitForRoom() else { return }
        }
      }
    }
  }

  /// - Returns: whether there is any use in going on: nobody wants the program to end.
  private func waitForRoom() -> Bool {
    var (toRead, toWrite) = (fd_set([signals.readEnd]), fd_set([STDOUT_FILENO]))
    _ = select(toRead: &toRead, toWrite: &toWrite, within: -1)
    let come = signals.take().map(meaning)
    pending += come
    return !come.contains { if case .end = $0 { true } else { false } }
  }

  // MARK: In

  /// Waits until something happens.
  ///
  /// - Parameter watched: other descriptors from which something may come.
  func next(watching watched: [Int32] = []) -> Happening {
    while pending.isEmpty { wait(watched) }
    let happening = pending.removeFirst()
    guard happening == .continued else { return happening }
    // The shell has had the terminal meanwhile.
    leave()
    enter()
    return .redraw
  }

  private func wait(_ watched: [Int32]) {
    var (toRead, toWrite) = (
      fd_set([STDIN_FILENO, signals.readEnd] + watched), fd_set()
    )
    let count = select(
      toRead: &toRead, toWrite: &toWrite, within: keys.patience ?? -1)
    if count == 0 {
      pending += keys.parse([], isAll: true).map { .key($0) }
      return
    }
    if count < 0 { return }
    if toRead.contains(signals.readEnd) { pending += signals.take().map(meaning) }
    if toRead.contains(STDIN_FILENO) { readKeys() }
    for fd in watched where toRead.contains(fd) { pending.append(.readable(fd)) }
  }

  private func readKeys() {
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = read(STDIN_FILENO, &bytes, bytes.count)
    if count > 0 {
      pending += keys.parse(Array(bytes.prefix(count))).map { .key($0) }
    } else if count == 0 || errno != EINTR && errno != EAGAIN {
      pending.append(.closed)
    }
  }

  private func meaning(_ signal: Int32) -> Happening {
    switch signal {
    case 0: .news
    case SIGWINCH: .redraw
    case SIGCONT: .continued
    case SIGTSTP: .key(.suspend)
    default: .end(signal: signal)
    }
  }
}
