import CLibrary
import EventLoops
import Foundation
import Recording
import Telling
import TestSupport
import Testing

/// `walkthrough python`: the reader's own program under the reader's own Python.
@Suite(.enabled(if: hasPython)) struct PythonTests {
  /// The python3 of the PATH, and those that pyenv keeps: the folders that they are in.
  static let folders: [String] = {
    let versions =
      FileManager.default.homeDirectoryForCurrentUser.path
      + "/.pyenv/versions"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: versions)) ?? []
    return [""]
      + names.filter { $0.wholeMatch(of: /3\.(9|[1-9]\d)\.\d+/) != nil }
      .sorted().map { "\(versions)/\($0)/bin" }
  }()

  @Test(arguments: folders, pythonPrograms.map(\.name))
  func `a program does the same, and each step is read back`(
    folder: String, name: String
  ) throws {
    let program = pythonPrograms.first { $0.name == name }!
    let outcome = try run(program.text, python: folder)
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(!outcome.error.contains("Traceback"), "\(outcome.error)")
    let trace = try TraceReader.read(outcome.output)
    let printed = trace.steps.compactMap { step in
      if case .printed("program", let line) = step.event { line } else { nil }
    }
    #expect(printed == program.prints)
    #expect(trace.steps.contains { $0.file == "program.py" })
    #expect(trace.steps.contains { $0.file.hasPrefix("asyncio/") })
    // Nothing is left that the program has not left.
    let end = trace.state(after: trace.steps.count)
    #expect(end.ready.isEmpty)
    #expect(end.registrations.isEmpty)
  }

  @Test func `what another thread does comes from outside`() throws {
    let program = pythonPrograms.first { $0.name == "threads" }!
    let output = try run(program.text, options: "--plain").output
    #expect(output.contains("From outside: another thread calls call_soon_threadsafe"))
    #expect(output.contains("Another thread makes a loop of its own"))
  }

  @Test func `timers count from the beginning of the recording, also for ever`() throws
  {
    let text = """
      import asyncio

      async def main():
          loop = asyncio.get_running_loop()
          never = loop.call_later(float("inf"), print)
          loop.call_later(float("-inf"), print)
          await asyncio.sleep(0.01)
          never.cancel()

      asyncio.run(main())
      """
    let trace = try TraceReader.read(try run(text).output)
    let times = trace.steps.compactMap { step in
      if case .loop(.timerScheduled(_, let when, _)) = step.event { when } else { nil }
    }
    // (The machine has been up for longer than a minute.)
    #expect(times.map { (0...60).contains($0) } == [false, false, true])
    #expect(times.first == .greatestFiniteMagnitude)
  }

  @Test func `a second loop begins with nothing of the first one's`() throws {
    let text = """
      import asyncio

      for _ in range(2):
          loop = asyncio.new_event_loop()
          loop.run_until_complete(asyncio.sleep(0))
          loop.call_soon(print, "never")
          loop.call_later(9, print)
          loop.close()
      """
    let trace = try TraceReader.read(try run(text).output)
    let next = try #require(
      trace.steps.firstIndex { $0.event == .part("the next loop") })
    #expect(trace.state(after: next).ready.count == 1)
    #expect(trace.state(after: next + 1).ready.isEmpty)
    #expect(trace.state(after: trace.steps.count).timers.count == 1)
  }

  @Test func `an error is the last step, and passed on`() throws {
    let text = """
      import asyncio

      async def main():
          await asyncio.sleep(0)
          raise ValueError("bad")

      asyncio.run(main())
      """
    let outcome = try run(text, options: "--plain")
    #expect(outcome.code == 1)
    #expect(outcome.error.hasSuffix("ValueError: bad\n"))
    #expect(!outcome.error.contains("recorder"))
    let last = outcome.output.split(separator: "\n").last ?? ""
    #expect(last.contains("program.py:5"))
    #expect(last.hasSuffix("The program ends with ValueError: bad"))
  }

  @Test func `it finds everything as under python3`() throws {
    let text = """
      import os, sys
      print(sys.argv[1:], __name__, __file__ == os.path.abspath(sys.argv[0]))
      print(sys.path[0] == os.path.dirname(os.path.realpath(__file__)), input())
      sys.exit(7)
      """
    let outcome = try run(
      text, options: "--plain", arguments: ["--plain", "x y"], input: "typed\n")
    #expect(outcome.code == 7)
    #expect(outcome.output.contains("['--plain', 'x y'] __main__ True"))
    #expect(outcome.output.contains("True typed"))
  }

  @Test(arguments: [
    ("import uvloop", "uvloop is a loop in C"),
    (
      "import asyncio; asyncio.run(asyncio.create_subprocess_exec('true'))",
      "subprocesses are not recorded"
    ),
  ]) func `what cannot be recorded is refused`(text: String, why: String) throws {
    let outcome = try run(text)
    #expect(outcome.code == 2)
    #expect(outcome.output == "")
    #expect(outcome.error.hasPrefix("walkthrough: \(why)"))
    #expect(outcome.error.filter { $0 == "\n" }.count == 1)
  }

  @Test func `a program without end ends at the limit, and one hears of it`() throws {
    let text = """
      import asyncio

      async def main():
          while True:
              await asyncio.sleep(0)

      asyncio.run(main())
      """
    let outcome = try run(text, options: "--steps", "50", "--json")
    #expect(outcome.code == 0)
    #expect(outcome.error.contains("only the first 50 steps"))
    let trace = try TraceReader.read(outcome.output)
    #expect(trace.steps.count == 50)
    #expect(trace.tellings.last?.sentence.hasPrefix("The recording ends here") == true)
  }

  @Test func `after Ctrl-C one sees what there is`() throws {
    let text = """
      import asyncio, os, signal

      async def main():
          loop = asyncio.get_running_loop()
          loop.call_soon(os.kill, os.getpid(), signal.SIGINT)
          await loop.create_future()

      asyncio.run(main())
      """
    let outcome = try run(text)
    #expect(outcome.code == 130)
    let last = try TraceReader.read(outcome.output).tellings.last
    #expect(last?.sentence == "Ctrl-C ends the program")
  }

  @Test func `no Python, no program`() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let script = try folder.write("program.py", "")
    func under(_ path: String) throws -> Program.Outcome {
      try Program.run(
        ["PATH=\(path)", Program.path, "python", "--plain", script],
        path: "/usr/bin/env")
    }
    let none = try under(folder.path)
    #expect(none.code == 2)
    #expect(none.error.contains("put Python 3.9 or newer on the PATH"))
    let missing = try Program.run(["python", "--plain", folder.path + "/nothing.py"])
    #expect(missing.code == 2)
    #expect(missing.error.contains("nothing.py' that can be read"))
    #expect(try Program.run(["python"]).error.contains("which program?"))
  }

  @Test func `the document's server and client`() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let root = try #require(SourceTree.findRoot())
    func document(_ name: String) throws -> String {
      let file = "\(root)/chapters/02-the-program/\(name)"
      return try String(contentsOfFile: file, encoding: .utf8)
        .replacing("9006", with: "\(freePort)")
    }
    let client = try folder.write("client.py", try document("client.py"))
    // The server never ends, so the end of the client is its Ctrl-C. It starts the
    // client as soon as it listens.
    let start = """
      server.setblocking(False)
          import os, signal, subprocess
          client = subprocess.Popen(
              ["\(Program.path)", "python", "--json", "\(client)"],
              stdin=subprocess.PIPE, stdout=open("\(folder.path)/trace", "w"))
          client.stdin.write(b"hi\\nquit\\n")
          client.stdin.close()
      """
    let end = "client.close(); import os; os.kill(os.getpid(), 2)"
    let server = try document("server.py")
      .replacing("client.close()", with: end)
      .replacing("server.setblocking(False)", with: start)
      .replacing(
        "asyncio.run(run_server())",
        with: """
          try:
              asyncio.run(run_server())
          except KeyboardInterrupt:
              pass
          """)
    let outcome = try run(server)
    #expect(outcome.code == 0, "\(outcome.error)")
    let served = try TraceReader.read(outcome.output).tellings.map(\.sentence)
    #expect(served.contains { $0.hasPrefix("accept4(socket 1) → connection 1") })
    #expect(served.contains { $0.contains("): quit") })
  }
}

private let freePort: UInt16 = {
  let probe = socket(AF_INET, streamType, 0)
  defer { close(probe) }
  var address = sockaddr_in()
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  address.sin_family = sa_family_t(AF_INET)
  withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = bind(probe, $0, length)
      getsockname(probe, $0, &length)
    }
  }
  return address.sin_port.bigEndian
}()

/// A folder for the time of a test.
private struct Folder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "python-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true)
  }

  func write(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    return "\(path)/\(name)"
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// `walkthrough python OPTIONS program.py ARGUMENTS`
private func run(
  _ text: String, python folder: String = "", options: String...,
  arguments: [String] = [], input: String = ""
) throws -> Program.Outcome {
  let home = try Folder()
  defer { home.remove() }
  let script = try home.write("program.py", text)
  let typed = try home.write("input", input)
  let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
  let options = options.isEmpty ? ["--json"] : options
  let shell = "input=$1; shift; exec \"$@\" <\"$input\""
  let command = [Program.path, "python"] + options + [script] + arguments
  return try Program.run(
    [
      "PATH=\(folder.isEmpty ? "" : folder + ":")\(path)", "sh", "-c", shell, "sh",
      typed,
    ] + limited(Int(patience), command), path: "/usr/bin/env")
}
