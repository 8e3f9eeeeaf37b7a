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

  static let text = """
    import Recording
    import Scars
    import Scenarios
    import Telling

    // A course without end is ended by the number of its steps.
    let scenario = Scenario.played(CommandLine.arguments[1])!
    let trace = scenario.usualCourse(limit: 2000).trace
    let tree = SourceTree(root: nil)
    print(jsonHead(trace), terminator: "")
    for telling in trace.tellings { print(jsonLine(telling, tree), terminator: "") }

    """
}
