import CLibrary
import Foundation
import Recording
import Screen
import Telling
import Terminal

/// `walkthrough python PROGRAM`: runs it under the reader's own Python, beside the
/// recorder that stands in the tests, and shows the trace.
///
/// - Returns: the program's exit code.
func showPython(_ request: Request) throws -> Int32 {
  let program = request.arguments[0]
  var tree = SourceTree()
  let folder = tree.root.map { $0 + "/Tests/AsyncioTests/CPython" }
  guard let recorder = folder.map({ $0 + "/own.py" }),
    FileManager.default.isReadableFile(atPath: recorder)
  else {
    throw Request.Mistake(
      "the recorder for Python is not here: it stands in Tests/AsyncioTests/CPython "
        + "of the package that this program was built from")
  }
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: program, isDirectory: &isFolder),
    !isFolder.boolValue, FileManager.default.isReadableFile(atPath: program)
  else { throw Request.Mistake("there is no program '\(program)' that can be read") }
  let limit = request.values(of: .steps).first ?? "10000"
  guard let steps = Int(limit), steps > 0 else {
    throw Request.Mistake("--steps wants a number from 1 on, not '\(limit)'")
  }
  let isFull = try isFullScreen(request)

  let file = FileManager.default.temporaryDirectory.appending(
    path: "walkthrough-\(UUID().uuidString).jsonl")
  defer { try? FileManager.default.removeItem(at: file) }
  let arguments = ["python3", recorder, file.path, "\(steps)"] + request.arguments
  // On the screen comes first what the program prints, then its trace. In a pipe the
  // trace is alone.
  let code = try run(arguments, output: isFull ? STDOUT_FILENO : STDERR_FILENO)
  guard let text = try? String(contentsOf: file, encoding: .utf8), !text.isEmpty else {
    return code  // it could not be recorded, and the recorder has said why
  }
  let recorded = try TraceFile(text: text)
  let trace = recorded.trace
  tree.add(recorded)
  if isFull {
    let browser = Browser(trace, lack: "this is CPython itself, \(trace.by)")
    let shown = try runFullScreen(browser, tree: tree)
    return shown == 0 ? code : shown
  }
  if request.has(.json) {
    write(jsonHead(trace, sources: recorded.sources))
    for telling in trace.tellings where !write(jsonLine(telling, tree)) { return code }
    return code
  }
  var lines = PlainText()
  if !write("\(trace.scenario), under \(trace.by)\n\n" + PlainText.heading) {
    return code
  }
  for telling in trace.tellings where !write(lines.line(telling)) { return code }
  return code
}

/// The process whose end is awaited; nobody before and after that.
private nonisolated(unsafe) var child: pid_t = 0

/// Runs a program from the PATH to its end, in our place at the terminal.
///
/// - Parameters:
///   - arguments: its name, and what stands behind it.
///   - output: what is its standard output.
/// - Returns: its exit code, see `exitCode`.
private func run(_ arguments: [String], output: Int32) throws -> Int32 {
  // Ctrl-C is for the program, and for us it is the moment to show what there is. A
  // handler that does nothing, unlike SIG_IGN, is not inherited.
  signal(SIGINT) { _ in }
  signal(SIGTERM) { if child > 0 { kill(child, $0) } }
  unblockStops()
  defer {
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
  }
  var actions = newFileActions()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
  var words = arguments.map { strdup($0) } + [nil]
  defer { words.forEach { free($0) } }
  let error = posix_spawnp(&child, arguments[0], &actions, nil, &words, environ)
  if error != 0 {
    child = 0
    throw Request.Mistake(
      "python3 does not start (\(String(cString: strerror(error)))): "
        + "put Python 3.9 or newer on the PATH")
  }
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0 && errno == EINTR {}
  child = 0
  return exitCode(status)
}
