import Recording
import Telling

// The rule for quotations, all of it:
//
// A sentence of a trace, or a piece of one, stands in quotation marks, and behind it
// where it is from: "Future-1 has its result" (`accept`, step 34). Without a name it is
// the scenario of the table above. That step must say so; if another one does, and it
// is the only one, the number is woven. Nothing else may look like a quotation: no
// number of a step without its sentence, no Task-1 in quotation marks without a step.
//
// A table of steps that cannot be woven, because its figures are one machine's, stands
// below `<!-- quoted accept -->`. Its sentences must be the trace's, in that order, but
// for the figures. Without that line no table of steps is allowed.

/// A second look at a woven text: does it say what the traces say?
extension Weaver {
  /// Checks the quotations, and corrects the numbers of their steps.
  mutating func quoting(_ lines: [String]) -> [String] {
    var (output, prose, scenario) = ([String](), [String](), nil as String?)
    var rest = lines[...]
    number = 0
    /// What was collected is a paragraph.
    func endParagraph(_ weaver: inout Weaver) {
      weaver.number -= prose.count
      output += weaver.quoting(paragraph: prose, scenario)
      weaver.number += prose.count
      prose = []
    }
    while let line = rest.popFirst() {
      let mark = line.wholeMatch(of: /<!-- (steps|quoted) (\S+) .*-->/)
      let isBlock = mark != nil || line.contains(/^(```|\||<!--)/)
      if isBlock || line.isEmpty { endParagraph(&self) }
      number += 1
      guard isBlock else {
        if line.isEmpty { output.append(line) } else { prose.append(line) }
        continue
      }
      output.append(line)
      scenario = mark.map { String($0.2) } ?? scenario
      if line.hasPrefix("```") {
        number += 1
        while let line = rest.popFirst() {
          output.append(line)
          if line.hasPrefix("```") { break }
          number += 1
        }
      } else if mark?.1 == "quoted" || line.contains(/^\| step \|/) {
        if mark == nil { problem("name the scenario: <!-- quoted accept -->") }
        let table = Array(rest.prefix { $0.hasPrefix("|") })
        let begin = number
        if let name = mark?.2 { check(table, String(name)) }
        (output, rest) = (output + table, rest.dropFirst(table.count))
        number = begin + table.count
      } else if line.hasPrefix("<!--"), let end = closing(line) {
        // It is woven.
        while let line = rest.popFirst() {
          output.append(line)
          number += 1
          if line == end { break }
        }
      }
    }
    endParagraph(&self)
    return output
  }

  /// The line that ends what this one begins.
  private func closing(_ line: String) -> String? {
    line.firstMatch(of: /^<!-- (steps|chapters|scars|differences|experiments)\b/)
      .map {
        "<!-- /\($0.1) -->"
      }
  }

  /// One paragraph; the sentence and the number may be in two lines.
  private mutating func quoting(
    paragraph lines: [String], _ above: String?
  ) -> [String] {
    let text = lines.joined(separator: "\n")
    let form = /"([^"]+)"(\s+\((?:`([^`]+)`,\s+)?step\s+)(\d+)\)/
    let begin = number
    var (quoted, end) = ("", text.startIndex)
    for match in text.matches(of: form) {
      number = begin + text[..<match.range.lowerBound].count { $0 == "\n" } + 1
      let sentence = String(match.1.replacing(/\s+/, with: " "))
      let name = match.3.map { String($0) } ?? above
      let place = step(saying: sentence, name, Int(match.4) ?? 0)
      quoted += text[end..<match.4.startIndex] + "\(place)"
      end = match.4.endIndex
    }
    quoted += text[end...]
    // What is left, line for line.
    let others = quoted.replacing(form) { $0.0.filter { $0 == "\n" } }
      .replacing(/`[^`]*`/) { $0.0.filter { $0 == "\n" } }
    func line(of place: String.Index) -> Int {
      others[..<place].count { $0 == "\n" } + 1
    }
    if let step = others.firstMatch(of: /\b[Ss]teps?\s+\d+/) {
      number = begin + line(of: step.range.lowerBound)
      problem("'\(step.0)' without its sentence: write \"...\" (`accept`, step 34)")
    }
    for match in others.matches(of: /"[^"]*"/)
    where match.0.contains(/\b(Task|Future|Transport|StreamReader)-\d/) {
      number = begin + line(of: match.range.lowerBound)
      let sentence = match.0.replacing("\n", with: " ")
      problem("\(sentence) without its step: write \"...\" (`accept`, step 34)")
    }
    number = begin
    return lines.isEmpty
      ? []
      : quoted.split(
        separator: "\n", omittingEmptySubsequences: false
      ).map(String.init)
  }

  /// The number of the step that says this: the one that was given, or the only one.
  private mutating func step(saying sentence: String, _ name: String?, _ given: Int)
    -> Int
  {
    guard let name else {
      problem("\"\(sentence)\": of which scenario? (`accept`, step 34)")
      return given
    }
    guard let trace = trace(name) else { return given }
    let places = trace.tellings.filter { $0.sentence.contains(sentence) }.map {
      $0.step.number
    }
    if places.contains(given) { return given }
    if places.count == 1 { return places[0] }
    problem(
      places.isEmpty
        ? "no step of \(name) says \"\(sentence)\""
        : "step \(given) of \(name) does not say \"\(sentence)\", but \(places) do")
    return given
  }

  /// A table of steps from somebody's machine.
  private mutating func check(_ table: [String], _ name: String) {
    guard let trace = trace(name) else { return }
    var cells = table.map { row in
      row.split(separator: "|").map { $0.trimming(while: { $0 == " " }) }
    }
    guard cells.count > 2, let column = cells[0].firstIndex(of: "what happened") else {
      return problem("this is no table of steps")
    }
    cells.removeFirst(2)
    number += 2
    var rest = trace.tellings.map { anyFigures($0.sentence) }[...]
    for row in cells {
      number += 1
      let sentence = row.indices.contains(column) ? row[column] : ""
      guard let place = rest.firstIndex(of: anyFigures(sentence)) else {
        return problem("no step of \(name) says \"\(sentence)\", or not in this place")
      }
      rest = rest[(place + 1)...]
    }
  }

  /// A sentence without its figures. The number of a Task-1 is none.
  func anyFigures(_ sentence: String) -> String {
    sentence.replacing(/-?\d+/) { $0.0.hasPrefix("-") ? String($0.0) : "#" }
  }
}

extension StringProtocol {
  fileprivate func trimming(while isBlank: (Character) -> Bool) -> String {
    String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }
}
