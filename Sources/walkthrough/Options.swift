/// What the reader wrote behind `walkthrough`.
struct Options: Equatable {
  var scenario: String?
  var form = Form.fullScreen
  /// `scar A2`: which one. `scars` lists them.
  var scar: String?
  var listsScars = false
  var isLive = false
  var port: UInt16 = 9006
  var listsOnly = false
  var wantsHelp = false
  /// `weave`; with `isCheck`, it only looks.
  var isWeaving = false
  var isCheck = false

  enum Form { case fullScreen, plain, json }

  /// Something that cannot be meant, in one line.
  struct Mistake: Error, CustomStringConvertible {
    let description: String
  }

  static let all = [
    "--plain", "--json", "--live", "--port", "--list", "--help", "--check",
  ]

  init(_ arguments: [String]) throws(Mistake) {
    var rest = arguments[...]
    var portText: String?
    while let argument = rest.popFirst() {
      switch argument {
      case "--plain": form = .plain
      case "--json": form = .json
      case "--live": isLive = true
      case "--list": listsOnly = true
      case "--help", "-h": wantsHelp = true
      case "--check": isCheck = true
      case "--port": portText = rest.popFirst() ?? ""
      case _ where argument.hasPrefix("--port="):
        portText = String(argument.dropFirst("--port=".count))
      case _ where argument.hasPrefix("-"):
        throw Mistake(
          description: "there is no option '\(argument)'"
            + suggestion(for: argument, among: Self.all))
      case "scars" where scenario == nil: listsScars = true
      case "scar" where scenario == nil && scar == nil:
        scar = rest.first?.hasPrefix("-") == false ? rest.removeFirst() : ""
      case "weave" where scenario == nil: isWeaving = true
      case _ where scenario == nil && !isWeaving: scenario = argument
      default:
        throw Mistake(description: "one scenario at a time; '\(argument)' is too many")
      }
    }
    if let portText { port = try Self.port(portText) }
    try checkTogether(hasPort: portText != nil)
  }

  private static func port(_ text: String) throws(Mistake) -> UInt16 {
    guard let port = UInt16(text), port > 0 else {
      throw Mistake(
        description: "--port wants a number from 1 to 65535, not '\(text)'")
    }
    return port
  }

  private func checkTogether(hasPort: Bool) throws(Mistake) {
    if hasPort && !isLive { throw Mistake(description: "--port goes with --live") }
    if isCheck && !isWeaving { throw Mistake(description: "--check goes with weave") }
    if let scenario, scar != nil || listsScars {
      throw Mistake(description: "one at a time; '\(scenario)' is too many")
    }
    if isLive && (scar != nil || listsScars) {
      throw Mistake(description: "a scar follows a script; leave --live out")
    }
    if isLive && form == .json {
      throw Mistake(description: "--live shows steps as text; leave --json out")
    }
  }
}

/// `; did you mean '--plain'?`, or nothing if nothing is near.
func suggestion(for word: String, among words: [String]) -> String {
  let nearest =
    words
    .map { (word: $0, distance: editDistance(word, $0)) }
    .min { $0.distance < $1.distance }
  guard let nearest, nearest.distance <= max(2, word.count / 2) else { return "" }
  return "; did you mean '\(nearest.word)'?"
}

/// How many letters must be added, dropped or exchanged to make one of the other.
func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  // `row[j]`: from as much of `a` as we have seen to the first j letters of `b`.
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let exchanged = diagonal + (letter == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(exchanged, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
