/// What plays a scenario in a copy of the package: a program that is only there.
enum Tracer {
  static let name = "tracer"
  static let path = "Sources/tracer/main.swift"

  /// As the manifest writes it.
  static let target = """
    .executableTarget(
      name: "tracer", dependencies: ["Scars", "Scenarios", "Telling", "Recording"],
      swiftSettings: settings)
    """

  // A course without end is ended by the number of its steps. And where two runs in a row
  // do not agree, it was the network's mood: see `Scenario.usualTrace`.
  static let text = #"""
    import Recording
    import Scars
    import Scenarios
    import Telling

    let name = CommandLine.arguments[1]
    let scenario = Scenario.named(name) ?? Scar.named(String(name.dropFirst(5)))!.scenario!
    func play() -> Trace { scenario.course(limit: 2000).trace }
    func shape(_ trace: Trace) -> [String] {
      trace.tellings.map { $0.sentence.replacing(/', \d+\)/, with: "") }
    }
    var trace = play()
    for _ in 1...4 {
      let next = play()
      let isSame = shape(next) == shape(trace)
      trace = next
      if isSame { break }
    }
    let tree = SourceTree(root: nil)
    print(jsonHead(trace), terminator: "")
    for telling in trace.tellings { print(jsonLine(telling, tree), terminator: "") }

    """#
}
