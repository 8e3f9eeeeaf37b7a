import CLibrary
import Foundation

/// Who is measured: one of our floors, the raw loop that they stand on, or one of the
/// Pythons of this machine.
struct Peer {
  let name: String
  fileprivate let command: [String]

  private static let thisProgram =
    Bundle.main.executableURL?.path ?? CommandLine.arguments[0]
  private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  /// This program in another process.
  static func own(_ name: String, _ arguments: String...) -> Peer {
    Peer(name: name, command: [Self.thisProgram] + arguments)
  }

  /// A script beside this file.
  static func python(_ name: String, _ script: String, _ arguments: String...) -> Peer {
    let path = here.appending(path: "asyncio/\(script)").path
    return Peer(name: name, command: ["/usr/bin/env", "python3", path] + arguments)
  }

  /// What there is beside us: `python`, if it is one that has what we compare, and
  /// `uvloop` if that Python finds it.
  static let versions: [String: String] = {
    let script = """
      import sys, platform
      assert sys.version_info >= (3, 9)
      print('python', platform.python_version())
      import uvloop
      print('uvloop', uvloop.__version__)
      """
    let probe = Peer(
      name: "", command: ["/usr/bin/env", "python3", "-c", script])
    let lines = (try? probe.output()) ?? ""
    return lines.split(separator: "\n").reduce(into: [:]) { found, line in
      let words = line.split(separator: " ")
      if words.count == 2 { found[String(words[0])] = String(words[1]) }
    }
  }()

  /// Runs it; what it is printing comes out of the pipe.
  fileprivate func start(_ more: [String] = []) throws -> (Process, Pipe) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = command.dropFirst() + more
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    return (process, pipe)
  }

  /// Runs it to its end; everything that it prints.
  func output(_ more: String...) throws -> String {
    let (process, pipe) = try start(more)
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  /// Starts it as a server.
  func serve() throws -> RunningServer {
    let (process, pipe) = try start()
    return try RunningServer(name, process, pipe)
  }
}

/// A server in a process of its own. It has said on which port it listens.
final class RunningServer {
  let name: String
  let port: UInt16
  private let process: Process

  init(_ name: String, _ process: Process, _ pipe: Pipe) throws {
    self.name = name
    self.process = process
    var line: [UInt8] = []
    while let byte = try pipe.fileHandleForReading.read(upToCount: 1)?.first, byte != 10
    {
      line.append(byte)
    }
    guard let port = UInt16(String(decoding: line, as: UTF8.self)) else {
      process.terminate()
      throw Failure("the server '\(name)' does not start")
    }
    self.port = port
    stay(onProcessor: 0, process.processIdentifier)
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  #if os(Linux)
    private lazy var clock: clockid_t = {
      var clock = clockid_t()
      clock_getcpuclockid(process.processIdentifier, &clock)
      return clock
    }()
    /// The processor time that it has used, in seconds.
    var processorTime: Double { now(clock) }

    /// The memory that it has touched, in bytes.
    var memory: Double {
      let file = "/proc/\(process.processIdentifier)/statm"
      let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
      let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) }
      return (pages ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
  #else
    // A Mac lets nobody look into another process, but for `ps`.
    private func ask(_ column: String) -> [Double] {
      let pid = "\(process.processIdentifier)"
      let ps = Peer(name: "", command: ["/bin/ps", "-o", column + "=", "-p", pid])
      let text = (try? ps.output()) ?? ""
      return text.split { !"0123456789.".contains($0) }.compactMap { Double($0) }
    }
    /// The processor time that it has used, in seconds: `ps` says `1:02.34`.
    var processorTime: Double { ask("cputime").reduce(0) { $0 * 60 + $1 } }
    /// The memory that it has touched, in bytes.
    var memory: Double { (ask("rss").first ?? 0) * 1024 }
  #endif
}

/// Keeps a process on one processor, if there are two or more: a server and its clients
/// that are moved about, or share one, measure the scheduler. (On a Mac they are: it has
/// no such call.)
func stay(onProcessor number: Int, _ process: pid_t) {
  #if os(Linux)
    if sysconf(Int32(_SC_NPROCESSORS_ONLN)) < 2 { return }
    var set = 1 << number
    sched_setaffinity(process, MemoryLayout<Int>.size, &set)
  #endif
}
