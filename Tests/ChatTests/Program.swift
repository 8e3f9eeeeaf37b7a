import CLibrary
import Foundation
import Sockets
import TestSupport
import Testing

/// A program in a process of its own, and the three pipes that lead to it.
///
/// Everything here waits, with a deadline: use it in a thread of its own.
final class Program {
  enum Output { case standard, error }
  private(set) var pid: pid_t = 0
  private let input: Int32
  private let outputs: [Output: Int32]
  private var unread: [Output: [UInt8]] = [.standard: [], .error: []]
  private var exitCode: Int32?

  /// The built program of that name, which lies beside the tests.
  convenience init(
    _ name: String, _ arguments: [String] = [], withoutReader: Bool = false
  ) throws {
    try self.init(path: builtProgram(name), arguments, withoutReader: withoutReader)
  }

  /// A Python program that is given as text.
  convenience init(python source: String, _ arguments: String...) throws {
    try self.init(path: "python3", ["-u", "-c", source] + arguments)
  }

  private static func pair() throws -> (Int32, Int32) {
    #if os(Linux)
      var ends: [Int32] = [-1, -1]
      let type = streamType | Int32(SOCK_CLOEXEC.rawValue)
      try #require(socketpair(AF_UNIX, type, 0, &ends) == 0)
      return (ends[0], ends[1])
    #else
      try PosixKernel().socketPair(isBlocking: true)
    #endif
  }

  /// - Parameter withoutReader: nobody reads the standard output.
  init(path: String, _ arguments: [String], withoutReader: Bool = false) throws {
    var pipes: [(read: Int32, write: Int32)] = []
    for _ in 0..<3 {
      // A socket pair, because it can be closed-on-exec from birth (on Linux): no
      // other program, started at the same moment, keeps an end of it open.
      let ends = try Self.pair()
      CLibrary.shutdown(ends.0, Int32(SHUT_WR))
      CLibrary.shutdown(ends.1, Int32(SHUT_RD))
      pipes.append(ends)
    }
    input = pipes[0].write
    outputs = [.standard: pipes[1].read, .error: pipes[2].read]
    if withoutReader { CLibrary.shutdown(pipes[1].read, Int32(SHUT_RD)) }

    var actions = newFileActions()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, end) in [pipes[0].read, pipes[1].write, pipes[2].write].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, end, Int32(number))
    }
    // The tests may run in the background, where a shell lets SIGINT be ignored;
    // the program must see it as it would on a terminal.
    var attributes = newSpawnAttributes()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    let code = posix_spawnp(&pid, path, &actions, &attributes, &words, environ)
    for end in [pipes[0].read, pipes[1].write, pipes[2].write] { CLibrary.close(end) }
    try #require(code == 0, "\(path): \(String(cString: strerror(code)))")
  }

  deinit {
    if exitCode == nil {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
    closeInput()
    for end in outputs.values { CLibrary.close(end) }
  }

  private var inputIsOpen = true

  /// The end of the program's standard input.
  func closeInput() {
    if inputIsOpen { CLibrary.close(input) }
    inputIsOpen = false
  }

  /// What is typed.
  func type(_ line: String) throws {
    let bytes = Array((line + "\n").utf8)
    let flags = noSignal
    try #require(CLibrary.send(input, bytes, bytes.count, flags) == bytes.count)
  }

  func send(_ signal: Int32) { kill(pid, signal) }

  /// The next line; `nil` at the end of the output.
  func line(_ output: Output = .standard) throws -> String? {
    while true {
      if let end = unread[output]!.firstIndex(of: 10) {
        let line = unread[output]![..<end]
        unread[output]!.removeSubrange(...end)
        return String(decoding: line, as: UTF8.self)
      }
      if try !readMore(output) { return nil }
    }
  }

  /// Everything up to the end.
  func rest(_ output: Output) throws -> String {
    while try readMore(output) {}
    defer { unread[output] = [] }
    return String(decoding: unread[output]!, as: UTF8.self)
  }

  private func readMore(_ output: Output) throws -> Bool {
    let fd = outputs[output]!
    var wait = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
    if poll(&wait, 1, Int32(patience * 1000)) != 1 {
      send(SIGKILL)
      throw Silence(description: "process \(pid) said nothing for \(patience) seconds")
    }
    var room = [UInt8](repeating: 0, count: 65_536)
    let count = read(fd, &room, room.count)
    unread[output]! += room[..<max(0, count)]
    return count > 0
  }

  struct Silence: Error, CustomStringConvertible { let description: String }

  /// Waits for the end. 128 and the signal, if one ended it, as a shell says it.
  func wait() throws -> Int32 {
    // The end of its output is an event that has a deadline; waitpid has none.
    unread[.error]! = Array(try rest(.error).utf8)
    var status: Int32 = 0
    if exitCode == nil { waitpid(pid, &status, 0) }
    let signal = status & 0x7f
    exitCode = exitCode ?? (signal == 0 ? status >> 8 & 0xff : 128 + signal)
    return exitCode!
  }
}

/// A chat server that listens, and on which port.
///
/// - Parameters:
///   - isQuiet: what it says about its clients is thrown away.
///   - descriptors: how many it may have at the most.
func startServer(
  withoutReader: Bool = false, isQuiet: Bool = false, descriptors: Int = 200
) throws -> (Program, String) {
  // The shell sets the limit and becomes the server.
  let command = "exec '\(builtProgram("chat-server"))' --port 0"
  let server = try Program(
    path: "sh",
    ["-c", "ulimit -n \(descriptors); \(command)\(isQuiet ? " > /dev/null" : "")"],
    withoutReader: withoutReader)
  let line = try #require(try server.line(.error))
  let port = try #require(line.firstMatch(of: /127\.0\.0\.1:(\d+), Ctrl-C ends it$/))
  #expect(line.hasPrefix("listening on 127.0.0.1:"))
  return (server, String(port.1))
}

/// Whether there is a Python that has the `sock_*` methods as the walkthrough does.
let hasPython: Bool = {
  let test = "import sys; sys.exit(sys.version_info < (3, 9))"
  return (try? Program(python: test).wait()) == 0
}()
