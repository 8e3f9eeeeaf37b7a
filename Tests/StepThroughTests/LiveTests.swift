import CLibrary
import Scenarios
import Sockets
import Testing

/// Loops that run while one looks, and the clients that are part of the program.
@Suite struct LiveTests {
  let right = "\u{1B}[C"

  /// A port that nobody listens on at this moment.
  private func freePort() throws -> UInt16 {
    let probe = try Socket()
    try probe.bind(SocketAddress("127.0.0.1", port: 0))
    return try #require(probe.getsockname().port)
  }

  private func start(_ scenario: String) throws -> (PseudoTerminal, port: UInt16) {
    let port = try freePort()
    let terminal = try PseudoTerminal(
      [scenario, "--live", "--port", "\(port)"], rows: 60)
    try terminal.wait(for: "\(scenario) (live) · step 1")
    return (terminal, port)
  }

  /// Lets the loop go on, a step at a time, until it is as it should be.
  private func go(
    _ terminal: PseudoTerminal, _ what: String,
    until isThere: ([String]) -> Bool = { $0.last!.contains("waiting in epoll_wait") }
  ) throws {
    var title = ""
    while true {
      // A key for each step: the title has its number.
      try terminal.wait(for: what) { terminal in
        let lines = terminal.lines
        return terminal.isWhole(lines) && (isThere(lines) || lines[0] != title)
      }
      if isThere(terminal.lines) { return }
      title = terminal.lines[0]
      terminal.type(right)
    }
  }

  private func sleep(_ terminal: PseudoTerminal) throws { try go(terminal, "sleep") }

  /// Types what wakes a sleeping loop.
  private func wake(_ terminal: PseudoTerminal, _ keys: String) throws {
    let before = terminal.lines[0]
    terminal.type(keys)
    try terminal.wait(for: "a loop that is awake") { terminal in
      let lines = terminal.lines
      return terminal.isWhole(lines) && lines[0] != before
    }
  }

  /// The log.
  private func log(_ terminal: PseudoTerminal) throws -> [String] {
    terminal.type("l")
    try terminal.wait(for: "enter goes there")
    let lines = terminal.lines
    terminal.type("l")
    try terminal.wait(for: "· step")
    return lines
  }

  @Test func `the reader is the client`() throws {
    let (terminal, port) = try start("accept")
    try sleep(terminal)
    try terminal.wait(for: "C connects a client, or run `nc 127.0.0.1 \(port)`")
    // The loop sleeps, the keys do not.
    terminal.type("\u{1B}[D")
    try terminal.wait(for: "returns to the loop")
    terminal.type("\u{1B}[F")
    let client = try Socket()
    try client.connect(SocketAddress("127.0.0.1", port: port))
    try terminal.wait(for: "listener IN: 1 descriptor could do something")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `a client before there is a listener`() throws {
    let (terminal, port) = try start("accept")
    #expect(terminal.lines.last?.contains("C connect ") == true)
    #expect(terminal.lines.last?.contains("W write") == false)
    terminal.type("C")
    try terminal.wait(for: "nobody listens on port \(port) at this step")
    for key in ["W", "E", "R", "1"] {
      terminal.type(right + key)
      try terminal.wait(for: "no client is connected; C connects one")
    }
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `the client is told that the server has closed`() throws {
    let (terminal, _) = try start("accept")
    try sleep(terminal)
    try wake(terminal, "C")
    try terminal.wait(for: "listener IN: 1 descriptor could do something")
    try sleep(terminal)
    let steps = try log(terminal)
    let connects = steps.firstIndex { $0.contains("Client 1 connects; the kernel") }
    let wakes = steps.firstIndex { $0.contains("listener IN: 1 descriptor could") }
    let closes = steps.firstIndex { $0.contains("close(connection 1) → 0") }
    let reads = steps.firstIndex { $0.contains("Client 1 reads the end of the stream") }
    let order = [connects, wakes, closes, reads].compactMap { $0 }
    #expect(order.count == 4 && order == order.sorted())
    terminal.type("W")
    try terminal.wait(for: "no client is connected; C connects one")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test(arguments: ["sock-echo", "transport-echo", "stream-echo"])
  func `an echo, to its end and to a reset`(scenario: String) throws {
    let (terminal, _) = try start(scenario)
    try sleep(terminal)
    try wake(terminal, "C")
    try sleep(terminal)
    terminal.type("Whello")
    try terminal.wait(for: "client 1 sends the line: hello_")
    try wake(terminal, "\r")
    try terminal.wait(for: "connection 1 IN: 1 descriptor could do something")
    try sleep(terminal)
    var steps = try log(terminal)
    let sends = steps.firstIndex { $0.contains(#"Client 1 sends "hello\n""#) }
    let echoes = steps.firstIndex { $0.contains("send(connection 1, 6 bytes) → 6") }
    let reads = steps.firstIndex { $0.contains(#"Client 1 reads "hello\n""#) }
    let order = [sends, echoes, reads].compactMap { $0 }
    #expect(order.count == 3 && order == order.sorted())

    // Another one; the keys are for the last that came, until one says otherwise.
    try wake(terminal, "C")
    try terminal.wait(for: "listener IN: 1 descriptor could do something")
    try sleep(terminal)
    try terminal.wait(for: "client 2: W writes")
    terminal.type("1")
    try terminal.wait(for: "client 1: W writes")
    terminal.type("3")
    try terminal.wait(for: "there is no client 3; connected: 1, 2; the keys are for 1")
    try wake(terminal, "E")
    try terminal.wait(for: "connection 1 IN")
    try sleep(terminal)
    steps = try log(terminal)
    #expect(steps.contains { $0.contains("Client 1 has nothing more to send") })
    #expect(steps.contains { $0.contains("Client 1 reads the end of the stream") })
    try wake(terminal, "2R")
    try terminal.wait(for: "connection 2 IN")
    try sleep(terminal)
    steps = try log(terminal)
    #expect(steps.contains { $0.contains("Client 2 resets the connection") })
    #expect(steps.contains { $0.contains("close(connection 2) → 0") })
    try terminal.wait(for: "C connects a client")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `what a client hears does not hide the step before`() throws {
    let (terminal, _) = try start("accept")
    try sleep(terminal)
    terminal.type("C")
    try terminal.wait(for: "listener IN: 1 descriptor could do something")
    try go(terminal, "close") { lines in
      lines.contains { $0.contains("close(connection 1) → 0: ") }
    }
    // It stays, and the title says that there is more.
    try terminal.wait(for: "the next step") { terminal in
      let lines = terminal.lines
      return terminal.isWhole(lines) && lines[0].contains(" of ")
        && lines.contains { $0.contains("close(connection 1) → 0: ") }
    }
    terminal.type(right)
    try terminal.wait(for: "Client 1 reads the end of the stream")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test func `the help offers the keys that work`() throws {
    let (terminal, _) = try start("accept")
    terminal.type("?")
    try terminal.wait(for: "connect a client to the loop")
    #expect(!terminal.lines.contains { $0.contains("other scenarios") })
    #expect(!terminal.lines.contains { $0.contains("CPython's steps") })
    terminal.type("xq")
    #expect(try terminal.end() == 0)
    let recorded = try PseudoTerminal(["accept"])
    try recorded.wait(for: "step 1 of")
    recorded.type("?")
    try recorded.wait(for: "other scenarios")
    #expect(!recorded.lines.contains { $0.contains("connect a client") })
    recorded.type("x")
    try recorded.wait(for: "step 1 of")
    recorded.type("C")
    try recorded.wait(for: "no such key")
    recorded.type("q")
    #expect(try recorded.end() == 0)
  }
}
