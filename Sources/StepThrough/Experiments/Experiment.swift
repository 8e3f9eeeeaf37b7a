// Experiments: lines to take out or to change, and what is seen then. It knows where the
// source is, and not how it is built.

package import Telling

/// A line that can be taken out or changed, and what will be seen.
package struct Experiment: Sendable {
  /// What to type: `accept.done-first`.
  package let name: String
  /// The label below which the line stands.
  package let label: String
  /// The line, or several, without their indentation.
  package let old: [String]
  /// What stands there instead; nothing, if it is taken out.
  package let new: [String]
  /// The target of the tests that are run.
  package let target: String
  /// What was seen when it was done.
  package let claims: [Claim]

  /// Something that is seen when the line is not what it was.
  package enum Claim: Sendable, Equatable {
    /// This test fails, and these words are in what it says.
    case fails(test: String, words: String)
    /// The trace of this scenario, or scar, is another one from this step on; and these
    /// words are in what stands there instead.
    case parts(trace: String, step: Int, words: String)

    /// In a sentence.
    package var sentence: String {
      switch self {
      case .fails(let test, let words): "'\(test)' fails: \(Self.shown(words))"
      case .parts(let trace, let step, let words):
        "\(trace) says \"\(words)\" in step \(step), and differs from there on"
      }
    }

    /// What a test says, to be read: where the words end in the middle of an expression,
    /// it goes on.
    package static func shown(_ words: String) -> String {
      let open = words.count { "([".contains($0) }
      let closed = words.count { ")]".contains($0) }
      return open > closed ? words + "…" : words
    }
  }

  /// - Parameters:
  ///   - name: the label, and behind a slash what tells it from others below the same.
  ///   - old: the line, without its indentation.
  ///   - new: what stands there instead; leave it out to take the line out.
  ///   - target: the target of the tests.
  ///   - claims: what was seen.
  init(
    _ name: String, _ old: String, _ new: String = "", in target: String,
    _ claims: Claim...
  ) {
    self.name = name
    label = String(name.prefix { $0 != "/" })
    self.old = splitLines(old).map { String($0.drop { $0 == " " }) }
    self.new = splitLines(new)
    self.target = target
    self.claims = claims
  }

  /// The experiment with this name, whatever the case of its letters.
  package static func named(_ name: String) -> Experiment? {
    all.first { $0.name == name.lowercased() }
  }

  /// The names of the tests that are to fail.
  package var tests: [String] {
    claims.compactMap { if case .fails(let test, _) = $0 { test } else { nil } }
  }

  /// The scenarios, or scars, whose traces part.
  package var traces: [String] {
    claims.compactMap { if case .parts(let trace, _, _) = $0 { trace } else { nil } }
  }

  // MARK: Where it is

  /// A file of the package with the change in it.
  package struct Change: Sendable, Equatable {
    /// The file, from the package's directory.
    package let path: String
    /// The index of the first line that is otherwise.
    package let line: Int
    /// The whole file, changed.
    package let text: String
  }

  /// The line is not where the experiment says.
  package struct Lost: Error, Equatable, CustomStringConvertible {
    /// A sentence that names it.
    package let description: String
  }

  /// Finds the line. It stands once in what its label stands for: up to the end of that
  /// declaration or statement, or up to the next label.
  ///
  /// - Throws: `Lost` if it is not there, or if it is there more than once.
  package func change(in tree: SourceTree) throws(Lost) -> Change {
    let mark = "// [\(label)]"
    let homes = tree.allPaths.filter { path in
      path.hasPrefix("Sources/") && tree.file(path)!.contains { $0.hasSuffix(mark) }
    }
    guard let path = homes.first, homes.count == 1 else {
      throw Lost(
        description: homes.isEmpty
          ? "\(name): there is no label '\(label)' in the source any more"
          : "\(name): the label '\(label)' stands in \(homes.count) files")
    }
    var lines = tree.file(path)!
    let range = scope(of: label, in: lines)
    let trimmed = lines.map { String($0.drop { $0 == " " }) }
    let places = range.filter { trimmed[$0..<range.upperBound].starts(with: old) }
    guard let place = places.first, places.count == 1 else {
      throw Lost(
        description:
          "\(name): '\(old[0])' stands \(places.isEmpty ? "no more" : "twice")"
          + " below the label '\(label)' in \(path)")
    }
    let margin = lines[place].prefix { $0 == " " }
    lines.replaceSubrange(place..<place + old.count, with: new.map { margin + $0 })
    return Change(path: path, line: place, text: lines.map { $0 + "\n" }.joined())
  }
}

/// The lines that belong to a label.
private func scope(of label: String, in lines: [String]) -> Range<Int> {
  let start = firstLine(of: label, in: lines)!
  let next = lines[start...].firstIndex(where: isLabel) ?? lines.count
  // An excerpt does not count the labels in it.
  var (end, count) = (start, Excerpt(label: label, in: lines)?.lines.count ?? 0)
  while count > 0 {
    if !isLabel(lines[end]) { count -= 1 }
    end += 1
  }
  return start..<max(next, end)
}
