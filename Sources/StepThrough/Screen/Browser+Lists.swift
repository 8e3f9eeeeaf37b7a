// The keys in the lists: the log, the scenarios, the help.

import Recording
import Scenarios
import Telling

extension Browser {
  // MARK: The log

  /// The steps that have a line in the log: all but those that a fold has swallowed.
  var logged: LoggedSteps {
    LoggedSteps(steps: trace.steps.count, folds: isFolding ? folds : [])
  }

  mutating func pressInLog(_ key: Key, _ selected: Int) {
    let numbers = logged
    func moved(_ by: Int) -> Mode {
      let place = numbers.place(of: selected) + by
      return .log(
        selected: numbers.isEmpty ? 1 : numbers[min(max(0, place), numbers.count - 1)])
    }
    switch key {
    case .up, .character("k"): mode = moved(-1)
    case .down, .character("j"): mode = moved(1)
    case .pageUp: mode = moved(-max(1, size.rows - 4))
    case .pageDown: mode = moved(max(1, size.rows - 4))
    case .home: mode = moved(-numbers.count)
    case .end: mode = moved(numbers.count)
    case .character("/"): ask(.find)
    case .character("N"): find("", forwards: false)
    case .enter, .right, .character(" "):
      _ = move(to: selected)
      mode = .steps
    case .character("u"):
      toggleFolding()
      mode = .log(selected: folded(selected))
    case .character("?"), .character("h"): openHelp()
    case .escape, .left, .character("l"), .character("q"): mode = .steps
    default: hint = "enter goes to the marked step, l goes back, ? shows all keys"
    }
  }

  // MARK: The scenarios

  /// Those whose name or title has what was typed in it.
  func choices(_ filter: String) -> [Int] {
    let words = filter.lowercased().split(separator: " ")
    return scenarios.indices.filter { place in
      let scenario = scenarios[place]
      let text = "\(scenario.name) \(scenario.title)".lowercased()
      return words.allSatisfy { text.contains($0) }
    }
  }

  mutating func pressInScenarios(_ key: Key, _ selected: Int, _ filter: String) -> Wish
  {
    let found = choices(filter)
    let place = found.firstIndex(of: selected) ?? 0
    func moved(_ by: Int) -> Mode {
      if found.isEmpty { return mode }
      let next = found[min(max(0, place + by), found.count - 1)]
      return .scenarios(selected: next, filter: filter)
    }
    switch key {
    case .up: mode = moved(-1)
    case .down: mode = moved(1)
    case .pageUp: mode = moved(-10)
    case .pageDown: mode = moved(10)
    case .home: mode = moved(-found.count)
    case .end: mode = moved(found.count)
    case .enter, .right:
      if !found.isEmpty { return .start(selected) }
      hint = "nothing is called so; backspace takes letters away"
    case .backspace where !filter.isEmpty: filterScenarios(String(filter.dropLast()))
    case .escape where !filter.isEmpty: filterScenarios("")
    case .escape, .left, .backspace:
      if !trace.steps.isEmpty { mode = .steps }
    case .character("?"): openHelp()
    case .character("q") where filter.isEmpty: return .quit
    case .character(let letter): filterScenarios(filter + String(letter))
    default: hint = "choose with the arrows and enter; letters search; ? shows all keys"
    }
    return .nothing
  }

  private mutating func filterScenarios(_ filter: String) {
    guard case .scenarios(let selected, _) = mode else { return }
    let found = choices(filter)
    mode = .scenarios(
      selected: found.contains(selected) ? selected : found.first ?? selected,
      filter: filter)
  }

  // MARK: The help

  mutating func openHelp() {
    helpTop = 0
    mode = .help(over: mode)
  }

  mutating func pressInHelp(_ key: Key, _ under: Mode) {
    let page = max(1, size.rows - 3)
    switch key {
    case .up, .character("k"): helpTop -= 1
    case .down, .character("j"): helpTop += 1
    case .pageUp: helpTop -= page
    case .pageDown, .character(" "): helpTop += page
    case .home: helpTop = 0
    case .end: helpTop = .max / 2
    default: mode = under
    }
    helpTop = min(max(0, helpTop), max(0, helpLines(self, under, size).count - page))
  }
}
