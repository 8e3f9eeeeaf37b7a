import Glibc
import Scars
import Scenarios
import Telling
import Testing

/// The program in a terminal: keys go in, pictures come out, and afterwards the
/// terminal is as it was.
@Suite struct TerminalTests {
  let right = "\u{1B}[C"
  let left = "\u{1B}[D"

  @Test func `forward, back, and quit`() throws {
    let terminal = try PseudoTerminal(["accept"])
    let before = terminal.settingsBefore
    try terminal.wait(for: "accept · step 1 of")
    #expect(terminal.settings != before)
    let first = terminal.lines
    terminal.type(right)
    try terminal.wait(for: "step 2 of")
    terminal.type(left)
    try terminal.wait(for: "step 1 of")
    #expect(terminal.lines == first)
    terminal.type("q")
    #expect(try terminal.end() == 0)
    #expect(terminal.settings == before)
  }

  @Test func `the EAGAIN can be found`() throws {
    let terminal = try PseudoTerminal(["accept"])
    try terminal.wait(for: "step 1 of")
    terminal.type("/EAGAIN:\r")
    try terminal.wait(for: "accept4(listener) → EAGAIN: nobody is waiting")
    try terminal.wait(for: "asyncio  BaseSelectorEventLoop._sock_accept (selector_ev")
    terminal.type("g3\r")
    try terminal.wait(for: "step 3 of")
    terminal.type("l")
    try terminal.wait(for: "enter goes there")
    terminal.type("\u{1B}[B\r")
    try terminal.wait(for: "step 4 of")
    terminal.type("?")
    try terminal.wait(for: "Any key goes back")
    terminal.type("xq")
    #expect(try terminal.end() == 0)
  }

  @Test func `the first screen lets one choose`() throws {
    let terminal = try PseudoTerminal([])
    try terminal.wait(for: "What do you want to see it do?")
    terminal.type("2")
    try terminal.wait(for: "\(Scenario.all[1].name) · step 1 of")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `the scars stand behind the scenarios`() throws {
    let terminal = try PseudoTerminal([])
    try terminal.wait(for: "end: the scars")
    terminal.type("\u{1B}[F\r")
    let last = try #require(Scenario.choices.last)
    let kernel = last.isScripted ? " (scripted kernel)" : ""
    try terminal.wait(for: "\(last.name)\(kernel) · the old shape · step 1 of")
    try terminal.wait(for: "The old shape: ")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `a new size is a new picture`() throws {
    let terminal = try PseudoTerminal(["accept"])
    try terminal.wait(for: "step 1 of")
    for (columns, rows) in [(140, 40), (60, 16)] {
      terminal.resize(columns, rows)
      try terminal.wait(for: "\(columns)x\(rows)") { terminal in
        let lines = terminal.lines
        return terminal.isWhole(lines)
          && lines.allSatisfy { displayWidth($0) == columns }
      }
    }
    terminal.resize(40, 10)
    try terminal.wait(for: "too small")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test(arguments: ["\u{3}": 130, "\u{4}": 0])
  func `Ctrl-C and Ctrl-D end it`(key: String, code: Int32) throws {
    let terminal = try PseudoTerminal(["accept"])
    let before = terminal.settingsBefore
    try terminal.wait(for: "step 1 of")
    terminal.type(key)
    #expect(try terminal.end() == code)
    #expect(terminal.settings == before)
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
  func `a signal ends it and the terminal is as it was`(signal: Int32) throws {
    let terminal = try PseudoTerminal(["accept"])
    let before = terminal.settingsBefore
    try terminal.wait(for: "step 1 of")
    terminal.signal(signal)
    #expect(try terminal.end() == (signal == SIGINT ? 130 : -signal))
    #expect(terminal.settings == before)
  }

  @Test func `live, the reader is the client`() throws {
    let port = try freePort()
    let terminal = try PseudoTerminal(["--live", "--port", "\(port)"])
    try terminal.wait(for: "accept (live) · step 1")
    // One iteration after the other, until there is nothing to do but wait.
    terminal.type("n")
    try terminal.wait(for: "Turn 1:")
    terminal.type("n")
    try terminal.wait(for: "waits as long as it takes")
    terminal.type(right)
    try terminal.wait(for: "waiting in epoll_wait: connect with `nc 127.0.0.1 \(port)`")
    // The loop sleeps, the keys do not.
    terminal.type(left)
    try terminal.wait(for: "returns to the loop")
    terminal.type("\u{1B}[F")
    let client = try connect(to: port)
    defer { close(client) }
    try terminal.wait(for: "listener IN: 1 descriptor could do something")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  private func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = port.bigEndian
    return address
  }

  /// A port that nobody listens on at this moment.
  private func freePort() throws -> UInt16 {
    let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(probe) }
    var address = address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(probe, $0, length)
        _ = getsockname(probe, $0, &length)
      }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  private func connect(to port: UInt16) throws -> Int32 {
    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = address(port)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(result == 0)
    return client
  }
}
