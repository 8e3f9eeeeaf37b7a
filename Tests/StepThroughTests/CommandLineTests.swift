import CLibrary
import Foundation
import Scars
import Scenarios
import Telling
import Testing

/// What one can write behind `walkthrough`, and what one gets without a terminal.
@Suite struct CommandLineTests {
  @Test(arguments: [
    (["acept"], "there is no scenario 'acept'; did you mean 'accept'?"),
    (["accept", "--plian"], "there is no option '--plian'; did you mean '--plain'?"),
    (["accept", "connect"], "one at a time; 'connect' is too many"),
    (["accept", "--list"], "one at a time; '--list' is too many"),
    (["ACCPET"], "there is no scenario 'ACCPET'; did you mean 'accept'?"),
    (["scras"], "there is no scenario 'scras'; did you mean 'scars'?"),
    (["accept", "--plain", "--json"], "--plain and --json do not go together; leave"),
    (["--json", "scar", "A2", "--plain"], "--plain and --json do not go together"),
    (["--live", "--json"], "--live and --json do not go together; leave one out"),
    (["--plain=yes"], "--plain takes no value"),
    (["--live", "--port", "1", "--port=2"], "--port once is enough"),
    (["completion"], "which shell? (there are bash, zsh, fish)"),
    (["completion", "fsh"], "there is no shell 'fsh'; did you mean 'fish'? (there"),
    (["help", "waeve"], "there is no command 'waeve'; did you mean 'weave'? (`walk"),
    (["--live", "--port", "0"], "--port wants a number from 1 to 65535, not '0'"),
    (["--live", "--port"], "--port wants a number from 1 to 65535, not ''"),
    (["--live", "--port=99999"], "not '99999'"),
    (["--port", "80"], "--port goes with --live"),
    (["--check"], "--check goes with `walkthrough weave`"),
    (["weave", "--plain"], "--plain goes with `walkthrough [NAME]` or `walk"),
    (["recv", "--live"], "'recv' does not run live; these do: accept, sock-echo, tra"),
    (["sock-echo"], "'sock-echo' only runs live; add --live"),
    (["scar", "T22"], "there is no scar 'T22'; did you mean 'T2'? (`walkthrough"),
    (["scar", "Z9"], "there is no scar 'Z9' (`walkthrough scars` lists them all)"),
    (["a2"], "there is no scenario 'a2'; did you mean 'scar A2'?"),
    (["scar"], "which scar? (`walkthrough scars` lists them all)"),
    (["scar", "--plain"], "which scar? (`walkthrough scars` lists them all)"),
    (["scar", "A2", "A1"], "one at a time; 'A1' is too many"),
    (["scars", "accept"], "one at a time; 'accept' is too many"),
    (["scar", "A2", "--live"], "--live goes with `walkthrough [NAME]`"),
    (["--predict"], "--predict what? name a scenario"),
    (["accept", "--predict", "--live"], "--predict and --live do not go together"),
    (["accept", "--predict", "--what-if", "20=now"], "--predict and --what-if do not"),
    (["accept:64", "--predict"], "accept has no questions from step 64 on; begin"),
    (
      ["book", "--predict"], "--predict goes with `walkthrough [NAME]` or `walkthrough"
    ),
    (["--what-if", "20=EINTR"], "what if what? name a scenario"),
    (
      ["accept", "--what-if"], "nothing here is called ''; there are the steps 1 to 64"
    ),
    (
      ["accept", "--what-if", "20=EPIPE"], "Possible here: EINTR, ECONNABORTED, EMFILE"
    ),
    (["accept", "--live", "--what-if", "20=now"], "--what-if and --live do not go"),
    (
      ["scar", "A2", "--what-if", "20=now"], "--what-if goes with `walkthrough [NAME]`"
    ),
    (["exercise", "16"], "there is no exercise '16'; did you mean '15'? (`walkth"),
    (["exercise", "1"], "there is no exercise '1'; did you mean '2'? (`walkthrou"),
    (["exercise", "6c"], "there is no exercise '6c'; did you mean '6'? (`walkthr"),
    (["exercise", "6", "7"], "one at a time; '7' is too many"),
    (["open"], "which file? (`walkthrough accept --json > FILE` writes one)"),
    (["open", "/nonesuch"], "/nonesuch cannot be read: No such file or directory"),
    (["open", "/"], "/ cannot be read: Is a directory"),
    (["open", Program.path], "\(Program.path) cannot be read: it is no text"),
    (["compare"], "which trace? (a scenario, a scar, or a file)"),
    (["compare", "acept"], "or file 'acept'; did you mean 'accept'?"),
    (["compare", "C5"], "C5 is told in chapter 7 and not played here"),
    (
      ["compare", "A2", "accept"], "A2 is two traces already: `walkthrough compare A2`"
    ),
    (["scar", "C5"], "C5 is told in chapter 7 and not played here"),
    (
      ["break", "acept.done-first"],
      "no line to break 'acept.done-first'; did you mean 'accept.done-first'? (`walk"
    ),
    (
      ["break", "nonesuch"],
      "no line to break 'nonesuch' (`walkthrough break` lists them"
    ),
    (["break", "--check"], "check which one? name it, or say --all"),
    (
      ["break", "accept.done-first", "--all"],
      "'accept.done-first' or --all, one of the"
    ),
  ]) func `a mistake gets one line and code 2`(arguments: [String], complaint: String)
    throws
  {
    let outcome = try run(arguments)
    #expect(outcome.code == 2)
    #expect(outcome.output == "")
    #expect(outcome.error.contains(complaint))
    #expect(outcome.error.filter { $0 == "\n" }.count == 1)
  }

  @Test(arguments: ["--plain", "--json"])
  func `a course with something otherwise is written like any other`(how: String)
    throws
  {
    let fork = "What if: here the kernel answers EINTR instead of EAGAIN"
    let outcome = try run(["accept", "--what-if", "20=EINTR", how])
    #expect(outcome.code == 0)
    #expect(outcome.error == "")
    #expect(outcome.output.contains(fork))
    // And one that ends in an error is shown until there.
    let bad = try run(["recv", "--what-if", "recv(socket)#1=ECONNRESET", how])
    #expect(bad.code == 1)
    #expect(bad.output.contains("The scenario ends here: recv: ECONNRESET"))
    #expect(bad.error.contains("recv ends before its end: recv: ECONNRESET"))
  }

  @Test func `a port in use`() throws {
    let taken = socket(AF_INET, streamType, 0)
    defer { close(taken) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(taken, $0, length)
        _ = listen(taken, 1)
        _ = getsockname(taken, $0, &length)
      }
    }
    let port = UInt16(bigEndian: address.sin_port)
    let outcome = try run(["--live", "--port", "\(port)"])
    #expect(outcome.code == 2)
    #expect(outcome.error.contains("port \(port) cannot be used (EADDRINUSE); choose"))
  }

  @Test func `without a terminal there is text`() throws {
    let outcome = try run(["accept"])
    #expect(outcome.code == 0)
    #expect(outcome.output.hasPrefix("accept: "))
    #expect(outcome.output.contains("accept4(listener) → EAGAIN: nobody is waiting"))
    #expect(!outcome.output.contains("\u{1B}"))
    #expect(try run(["accept", "--plain"]).output == outcome.output)
  }

  @Test func `json is an object a line`() throws {
    let all = try run(["accept", "--json"]).output.split(separator: "\n")
    #expect(all.first == #"{"by":"walkthrough","name":"accept","trace":1}"#)
    let lines = all.dropFirst()
    let objects = lines.compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
    #expect(objects.count == lines.count)
    #expect(objects.compactMap { $0["step"] as? Int } == Array(1...lines.count))
    let accept = try #require(objects.first { $0["event"] as? String == "accept" })
    #expect(accept["answer"] as? String == "EAGAIN")
    #expect(accept["asyncio"] as? String == "BaseSelectorEventLoop._sock_accept")
    #expect(accept["cpython"] as? String == "selector_events.py:712")
    #expect((accept["fields"] as? [String: String]) == ["fd": "listener"])
  }

  @Test func `the list and the help name every scenario`() throws {
    for arguments in [["--list"], ["--help"]] {
      let output = try run(arguments).output
      for scenario in Scenario.all { #expect(output.contains(scenario.name)) }
      let live = output.split(separator: "With --live").last ?? ""
      for scenario in LiveScenario.all { #expect(live.contains(scenario.title)) }
    }
  }

  @Test func `the help names every command and every option, and fits`() throws {
    let output = try run(["help"]).output
    for word in [
      "[NAME]", "--list", "scars", "scar ID", "weave", "completion SHELL",
      "exercise [NUMBER]",
      "--help [COMMAND]", "--version", "break [LINE]", "--all", "open FILE",
      "compare A [B]", "--plain",
      "--json", "--live", "--port N",
      "--check",
    ] { #expect(output.contains("\(word) "), "\(word)") }
    let own = output.components(separatedBy: "Scenarios:")[0].split(separator: "\n")
    #expect(own.allSatisfy { displayWidth(String($0)) <= 80 })
    for arguments in [["--help"], ["-h"], ["HELP"]] {
      #expect(try run(arguments).output == output)
    }
  }

  @Test(arguments: [
    ("scar", "walkthrough scar ID: ", "--plain", "--check"),
    ("weave", "walkthrough weave: ", "--check", "--plain"),
    ("accept", "walkthrough [NAME]: ", "--port N", "--check"),
  ]) func `each command has its help`(
    _ name: String, _ title: String, _ own: String, _ foreign: String
  ) throws {
    let output = try run(["help", name]).output
    #expect(output.hasPrefix(title))
    #expect(output.contains(own) && !output.contains(foreign))
    #expect(try run([name, "--help"]).output == output)
    // Help is what one asks for where something is wrong.
    #expect(try run([name, "-h", "--json"]).output == output)
  }

  @Test func `the case of letters does not matter`() throws {
    #expect(try run(["ACCEPT"]).output.hasPrefix("accept: "))
    #expect(try run(["Scar", "a2", "--plain"]).output.hasPrefix("scar A2: "))
  }

  @Test func `it says which version it is`() throws {
    let outcome = try run(["--version"])
    #expect((outcome.code, outcome.error) == (0, ""))
    #expect(outcome.output.wholeMatch(of: /walkthrough \d+\.\d+, beside .+\n/) != nil)
  }

  @Test(arguments: [["--list", "--json"], ["--json", "scars"]])
  func `lists are JSON, too`(_ arguments: [String]) throws {
    let lines = try run(arguments).output.split(separator: "\n")
    let objects = try lines.map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
    if arguments.contains("scars") {
      #expect(objects.map { $0?["id"] as? String } == Scar.all.map(\.id))
      let played = objects.map { $0?["isPlayed"] as? Bool }
      #expect(played == Scar.all.map { $0.replay != nil })
    } else {
      let names = Scenario.all.map(\.name) + LiveScenario.onlyLive.map(\.name)
      #expect(objects.map { $0?["name"] as? String } == names)
      let live = objects.filter { $0?["isLive"] as? Bool == true }
      #expect(live.count == LiveScenario.all.count)
    }
  }

  #if os(Linux)  // elsewhere a pipe does not tell how much it holds
    @Test func `a pipe that does not block loses nothing`() throws {
      var ends: [Int32] = [0, 0]
      #expect(pipe(&ends) == 0)
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      let capacity = fcntl(ends[1], 1031, 4096)  // F_SETPIPE_SZ
      _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Program.path)
      process.arguments = ["timers", "--json"]
      process.standardOutput = FileHandle(
        fileDescriptor: ends[1], closeOnDealloc: false)
      try process.run()
      close(ends[1])
      // Nobody reads before there is no room for another line.
      var waiting: Int32 = 0
      while process.isRunning && waiting < capacity - 512 {
        _ = ioctl(ends[0], UInt(FIONREAD), &waiting)
        sched_yield()
      }
      let reader = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
      let output = String(decoding: reader.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      let whole = try run(["timers", "--json"]).output
      #expect(whole.utf8.count > 2 * Int(capacity))
      #expect(output == whole)
    }
  #endif

  @Test func `the list of scars has a line for each, and they fit`() throws {
    let lines = try run(["scars"]).output.split(separator: "\n")
    for scar in Scar.all {
      let own = lines.filter { $0.hasPrefix("\(scar.id) ") }
      #expect(own.count == 1)
      #expect(own.first?.contains(scar.symptom) == true)
      #expect(own.first?.hasSuffix("told") == (scar.replay == nil))
    }
    #expect(lines.allSatisfy { displayWidth(String($0)) <= 80 })
  }

  @Test func `a scar is a scenario`() throws {
    let plain = try run(["scar", "a2", "--plain"])
    #expect(plain.code == 0)
    #expect(plain.output.hasPrefix("scar A2: a client is connected, and hung up on"))
    let lines = try run(["scar", "A2", "--json"]).output.split(separator: "\n")
    let parts = lines.filter { $0.contains(#""kind":"part""#) }
    #expect(parts.count == 2)
  }

  @Test func `nobody reads on`() throws {
    // The reading end is closed before the first line: a broken pipe from the start.
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    close(ends[0])
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = ["accept", "--plain"]
    process.standardOutput = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    let error = Pipe()
    process.standardError = error
    try process.run()
    let complaint = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(complaint.isEmpty)
    let isQuiet =
      process.terminationReason == .uncaughtSignal
      ? process.terminationStatus == SIGPIPE : process.terminationStatus == 0
    #expect(isQuiet)
  }

  private func run(_ arguments: [String]) throws -> Program.Outcome {
    try Program.run(arguments)
  }
}
