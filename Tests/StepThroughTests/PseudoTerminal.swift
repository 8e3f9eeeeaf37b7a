import CLibrary
import Foundation
import Telling
import TestSupport
import Testing

/// A terminal without a screen, with the program running in it.
final class PseudoTerminal {
  private let master: Int32
  private let slave: Int32
  private var isClosed = false
  private var process = pid_t()
  private var output: [UInt8] = []
  private var size = (columns: 0, rows: 0)
  /// The settings that the program found.
  private(set) var settingsBefore: [UInt8] = []

  struct Failure: Error { let what: String }

  /// Starts the program in a session of its own, with this terminal.
  ///
  /// - Parameters:
  ///   - arguments: what stands behind its name.
  ///   - program: where the program is.
  ///   - columns: the terminal's width.
  ///   - rows: its height.
  ///   - more: what else is in its environment.
  ///   - shell: a shell's command to start it with, as `"$@"`.
  ///   - isBlocking: whether a write to the terminal waits for room.
  init(
    _ arguments: [String], program: String = Program.path, columns: Int = 80,
    rows: Int = 24, environment more: [String] = [], shell: String? = nil,
    isBlocking: Bool = true
  ) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    guard master >= 0, let name = Self.otherEnd(of: master) else {
      throw Failure(what: "no pseudo-terminal")
    }
    slave = open(name, O_RDWR | O_NOCTTY)
    for end in [master, slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    resize(columns, rows)
    settingsBefore = settings

    // A new session opens the terminal first thing, and so it becomes its own.
    var actions = newFileActions()
    posix_spawn_file_actions_init(&actions)
    let flags = O_RDWR | (isBlocking ? 0 : O_NONBLOCK)
    posix_spawn_file_actions_addopen(&actions, 0, name, flags, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = newSpawnAttributes()
    posix_spawnattr_init(&attributes)
    // No signal is blocked, as in a shell: what runs the tests may have blocked some.
    var none = sigset_t()
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Self.newSession | 0x08)  // and SETSIGMASK
    let start = shell.map { ["/bin/sh", "-c", $0, "sh"] } ?? []
    let words = start + [program] + arguments
    var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    argv.append(nil)
    // Who quits a running loop leaves it as it is; the address sanitizer should not
    // call that a leak.
    // And Swift's report of a crash would wait for a key.
    let settings =
      ["TERM=xterm", "ASAN_OPTIONS=detect_leaks=0", "SWIFT_BACKTRACE=enable=no"] + more
    var environment: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) }
    environment.append(nil)
    let failure = posix_spawn(
      &process, words[0], &actions, &attributes, &argv, &environment)
    for text in argv + environment { free(text) }
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
    if failure != 0 { throw Failure(what: "no \(program): \(failure)") }
  }

  #if os(Linux)
    private static let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID
    /// What `unlockpt` and `ptsname` do; Swift does not see those.
    private static func otherEnd(of master: Int32) -> String? {
      var (locked, number): (Int32, Int32) = (0, 0)
      guard ioctl(master, 0x4004_5431, &locked) == 0,  // TIOCSPTLCK
        ioctl(master, 0x8004_5430, &number) == 0  // TIOCGPTN
      else { return nil }
      return "/dev/pts/\(number)"
    }
  #else
    private static let newSession: Int16 = 0x400  // POSIX_SPAWN_SETSID
    private static func otherEnd(of master: Int32) -> String? {
      guard grantpt(master) == 0, unlockpt(master) == 0 else { return nil }
      return ptsname(master).map { String(cString: $0) }
    }
  #endif

  deinit {
    close()
    // A child that nobody waits for stays, dead, and whoever waits for any child of this
    // process finds it first, again and again: Swift Testing's exit tests do, and then
    // the whole suite hangs.
    if !isBuried {
      kill(process, SIGKILL)
      _ = code()
    }
  }

  /// Somebody has waited for its end.
  private var isBuried = false

  private func close() {
    if isClosed { return }
    isClosed = true
    CLibrary.close(master)
    CLibrary.close(slave)
  }

  /// What a line editor or a shell left behind: to be found unchanged afterwards.
  var settings: [UInt8] {
    var settings = termios()
    tcgetattr(slave, &settings)
    return withUnsafeBytes(of: &settings) { Array($0) }
  }

  func resize(_ columns: Int, _ rows: Int) {
    size = (columns, rows)
    var window = winsize()
    window.ws_col = UInt16(columns)
    window.ws_row = UInt16(rows)
    _ = ioctl(slave, UInt(TIOCSWINSZ), &window)
  }

  func type(_ text: String) { type(bytes: Array(text.utf8)) }
  func type(bytes: [UInt8]) { _ = write(master, bytes, bytes.count) }
  func signal(_ signal: Int32) { kill(process, signal) }

  /// Everything that was ever sent to the terminal.
  var everything: String { String(decoding: output, as: UTF8.self) }

  /// The lines of the last picture.
  var lines: [String] {
    // Long ago is long ago: only the end is read anew each time.
    let mark = Array("\u{1B}[1;1H".utf8)
    let begin = output.indices.last { output[$0...].starts(with: mark) }
    let picture = begin.map {
      String(decoding: output[$0...].dropFirst(6), as: UTF8.self)
    }
    return (picture ?? "").replacing(/\x1B\[\d+;1H/, with: "\n")
      .replacing(/\x1B\[[?0-9;]*[A-Za-z]/, with: "")
      .components(separatedBy: "\n")
  }

  /// Reads until the picture is as it should be.
  func wait(for what: String, _ isThere: (PseudoTerminal) -> Bool) throws {
    let deadline = Date().addingTimeInterval(patience)
    while !isThere(self) {
      if !readSome(until: deadline) {
        throw Failure(what: "no \(what); there is:\n" + lines.joined(separator: "\n"))
      }
    }
  }

  /// Reads until a whole picture with this text on it is there.
  func wait(for text: String) throws {
    try wait(for: text) { terminal in
      let lines = terminal.lines
      return terminal.isWhole(lines) && lines.contains { $0.contains(text) }
    }
  }

  /// Whether a picture has arrived to its last character. It may come in pieces.
  func isWhole(_ lines: [String]) -> Bool {
    lines.count == size.rows && displayWidth(lines.last!) == size.columns
  }

  private func readSome(until deadline: Date) -> Bool {
    var entry = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    let left = Int32(max(0, deadline.timeIntervalSinceNow * 1000))
    guard poll(&entry, 1, left) > 0 else { return false }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = read(master, &bytes, bytes.count)
    output += bytes.prefix(max(0, count))
    // A picture comes in many pieces; looked at after each, a large one takes minutes.
    while count > 0, poll(&entry, 1, 5) > 0 {
      let more = read(master, &bytes, bytes.count)
      if more <= 0 { break }
      output += bytes.prefix(more)
    }
    return count > 0
  }

  /// What the terminal was told to do (`ESC [ ? 25 h`) or not to do (`l`), and still
  /// does or does not.
  var modes: [String: Bool] {
    let told = everything.matches(of: /\x1B\[\?(\d+)([hl])/)
    return Dictionary(told.map { (String($0.1), $0.2 == "h") }) { $1 }
  }

  /// The modes of a terminal in which no program runs: the reader's own screen, a
  /// cursor, wrapping, and no word of the mouse or of what is pasted.
  static let usual = [
    "1049": false, "25": true, "7": true, "1000": false, "1006": false, "2004": false,
  ]

  /// Waits for the end of the program.
  ///
  /// - Returns: its exit code, or minus the signal that ended it.
  func end() throws -> Int32 {
    let goodbye = "\u{1B}[?1049l"
    try wait(for: "the end of the picture") { $0.everything.hasSuffix(goodbye) }
    #expect(modes == Self.usual)
    return code()
  }

  /// Takes the terminal away, and waits for the end of the program.
  func hangUp() -> Int32 {
    close()
    return code()
  }

  func code() -> Int32 {
    var status: Int32 = 0
    waitpid(process, &status, 0)
    isBuried = true
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
  }
}
