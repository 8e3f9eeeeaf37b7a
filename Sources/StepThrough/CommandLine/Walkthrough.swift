import Foundation
import Sockets

/// The whole program: `swift run walkthrough …`.
///
/// - Parameter arguments: what the reader wrote, without the program's own name.
/// - Returns: the exit code: 0 if all is well, 1 if something failed, 2 if the
///   reader asked for something that does not exist, 130 after Ctrl-C.
public func walkthrough(arguments: [String]) -> Int32 {
  do {
    return try perform(Options(arguments))
  } catch let mistake as Options.Mistake {
    complain(mistake.description)
    return 2
  } catch {
    complain("\(error)")
    return 1
  }
}

private func perform(_ options: Options) throws -> Int32 {
  if options.scenario == "book" {
    let start = Date()
    let site = try Site(SourceTree(root: "/work/wt/book"))
    for (path, data) in site.files {
      let url = URL(fileURLWithPath: "/tmp/book/\(path)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: url)
    }
    for problem in site.problems { complain(problem) }
    write("\(site.files.count) files, \(site.files.values.map(\.count).reduce(0, +)) bytes, \(Date().timeIntervalSince(start)) s\n")
    return 0
  }
  if options.wantsHelp {
    write(helpText)
    return 0
  }
  if options.listsOnly {
    write(list())
    return 0
  }
  if options.listsScars {
    write(scarList())
    return 0
  }
  if options.isWeaving { return try weaveChapters(isCheck: options.isCheck) }
  if options.isLive { return try runLive(options) }

  let scenario = try options.scar.map(findScar) ?? options.scenario.map(find)
  if try isFullScreen(options) {
    let trace = try scenario?.trace() ?? Trace(scenario: "")
    let counterparts = Counterparts(trace, SourceTree())
    return try runFullScreen(
      Browser(trace, counterparts, scenarios: Scenario.choices))
  }
  if scenario == nil && options.form != .json { write(list() + "\n") }
  try writeOut(scenario ?? Scenario.all[0], options.form)
  return 0
}

/// Whether to take the whole screen.
private func isFullScreen(_ options: Options) throws(Options.Mistake) -> Bool {
  if options.form != .fullScreen || isatty(STDOUT_FILENO) == 0 || Terminal.isDumb {
    return false
  }
  if isatty(STDIN_FILENO) == 0 {
    throw .init(
      description: "the keys come from a terminal, and standard input is none;"
        + " add --plain for the steps as text")
  }
  return true
}

private func find(_ name: String) throws(Options.Mistake) -> Scenario {
  if let scenario = Scenario.named(name) { return scenario }
  if let scar = Scar.named(name) {
    throw .init(
      description: "there is no scenario '\(name)'; did you mean 'scar \(scar.id)'?")
  }
  throw .init(
    description: "there is no scenario '\(name)'"
      + suggestion(for: name, among: Scenario.all.map(\.name) + ["weave"])
      + " (--list shows them all)")
}

private func findScar(_ id: String) throws(Options.Mistake) -> Scenario {
  guard let scar = Scar.named(id) else {
    // The letter is the area: one of another area is not what was meant.
    let near = Scar.all.map(\.id).filter { $0.first == id.uppercased().first }
    throw .init(
      description: (id.isEmpty ? "which scar?" : "there is no scar '\(id)'")
        + suggestion(for: id.uppercased(), among: near)
        + " (`walkthrough scars` lists them all)")
  }
  guard let scenario = scar.scenario else {
    throw .init(
      description: "\(scar.id) is told in chapter \(scar.chapter) and not played here")
  }
  return scenario
}

/// Writes the trace, until it ends or nobody reads on.
private func writeOut(_ scenario: Scenario, _ form: Options.Form) throws {
  let trace = try scenario.trace()
  let tellings = trace.tellings
  if form == .json {
    let tree = SourceTree()
    let theirs = Counterparts(trace, tree)
    for telling in tellings where !write(jsonLine(telling, tree, theirs)) { return }
    return
  }
  var text = PlainText()
  if !write("\(scenario.name): \(scenario.title)\n\n\(PlainText.heading)") { return }
  for telling in tellings where !write(text.line(telling)) { return }
}

// MARK: Live

private func runLive(_ options: Options) throws -> Int32 {
  let names = LiveScenario.all.map(\.name)
  guard let first = LiveScenario.all.first else {
    throw Options.Mistake(description: "there is no live scenario")
  }
  let name = options.scenario ?? first.name
  guard let scenario = LiveScenario.named(name) else {
    throw Options.Mistake(
      description:
        "'\(name)' does not run live; these do: \(names.joined(separator: ", "))")
  }
  try checkPort(options.port)
  if try isFullScreen(options) {
    let browser = Browser(Trace(scenario: name + " (live)"), isLive: true)
    return try runFullScreen(browser, live: LiveLoop(scenario, port: options.port))
  }
  write("connect with `nc 127.0.0.1 \(options.port)` in another terminal\n\n")
  write(PlainText.heading)
  let recorder = Recorder()
  var text = PlainText()
  var teller = Teller()
  // If nobody reads on, nobody misses the loop.
  recorder.onStep = { if !write(text.line(teller.tell($0))) { exit(0) } }
  try scenario.run(recorder, options.port)
  return 0
}

/// Looks whether the port can be had, before the screen changes.
private func checkPort(_ port: UInt16) throws {
  do throws(SystemError) {
    let probe = try Socket()
    try probe.setsockopt(.reuseAddress, 1)
    // The address is one; only its port may be somebody else's.
    try probe.bind(try! SocketAddress("127.0.0.1", port: port))
    try probe.listen()
  } catch {
    throw Options.Mistake(
      description: "port \(port) cannot be used (\(error.name)); "
        + "choose another one: --port \(port < 1024 ? 9006 : port + 1)")
  }
}

// MARK: Texts

private func list() -> String {
  let width = Scenario.all.map(\.name.count).max() ?? 0
  return Scenario.all.map { scenario in
    "\(scenario.name.padded(to: width))  \(scenario.title)"
      + (scenario.isScripted ? " (scripted kernel)" : "") + "\n"
  }.joined()
}

private func scarList() -> String {
  let width = Scar.all.map(\.symptom.count).max() ?? 0
  let heading = "id   year  " + "what people saw".padded(to: width) + "  chapter\n"
  return heading
    + Scar.all.map { scar in
      "\(scar.id.padded(to: 3))  \(scar.year)  \(scar.symptom.padded(to: width))  "
        + padded("\(scar.chapter)", 2) + (scar.replay == nil ? "  told" : "") + "\n"
    }.joined()
    + "\n`walkthrough scar A2` steps through one; what is marked as told is not played.\n"
}

private var helpText: String {
  """
  walkthrough: a real event loop, step by step

    walkthrough              choose a scenario
    walkthrough NAME         step through this one
    walkthrough --list       the scenarios, a line each
    walkthrough --live       you are the client: the loop waits for your nc
      --port N               ... on this port instead of 9006
    walkthrough scars        bugs of asyncio and its relatives, a line each
    walkthrough scar A2      ... this one: the old code, then today's
    walkthrough weave        write excerpts, links and tables into the chapters
      --check                ... or only say which chapters would change

    --plain                  the steps as text, a line each
    --json                   the steps as JSON, an object a line

  On the screen, ? shows the keys. NO_COLOR=1 does without colours.

  Scenarios:

  \(list().split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))

  """
}
