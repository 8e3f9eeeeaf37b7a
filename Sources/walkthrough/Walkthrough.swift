import Comparison
import Foundation
import Recording
import Scars
import Scenarios
import Screen
import Sockets
import Telling
import Terminal

/// The whole program: `swift run walkthrough …`.
///
/// - Parameter arguments: what the reader wrote, without the program's own name.
/// - Returns: the exit code: 0 if all is well, 1 if something failed, 2 if the
///   reader asked for something that does not exist, 130 after Ctrl-C.
func walkthrough(arguments: [String]) -> Int32 {
  do {
    let request = try Request(arguments)
    return try request.command.perform(request)
  } catch let mistake as Request.Mistake {
    complain(mistake.description)
    return 2
  } catch {
    complain("\(error)")
    return 1
  }
}

/// `walkthrough [NAME]`
func show(_ request: Request) throws -> Int32 {
  if request.has(.live) { return try runLive(request) }
  let name = request.arguments.first
  let scenario = name.flatMap(Scenario.named)
  if let name, scenario == nil {
    throw Request.Mistake("'\(name)' only runs live; add --live")
  }
  if request.has(.whatIf) { return try showWhatIf(scenario, request) }
  if request.has(.predict) && scenario == nil {
    throw Request.Mistake("--predict what? name a scenario")
  }
  return try show(scenario, request)
}

/// `walkthrough scar ID`
func showScar(_ request: Request) throws -> Int32 {
  let scar = Scar.named(request.arguments[0])!
  guard let scenario = scar.scenario else {
    throw Request.Mistake(
      "\(scar.id) is told in chapter \(scar.chapter) and not played here")
  }
  return try show(scenario, request)
}

/// Steps through a scenario, or writes its steps. Without one the reader chooses.
private func show(_ scenario: Scenario?, _ request: Request) throws -> Int32 {
  let isFullScreen = try isFullScreen(request)
  let played = scenario ?? Scenario.named(Scenario.suggested)!
  let isChoice = isFullScreen && scenario == nil
  let (trace, failure) = isChoice ? (Trace(scenario: ""), nil) : played.play()
  let start = request.step ?? 1
  if start > max(1, trace.steps.count) {
    throw Request.Mistake(
      "\(trace.scenario) has the steps 1 to \(trace.steps.count), not \(start)")
  }
  if isFullScreen {
    let tree = SourceTree()
    // A scar is a play in parts, and the same story each time.
    if let scenario, Scenario.named(scenario.name) != nil {
      var browser = Browser(scenario.course(), tree, scenarios: Scenario.choices)
      if start > 1 { browser.land(on: start) }
      if request.has(.predict) { browser.startPredicting(tree) }
      return try runFullScreen(browser)
    }
    var browser = Browser(
      trace, Counterparts(trace, tree), lack: tree.lackOfRecordings,
      scenarios: Scenario.choices, start: start)
    browser.hint = failure.map { "this ends before its end: \($0)" }
    if request.has(.predict) { browser.startPredicting(tree) }
    return try runFullScreen(browser)
  }
  let isJSON = request.has(.json)
  if request.has(.predict) {
    return try writeQuestions(
      trace, title: "\(played.name): \(played.title)", asJSON: isJSON, from: start)
  }
  if scenario == nil && !isJSON { write(scenarioList + "\n") }
  return writeOut(
    TraceFile(trace), title: "\(played.name): \(played.title)", failure,
    asJSON: isJSON, from: start)
}

/// Whether to take the whole screen.
func isFullScreen(_ request: Request) throws(Request.Mistake) -> Bool {
  if request.has(.plain) || request.has(.json) || isatty(STDOUT_FILENO) == 0
    || Terminal.isDumb
  {
    return false
  }
  if isatty(STDIN_FILENO) == 0 {
    throw .init(
      "the keys come from a terminal, and standard input is none;"
        + " add --plain for the steps as text")
  }
  return true
}

// MARK: Live

private func runLive(_ request: Request) throws -> Int32 {
  if request.step != nil {
    throw Request.Mistake("a live loop begins at its beginning; leave the step out")
  }
  let names = LiveScenario.all.map(\.name)
  let name = request.arguments.first ?? names[0]
  guard let scenario = LiveScenario.named(name) else {
    throw Request.Mistake(
      "'\(name)' does not run live; these do: \(names.joined(separator: ", "))")
  }
  let port = try port(request.values(of: .port).first ?? "9006")
  try checkPort(port)
  if try isFullScreen(request) {
    var browser = Browser(Trace(scenario: name + " (live)"), isLive: true)
    browser.title = scenario.title
    return try runFullScreen(browser, live: LiveLoop(scenario, port: port))
  }
  write("connect with `nc 127.0.0.1 \(port)` in another terminal\n\n")
  write(PlainText.heading)
  let recorder = Recorder()
  var text = PlainText()
  var teller = Teller()
  // If nobody reads on, nobody misses the loop.
  recorder.onStep = { if !write(text.line(teller.tell($0))) { exit(0) } }
  try recorder.play { try scenario.run($0, port) }
  return 0
}

func port(_ text: String) throws(Request.Mistake) -> UInt16 {
  guard let port = UInt16(text), port > 0 else {
    throw .init("--port wants a number from 1 to 65535, not '\(text)'")
  }
  return port
}

/// Looks whether the port can be had, before the screen changes.
///
/// - Parameter another: what is offered instead of one that only the system may use.
func checkPort(_ port: UInt16, another: UInt16 = 9006) throws {
  do throws(SystemError) {
    let probe = try Socket()
    try probe.setsockopt(.reuseAddress, 1)
    // The address is one; only its port may be somebody else's.
    try probe.bind(try! SocketAddress("127.0.0.1", port: port))
    try probe.listen()
  } catch {
    throw taken(port, error, another: another)
  }
}

func taken(
  _ port: UInt16, _ error: SystemError, another: UInt16
) -> Request.Mistake {
  .init(
    "port \(port) cannot be used (\(error.name)); choose another one: "
      + "--port \(port < 1024 || port == .max ? another : port + 1)")
}
