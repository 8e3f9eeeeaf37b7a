import Experiments
import Scars
import Scenarios
import Terminal

/// Everything that one can type behind `walkthrough`.
extension Command {
  static let all: [Command] = [
    Command(
      name: "", arguments: [.scenario],
      options: [.plain, .json, .predict, .whatIf, .live, .port],
      help: "step through a scenario; without one, choose", perform: show),
    Command(
      name: "list", spelling: "--list", options: [.plain, .json],
      help: "the scenarios, a line each"
    ) { request in
      write(request.has(.json) ? jsonLines(scenarioObjects) : scenarioList)
      return 0
    },
    Command(
      name: "scars", options: [.plain, .json],
      help: "bugs of asyncio and its relatives, a line each"
    ) { request in
      write(request.has(.json) ? jsonLines(scarObjects) : scarList)
      return 0
    },
    Command(
      name: "scar", arguments: [.scar], options: [.plain, .json, .predict],
      help: "step through one: the old code, then today's", perform: showScar),
    Command(
      name: "book", options: [.to, .port],
      help: "the book for a browser, served at 127.0.0.1", perform: makeBook),
    Command(
      name: "open", arguments: [.file], options: [.plain, .json],
      help: "step through a trace from a file", perform: openTrace),
    Command(
      name: "compare", arguments: [.one, .other], options: [.plain],
      help: "two traces side by side, and where they part",
      perform: compareTraces),
    Command(
      name: "exercise", arguments: [.exercise],
      help: "a package with a hole in it, for you to mend",
      perform: makeExercise),
    Command(
      name: "python", arguments: [.program, .programArguments],
      options: [.plain, .json, .steps],
      help: "step through your own asyncio program", perform: showPython),
    Command(
      name: "weave", options: [.check],
      help: "weave excerpts, tables and pictures"
    ) { weaveChapters(isCheck: $0.has(.check)) },
    Command(
      name: "break", arguments: [.experiment], options: [.everything, .check],
      help: "take a line out, and see what happens", perform: breakLines),
    Command(
      name: "completion", arguments: [.shell],
      help: "a script for your shell, for the Tab key"
    ) { request in
      write(Shell(rawValue: request.arguments[0])!.script)
      return 0
    },
    // What that script asks at each Tab.
    Command(name: "complete", arguments: [.typed], help: nil) { request in
      write(completions(of: request.arguments).map { $0 + "\n" }.joined())
      return 0
    },
    help,
    Command(name: "version", spelling: "--version", help: "which version this is") {
      _ in
      write("walkthrough 1.0, beside asyncio of CPython 3.13.0\n")
      return 0
    },
  ]

  /// Also `--help` behind any other.
  static let help = Command(
    name: "help", spelling: "--help", arguments: [.command],
    help: "all of this, or more about one command"
  ) { request in
    let command = request.arguments.first.map { Command.named($0) ?? .usual }
    write(command.map(helpText) ?? helpText())
    return 0
  }
}

extension Argument {
  static let scenario = Argument(
    name: "NAME", noun: "scenario", isOptional: true,
    values: { Scenario.all.map(\.name) + LiveScenario.onlyLive.map(\.name) },
    takesStep: true, hint: "(--list shows them all)")
  static let scar = Argument(
    name: "ID", noun: "scar", values: { Scar.all.map(\.id) },
    find: { Scar.named($0)?.id }, takesStep: true,
    hint: "(`walkthrough scars` lists them all)")
  static let file = Argument(
    name: "FILE", noun: "file",
    hint: "(`walkthrough accept --json > FILE` writes one)")
  static let one = Argument(
    name: "A", noun: "trace",
    values: { Scenario.all.map(\.name) + Scar.all.map(\.id) }, find: { $0 },
    hint: "(a scenario, a scar, or a file)")
  static let other = Argument(
    name: "B", noun: "trace", isOptional: true, values: { Scenario.all.map(\.name) },
    find: { $0 }, hint: "(without it: CPython's, or a scar's today's shape)")
  static let exercise = Argument(
    name: "NUMBER", noun: "exercise", isOptional: true,
    values: { Exercise.all.map(\.number) }, hint: "(`walkthrough exercise` lists them)")
  static let experiment = Argument(
    name: "LINE", noun: "line to break", isOptional: true,
    values: { Experiment.all.map(\.name) }, hint: "(`walkthrough break` lists them all)"
  )
  static let shell = Argument(
    name: "SHELL", noun: "shell", values: { Shell.allCases.map(\.rawValue) },
    hint: "(there are " + Shell.allCases.map(\.rawValue).joined(separator: ", ") + ")")
  static let command = Argument(
    name: "COMMAND", noun: "command", isOptional: true,
    // Also of a scenario: that is what needs no word.
    values: { Command.visible.map(\.name) + Scenario.all.map(\.name) },
    hint: "(`walkthrough help` shows them all)")
  static let program = Argument(
    name: "PROGRAM", noun: "program",
    hint: "(what stands behind its name is the program's)")
  static let programArguments = Argument(
    name: "…", noun: "word for the program", isOptional: true, isRest: true)
  static let typed = Argument(name: "WORD", noun: "word", isRest: true)
}

extension Option {
  static let plain = Option(
    name: "--plain", help: "the steps as text, a line each", excludes: ["--json"])
  static let json = Option(
    name: "--json", help: "the same as JSON, an object a line")
  static let whatIf = Option(
    name: "--what-if", value: "PLACE=ANSWER", isRepeatable: true,
    help: "something otherwise: 20=EINTR, Task-1=cancel",
    excludes: ["--live"])
  static let predict = Option(
    name: "--predict", help: "you are asked: what is the next step?",
    excludes: ["--live", "--what-if"])
  static let live = Option(
    name: "--live", help: "you are the client: keys connect and write",
    excludes: ["--json"])
  static let port = Option(
    name: "--port", value: "N",
    help: "... on this port; else 9006, and the book 9007",
    needs: "--live")
  static let to = Option(
    name: "--to", value: "DIR", help: "... or written as files into this folder",
    excludes: ["--port"])
  static let steps = Option(
    name: "--steps", value: "N", help: "... so many steps of it, and not 10000")
  static let everything = Option(
    name: "--all", help: "... all of them, one after the other")
  static let check = Option(
    name: "--check", help: "change no chapter; fail where one is wrong")
  static let help = Option(name: "--help", help: "more about a command")
}
