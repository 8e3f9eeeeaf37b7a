// The chapter that tells of a line: where it does, and how a page of it looks.

import Foundation
import Recording
package import Telling

/// A place in a chapter.
package struct ChapterPlace: Equatable, Sendable {
  /// From the package's directory: `chapters/06-sock-accept.md`.
  package let file: String
  /// The line's index.
  package let line: Int
  /// It tells of the line itself, and not only of its file.
  package let isExact: Bool
}

extension SourceTree {
  /// The chapters, in order; none if they are not here.
  private var chapters: [(file: String, lines: [String])] {
    guard let root else { return [] }
    let names = try? FileManager.default.contentsOfDirectory(atPath: root + "/chapters")
    return (names ?? []).filter { $0.hasSuffix(".md") }.sorted().compactMap { name in
      chapter("chapters/" + name).map { ("chapters/" + name, $0) }
    }
  }

  package func chapter(_ file: String) -> [String]? {
    let text = try? String(
      contentsOfFile: "\(root ?? "")/\(file)", encoding: .utf8)
    return text.map(splitLines)
  }

  /// Where a chapter tells of a line: where it quotes it; or where it links a label that
  /// stands before the line in the same function; or where it speaks of the file.
  package func chapterPlace(_ file: String, _ line: Int) -> ChapterPlace? {
    guard let lines = lines(file), lines.indices.contains(line - 1) else { return nil }
    let (path, chapters) = (path(file), chapters)
    if let place = quotation(of: lines, line, path, chapters) { return place }
    let function = declarations(around: line, in: lines).last { !$0.isType }
    let start = function?.comment.lowerBound ?? line - 1
    let (linked, plain, quoted) = ("/\(path)#", "/\(path))", "```swift \(path)#")
    for text in lines[start..<line].reversed() {
      guard let label = text.wholeMatch(of: /\s*\/\/ \[([A-Za-z0-9.-]+)\]/)?.1 else {
        continue
      }
      let place = first(in: chapters) {
        $0.contains(linked) && $0.contains(label) || $0.hasPrefix(quoted + label)
      }
      if let place { return ChapterPlace(file: place.0, line: place.1, isExact: true) }
    }
    return first(in: chapters) { $0.contains(linked) || $0.contains(plain) }
      .map { ChapterPlace(file: $0.0, line: $0.1, isExact: false) }
  }

  private func first(
    in chapters: [(file: String, lines: [String])], _ matches: (String) -> Bool
  ) -> (String, Int)? {
    for chapter in chapters {
      if let place = chapter.lines.firstIndex(where: matches) {
        return (chapter.file, place)
      }
    }
    return nil
  }

  /// The excerpt with the line in it, of several the one whose label is nearest.
  private func quotation(
    of source: [String], _ line: Int, _ path: String,
    _ chapters: [(file: String, lines: [String])]
  ) -> ChapterPlace? {
    var best: (label: Int, place: ChapterPlace)?
    let begin = "```swift \(path)"
    for chapter in chapters {
      for fence in chapter.lines.indices {
        let text = chapter.lines[fence]
        guard text.hasPrefix(begin),
          let match = text.wholeMatch(of: /```swift (Sources\/[^#\s]+)(#([^:\s]+))?.*/),
          match.1 == path
        else { continue }
        let label = match.3.flatMap { label in
          source.firstIndex { $0.drop { $0 == " " } == "// [\(label)]" }
        }
        let block = chapter.lines[(fence + 1)...].prefix { !$0.hasPrefix("```") }
        guard let place = place(of: source, line, after: label, in: block),
          best == nil || label ?? -1 > best!.label
        else { continue }
        best = (
          label ?? -1, ChapterPlace(file: chapter.file, line: place, isExact: true)
        )
      }
    }
    return best?.place
  }

  /// Which line of a quotation is this one. One that has the same words may be another,
  /// so the lines are counted off from the label; without one, the words must do.
  private func place(
    of source: [String], _ line: Int, after label: Int?, in block: ArraySlice<String>
  ) -> Int? {
    func words(_ text: String) -> Substring { text.drop { $0 == " " } }
    let wanted = words(source[line - 1])
    guard let label else {
      return wanted.count < 4 ? nil : block.firstIndex { words($0) == wanted }
    }
    if label >= line - 1 { return nil }
    let offset = source[label..<line - 1].count { !isLabel($0) }
    let place = block.startIndex + offset
    return block.indices.contains(place) && words(block[place]) == wanted ? place : nil
  }
}

extension Browser {
  mutating func openChapter() {
    guard let place = chapterPlace() else { return }
    mode = .chapter(place, top: max(0, place.line - 6))
    if !place.isExact { hint = "no chapter tells of this line; this one, of its file" }
  }

  /// The same in the reader's own pager.
  mutating func openPager() -> Wish { chapterPlace().map { .page($0) } ?? .nothing }

  /// Where a chapter tells of this step's line; if none does, that is said.
  private mutating func chapterPlace() -> ChapterPlace? {
    guard position > 0 else { return nil }
    let step = trace.steps[position - 1]
    let place = tree.chapterPlace(step.file, step.line)
    if place == nil {
      hint =
        tree.lack(of: step.file) ?? "no chapter tells of \(tree.path(step.file))"
    }
    return place
  }

  mutating func pressInChapter(
    _ key: Key, _ place: ChapterPlace, _ top: Int
  ) -> Wish {
    let count = tree.chapter(place.file)?.count ?? 0
    func moved(_ by: Int) -> Mode {
      .chapter(place, top: min(max(0, top + by), max(0, count - 10)))
    }
    switch key {
    case .up, .character("k"): mode = moved(-1)
    case .down, .character("j"), .enter: mode = moved(1)
    case .pageUp: mode = moved(-15)
    case .pageDown, .character(" "): mode = moved(15)
    case .home: mode = moved(-count)
    case .end: mode = moved(count)
    case .character("?"), .character("h"): openHelp()
    case .escape, .left, .character("b"), .character("q"): mode = .steps
    case .character("B"): return .page(place)
    default: hint = "the arrows and the page keys scroll, b goes back"
    }
    return .nothing
  }
}

/// A page of a chapter, as it is written, with the place that was looked for marked.
func chapterScreen(
  _ browser: Browser, _ place: ChapterPlace, _ top: Int, _ tree: SourceTree,
  _ size: ScreenSize
) -> [StyledLine] {
  let bar = StyledLine(" \(place.file) · b goes back", .bar)
    .fitted(to: size.columns, filling: .bar)
  let lines = tree.chapter(place.file) ?? []
  // Whether a line is code is decided by the fences above it.
  var isCode = lines.prefix(top).count { $0.hasPrefix("```") } % 2 == 1
  var page: [StyledLine] = []
  for (offset, text) in lines.dropFirst(top).enumerated() where page.count < size.rows {
    let isFence = text.hasPrefix("```")
    let isPlace = top + offset == place.line
    let style: Style =
      isPlace
      ? .current : isFence ? .dim : isCode ? .comment : look(of: text)
    // A table is as wide as it is.
    let rows =
      text.hasPrefix("|")
      ? [clip(text, to: size.columns)]
      : wrap(isCode || isFence ? text : prose(text), to: size.columns, isCode: isCode)
    page += rows.map { StyledLine($0, style) }
    if isFence { isCode.toggle() }
  }
  let hint = browser.hint ?? "↑ ↓ PgUp PgDn scroll  B in your pager  b back  ? help"
  let room = size.rows - 2
  let shown = page.prefix(room)
  return [bar] + shown + Array(repeating: StyledLine(), count: room - shown.count)
    + [StyledLine(hint, browser.hint == nil ? .dim : .changed)]
}

private func look(of text: String) -> Style {
  text.hasPrefix("#") ? .heading : text.hasPrefix("<!--") ? .dim : .plain
}

/// Where a link leads to, one cannot go from here; what it says, stays.
private func prose(_ text: String) -> String {
  text.replacing(/\[([^\]]+)\]\([^)]*\)/) { String($0.1) }
}
