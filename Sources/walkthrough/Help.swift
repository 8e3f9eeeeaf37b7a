import Telling

/// Everything that can be typed. An option that several commands have stands at the end.
func helpText() -> String {
  let options = Command.visible.flatMap(\.options)
  func isShared(_ option: Option) -> Bool {
    options.count { $0.name == option.name } > 1
  }
  let rows = Command.visible.flatMap { command in
    [("walkthrough \(command.usage)", command.help!)]
      + command.options.filter { !isShared($0) }.map { ("  \($0.usage)", $0.help) }
  }
  let shared = Option.all.filter(isShared) + [.help]
  let lines = scenarioList.dropLast().split(
    separator: "\n", omittingEmptySubsequences: false)
  return """
    walkthrough: a real event loop, step by step

    \(table(rows + [("", "")] + shared.map { ($0.usage, $0.help) }))
      accept:25 and A2:25 begin at step 25. On the screen, ? shows the keys.
      NO_COLOR=1 does without colours.

      Scenarios:

    \(lines.map { $0.isEmpty ? "\n" : "  \($0)\n" }.joined())
    """
}

/// One command.
func helpText(_ command: Command) -> String {
  let rows =
    command.arguments.map { ($0.name, "a \($0.noun) \($0.hint)") }
    + command.options.map { ($0.usage, $0.help) }
  let usage = "walkthrough \(command.usage)".split(separator: " ").joined(
    separator: " ")
  return "\(usage): \(command.help ?? "")\n" + (rows.isEmpty ? "" : "\n\(table(rows))")
}

private func table(_ rows: [(String, String)]) -> String {
  let width = rows.map(\.0.count).max() ?? 0
  return rows.map { left, right in
    left.isEmpty ? "\n" : "  \(left.padded(to: width))  \(right)\n"
  }.joined()
}
