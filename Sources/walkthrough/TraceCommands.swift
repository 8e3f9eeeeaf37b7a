import Comparison
import Foundation
import Recording
import Scars
import Scenarios
import Screen
import Telling
import Terminal
import Weaving

// What one does with traces that somebody has kept: open one, compare two.

/// `walkthrough open FILE`
func openTrace(_ request: Request) throws -> Int32 {
  let file = try readTrace(request.arguments[0])
  var tree = SourceTree()
  guard try isFullScreen(request) else {
    return writeOut(
      file, title: "\(file.trace.scenario), by \(file.trace.by)",
      asJSON: request.has(.json))
  }
  if file.isOfCPython {
    tree.add(file)
    let lack = "this is CPython itself, \(file.trace.by)"
    return try runFullScreen(Browser(file.trace, lack: lack), tree: tree)
  }
  return try runFullScreen(
    Browser(
      file.trace, Counterparts(file.trace, tree), lack: tree.lackOfRecordings))
}

/// `walkthrough compare A [B]`
func compareTraces(_ request: Request) throws -> Int32 {
  let tree = SourceTree()
  let (left, right, both) = try twoTraces(request.arguments, tree)
  guard try isFullScreen(request) else {
    write(comparison(left, right, both))
    return 0
  }
  var browser = Browser(left.trace, both)
  _ = browser.press(.character("c"))
  return try runFullScreen(browser)
}

private typealias Two = (left: TraceFile, right: TraceFile, both: Counterparts)

/// What the words of `compare` mean. One word is enough for what is two traces already.
private func twoTraces(_ words: [String], _ tree: SourceTree) throws -> Two {
  if words.count == 2 {
    let (left, right) = (try oneTrace(words[0]), try oneTrace(words[1]))
    return (left, right, Counterparts(left, beside: right, tree))
  }
  let word = words[0]
  if let scenario = Scenario.named(word.lowercased()) {
    let trace = try scenario.usualTrace()
    guard let both = Counterparts(trace, tree),
      let text = AsyncioTrace.text(of: scenario.name, tree)
    else {
      let lack = tree.lackOfRecordings ?? "CPython has not been recorded in it"
      throw Request.Mistake("compare '\(word)' with what? (\(lack))")
    }
    return (TraceFile(trace), try TraceFile(text: text), both)
  }
  if let parts = try scarTrace(word)?.parts, parts.count == 2 {
    return (parts[0], parts[1], Counterparts(parts[0], beside: parts[1], tree))
  }
  _ = try oneTrace(word)
  throw Request.Mistake("compare '\(word)' with what? Name a second trace")
}

/// A scenario is played; any other word is a file.
private func oneTrace(_ word: String) throws -> TraceFile {
  if let scenario = Scenario.named(word.lowercased()) {
    return TraceFile(try scenario.usualTrace())
  }
  if let scar = Scar.named(word) {
    throw Request.Mistake(
      "\(scar.id) is two traces already: `walkthrough compare \(scar.id)`")
  }
  if !FileManager.default.fileExists(atPath: word) {
    throw Request.Mistake(
      "there is no scenario, scar or file '\(word)'"
        + suggestion(for: word, among: Scenario.all.map(\.name)))
  }
  return try readTrace(word)
}

private func scarTrace(_ word: String) throws -> TraceFile? {
  guard let scar = Scar.named(word) else { return nil }
  guard let scenario = scar.scenario else {
    throw Request.Mistake(
      "\(scar.id) is told in chapter \(scar.chapter) and not played here")
  }
  return TraceFile(try scenario.trace())
}

private func readTrace(_ path: String) throws(Request.Mistake) -> TraceFile {
  let data: Data
  do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
    throw .init("\(path) cannot be read: \(reason(error))")
  }
  guard let text = String(validating: data, as: UTF8.self) else {
    throw .init("\(path) cannot be read: it is no text")
  }
  do { return try TraceFile(text: text) } catch {
    throw .init("\(path), \(error.description)")
  }
}

// MARK: Two columns

/// The two as text: where they part first, and then each step beside the other's.
///
/// - Parameters:
///   - start: the first row to write.
///   - limit: how many rows.
func comparison(
  _ left: TraceFile, _ right: TraceFile, _ both: Counterparts, from start: Int = 0,
  atMost limit: Int = .max
) -> String {
  func name(_ file: TraceFile) -> String {
    "\(file.trace.scenario), by \(file.trace.by)"
  }
  let sentences = left.trace.tellings.map(\.sentence)
  func row(_ row: Counterparts.Row) -> String {
    let here = cell(row.number, row.number.map { sentences[$0 - 1] })
    let there = cell(row.theirNumber, row.sentence)
    let empty = String(repeating: " ", count: cellWidth)
    return (0..<max(here.count, there.count)).map { line in
      var text =
        (line == 0 ? row.mark.rawValue : " ")
        + (here.indices.contains(line) ? here[line] : "").padded(to: cellWidth) + " │"
        + (there.indices.contains(line) ? there[line] : empty)
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }.joined()
  }
  var text = "left:  \(name(left))\nright: \(name(right))\n"
  text +=
    both.firstDifference.map { "first difference: \(place($0))\n\n" }
    ?? "no difference but ports, times, and the numbers in names\n\n"
  var reason: String?
  for one in both.rows.dropFirst(start).prefix(limit) {
    text += row(one)
    // Several rows may have one reason, and it is told once.
    if let why = one.difference?.reason, why != reason {
      text += wrap("      \(why)", to: 2 * cellWidth, indent: 6)
        .map { $0 + "\n" }.joined()
    }
    reason = one.difference?.reason
  }
  if both.rows.count - start > limit {
    text += "... and so on, \(both.rows.count - start - limit) rows more\n"
  }
  return text
}

private let cellWidth = 58

private func cell(_ number: Int?, _ sentence: String?) -> [String] {
  guard let sentence else { return [] }
  let label = padded(number.map(String.init) ?? "", 4) + "  "
  return wrap(label + sentence, to: cellWidth, indent: 6)
}

private func place(_ row: Counterparts.Row) -> String {
  let here = row.number.map { "step \($0) on the left" }
  let there = row.theirNumber.map { "step \($0) on the right" }
  return switch (here, there) {
  case (let here?, let there?): "\(here), \(there)"
  default: (here ?? there ?? "") + ", and nothing beside it"
  }
}
