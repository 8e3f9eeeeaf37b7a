// Weaving: what the chapters quote from source, traces and screen. It knows all of that;
// nothing that a reader steps through knows it.

import Foundation
import Recording
import Scars
import Scenarios
package import Telling

/// Makes the chapters agree with the source and with the traces.
///
/// Three things in a chapter are woven: excerpts (see `Excerpt`), links to a line
/// (`[accept.try](../Sources/X/Y.swift#L42)`, where the text of the link is a
/// label or a function's name, or else the title is: `[text](…#L42 "accept.try")`),
/// and tables of steps, between `<!-- steps accept 18-36 step,what,ready -->` and
/// `<!-- /steps -->`; without numbers it is all steps. (What chapter 0 needs besides is in
/// `Weaver+Stages.swift`, what a chapter begins with in `Weaver+Openings.swift`, pictures
/// in `Weaver+Pictures.swift`, tables in `Weaver+Tables.swift` and
/// `Weaver+Experiments.swift`.) What the text quotes from a trace is looked up there (see
/// `Quotations`). The rest is left alone.
package struct Weaver {
  /// What cannot be woven, a line each: `chapters/x.md:12: no label 'y'`.
  package internal(set) var problems: [String] = []
  let tree: SourceTree
  /// The package's directory; the empty text, where nothing is, if it is not here.
  package var root: String { tree.root ?? "" }
  private var traces: [String: Trace] = [:]
  private var sources: [String: [String]] = [:]
  /// Where we are, for the problems.
  var file = ""
  var number = 0
  /// The pictures that were drawn, as they are and as they should be, and all those that
  /// some text shows.
  var drawings: [String: (old: String, new: String)] = [:]
  var shown: Set<String> = []

  /// From the text's folder to the package's.
  var toRoot: String { file.contains("/") ? "../" : "" }

  /// - Parameter tree: the package.
  package init(_ tree: SourceTree = SourceTree()) { self.tree = tree }

  /// Weaves all chapters and the README. That there are none is a problem, too.
  ///
  /// - Returns: for each file, the text as it is and as it should be.
  package mutating func weave() -> [String: (old: String, new: String)] {
    guard let root = tree.root else {
      problems.append(
        "the source is not here: this program was built from \(SourceTree.birthplace)")
      return [:]
    }
    let names = try? FileManager.default.contentsOfDirectory(atPath: root + "/chapters")
    let chapters = (names ?? []).filter { $0.hasSuffix(".md") }.sorted()
    if chapters.isEmpty { problems.append("there are no chapters in \(root)/chapters") }
    var result: [String: (old: String, new: String)] = [:]
    for name in ["README.md"] + chapters.map({ "chapters/" + $0 }) {
      do {
        let old = try String(contentsOfFile: "\(root)/\(name)", encoding: .utf8)
        result[name] = (old, weave(old, file: name))
        checkImages(old)
      } catch {
        problems.append("\(name) cannot be read: \(reason(error))")
      }
    }
    findForgottenPictures()
    return result.merging(drawings) { text, _ in text }
  }

  /// Weaves one text.
  package mutating func weave(_ text: String, file: String) -> String {
    self.file = file
    var output: [String] = []
    var rest = splitLines(text)[...]
    number = 0
    func isFenceEnd(_ line: String) -> Bool { line.hasPrefix("```") }
    while let line = rest.popFirst() {
      number += 1
      if let fence = line.wholeMatch(
        of: /```swift (Sources\/[^#\s]+)(#[^:\s]+)?(:\d+)?/)
      {
        let block = take(&rest, until: isFenceEnd)
        let label = fence.2.map { String($0.dropFirst()) }
        let count = fence.3.flatMap { Int($0.dropFirst()) }
        output +=
          [line] + excerpt(String(fence.1), label, count, instead: block) + ["```"]
        number += block.count + 1
      } else if let fence = line.wholeMatch(of: /```swift (Sources\/\S+) numbered/) {
        let block = take(&rest, until: isFenceEnd)
        output += [line] + (source(String(fence.1)).map(numbered) ?? block) + ["```"]
        number += block.count + 1
      } else if let fence = line.wholeMatch(
        of: /```diff (Sources\/[^#\s]+)#(\S+) (Sources\/[^#\s]+)#(\S+)/)
      {
        let block = take(&rest, until: isFenceEnd)
        let old = excerpt(String(fence.1), String(fence.2), nil, instead: [])
        let new = excerpt(String(fence.3), String(fence.4), nil, instead: [])
        output += [line] + difference(from: old, to: new) + ["```"]
        number += block.count + 1
      } else if let fence = line.wholeMatch(of: /```text opening (\S+)/) {
        let block = take(&rest, until: isFenceEnd)
        output += [line] + (said(byOpening: String(fence.1)) ?? block) + ["```"]
        number += block.count + 1
      } else if line.hasPrefix("```") {
        // Some other block: its content is none of our business.
        let block = take(&rest, until: isFenceEnd)
        output += [line] + block + ["```"]
        number += block.count + 1
      } else if let steps = line.wholeMatch(
        of: /<!-- steps (\S+) ((\d+)-(\d+) )?(\S+) -->/)
      {
        let old = take(&rest) { $0 == "<!-- /steps -->" }
        let range = steps.3.flatMap { Int($0) }.map { ($0, Int(steps.4!) ?? 0) }
        let new = table(String(steps.1), String(steps.5), range) ?? old
        output += [line] + new + ["<!-- /steps -->"]
        number += old.count + 1
      } else if line.contains(/^<!-- (picture|terminal) .*-->$/) {
        let kind = line.split(separator: " ")[1]
        let block = take(&rest) { $0 == "<!-- /\(kind) -->" }
        draw(line, block)
        output += [line] + block + ["<!-- /\(kind) -->"]
        number += block.count + 1
      } else if line == "<!-- chapters -->" {
        let old = take(&rest) { $0 == "<!-- /chapters -->" }
        output += [line] + chapterTable() + ["<!-- /chapters -->"]
        number += old.count + 1
      } else if line == "<!-- scars -->" {
        let old = take(&rest) { $0 == "<!-- /scars -->" }
        output += [line] + scarTable() + ["<!-- /scars -->"]
        number += old.count + 1
      } else if let figures = line.wholeMatch(of: /<!-- figures (\S+) -->/) {
        let old = take(&rest) { $0 == "<!-- /figures -->" }
        let new = figureTable(String(figures.1))
        if new == nil { problem("no figures of '\(figures.1)' in \(Self.figures)") }
        output += [line] + (new ?? old) + ["<!-- /figures -->"]
        number += old.count + 1
      } else if let experiments = line.wholeMatch(of: /<!-- experiments (\S.*) -->/) {
        let old = take(&rest) { $0 == "<!-- /experiments -->" }
        output += [line] + experimentTable(experiments.1) + ["<!-- /experiments -->"]
        number += old.count + 1
      } else if line == "<!-- differences -->" {
        let old = take(&rest) { $0 == "<!-- /differences -->" }
        output += [line] + differenceTable() + ["<!-- /differences -->"]
        number += old.count + 1
      } else {
        output.append(linked(line))
      }
    }
    // (An excerpt may have more lines now than when it was counted.)
    return quoting(output).joined(separator: "\n") + "\n"
  }

  /// Takes the lines before the one that ends a block, and that one too.
  private func take(
    _ lines: inout ArraySlice<String>, until isEnd: (String) -> Bool
  ) -> [String] {
    var block: [String] = []
    while let line = lines.popFirst(), !isEnd(line) { block.append(line) }
    return block
  }

  mutating func problem(_ text: String) {
    problems.append("\(file):\(number): \(text)")
  }

  // MARK: The three things

  private mutating func excerpt(
    _ path: String, _ label: String?, _ count: Int?, instead old: [String]
  ) -> [String] {
    guard let source = source(path) else { return old }
    guard let label else {
      if !Excerpt.isVerbatim(old, in: source) {
        problem("this is not in \(path); give it a label, or copy it again")
      }
      return old
    }
    guard let excerpt = Excerpt(label: label, count: count, in: source) else {
      problem("no label '\(label)' in \(path)")
      return old
    }
    return excerpt.lines
  }

  private mutating func linked(_ line: String) -> String {
    let link = /\[([^\]]+)\]\(((?:\.\.\/)*)(Sources\/[^)#\s]+)#L\d+( "([^"]+)")?\)/
    return line.replacing(link) { match in
      let path = String(match.3)
      let label = String(match.5 ?? match.1).replacing("`", with: "")
      guard let source = source(path) else { return String(match.0) }
      guard let place = firstLine(of: label, in: source) ?? function(label, in: source)
      else {
        problem("no label or function '\(label)' in \(path)")
        return String(match.0)
      }
      // Some links say the number themselves: chapter 0 numbers its lines.
      let isNumber = match.1.wholeMatch(of: /line \d+/) != nil
      let text = isNumber ? "line \(number(of: place, in: source))" : String(match.1)
      return "[\(text)](\(match.2)\(path)#L\(place + 1)\(match.4 ?? ""))"
    }
  }

  /// The index of the line that declares a function (or type) of this name.
  private func function(_ name: String, in source: [String]) -> Int? {
    source.firstIndex { line in
      line.matches(of: /\b(?:func|class|struct|enum|protocol|var) (\w+)/)
        .contains { $0.1 == name }
    }
  }

  private mutating func table(
    _ name: String, _ columns: String, _ range: (Int, Int)?
  ) -> [String]? {
    var wanted: [StepTable.Column] = []
    for column in columns.split(separator: ",") {
      guard let known = StepTable.Column(rawValue: String(column)) else {
        let all = StepTable.Column.allCases.map(\.rawValue).joined(separator: ", ")
        problem("no column '\(column)'; there are \(all)")
        return nil
      }
      wanted.append(known)
    }
    guard let trace = trace(name) else { return nil }
    let (low, high) = range ?? (1, trace.steps.count)
    if low < 1 || high < low || high > trace.steps.count {
      problem("\(name) has the steps 1 to \(trace.steps.count), not \(low) to \(high)")
      return nil
    }
    return StepTable(columns: wanted, steps: low...high, toRoot: toRoot)
      .lines(trace, tree)
  }

  mutating func trace(_ name: String) -> Trace? {
    if let trace = traces[name] { return trace }
    do {
      traces[name] = try (Scenario.named(name) ?? Scar.named(name)?.scenario)?
        .usualTrace()
      if traces[name] == nil { problem("there is no scenario '\(name)'") }
    } catch { problem("scenario '\(name)' fails: \(error)") }
    return traces[name]
  }

  private mutating func source(_ path: String) -> [String]? {
    if let lines = sources[path] { return lines }
    let text = try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    if text == nil { problem("there is no file \(path)") }
    sources[path] = text.map(splitLines)
    return sources[path]
  }
}

/// What the system said, without the words that Foundation puts around it.
package func reason(_ error: any Error) -> String {
  let inner = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
  guard let posix = inner as? POSIXError else { return "\(error)" }
  return String(cString: strerror(posix.code.rawValue))
}
