// The terminal as a picture that moves by itself: real screens, one after the other, in
// one SVG file. Where nobody wants motion it stands still.

import Comparison
import Foundation
import Recording
import Scars
import Scenarios
import Screen
import Telling

struct MovingPicture {
  /// The file.
  let file: String

  // A character's cell. Fonts differ; each text is as wide as its cells all the same.
  private static let cell = 8
  private static let line = 18
  private static let secondsEach = 2.2

  /// - Parameters:
  ///   - trace: the recording.
  ///   - words: `17-49`, `96x30`, `still`, `34`.
  init?(_ trace: Trace, _ words: [String], _ tree: SourceTree) {
    guard words.count == 4, let size = words[1].wholeMatch(of: /(\d+)x(\d+)/),
      let columns = Int(size.1), let rows = Int(size.2), words[2] == "still",
      let still = Int(words[3]), let shown = ranges(words[0], upTo: trace.steps.count)
    else { return nil }
    let steps = shown.flatMap { $0 }
    guard let rest = steps.firstIndex(of: still) else { return nil }
    let width = columns * Self.cell + 32
    let height = rows * Self.line + 26
    var browser = Browser(trace, Counterparts(trace, tree), scenarios: Scenario.choices)
    var pieces: [Piece: [Int]] = [:]
    for (frame, step) in steps.enumerated() {
      for key in "g\(step)" { _ = browser.press(.character(key)) }
      _ = browser.press(.enter)
      let lines = screen(browser, tree, ScreenSize(columns: columns, rows: rows))
      for piece in Self.pieces(lines) { pieces[piece, default: []].append(frame) }
    }
    let groups = Self.groups(pieces)
    let drawn = groups.map { group -> String in
      // What is there all the time needs no class.
      let look =
        group.frames.count == steps.count
        ? ""
        : " class=\"f \(Self.name(group.frames))\(group.frames ~= rest ? " k" : "")\""
      return "<g\(look)>\n\(group.markup)</g>\n"
    }
    file = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
      width="\(width)" height="\(height)" role="img">
      <title>swift run walkthrough \(trace.scenario), step by step</title>
      <style>
      \(Self.style(Set(groups.map(\.frames)), of: steps.count))
      </style>
      <rect class="page" x="0.5" y="0.5" width="\(width - 1)" height="\(height - 1)" rx="8"/>
      \(drawn.joined())</svg>

      """
  }

  /// A word in its place, or what is under it.
  private struct Piece: Hashable {
    let row, column: Int
    let isText: Bool
    let markup: String
  }

  /// One screen.
  private static func pieces(_ lines: [StyledLine]) -> [Piece] {
    var pieces: [Piece] = []
    for (row, line) in lines.enumerated() {
      let y = 13 + row * Self.line
      var column = 0
      for span in line.spans {
        let blanks = span.text.prefix { $0 == " " }.count
        let words = String(
          span.text.dropFirst(blanks).reversed().drop { $0 == " " }.reversed())
        let cells = displayWidth(span.text)
        let (x, left) = (16 + column * cell, 16 + (column + blanks) * cell)
        func add(_ markup: String, isText: Bool = false) {
          pieces.append(Piece(row: row, column: column, isText: isText, markup: markup))
        }
        if span.style == .current || span.style == .bar {
          add(path("\(span.style)", "M\(x) \(y)h\(cells * cell)v\(Self.line)H\(x)z"))
        }
        if words.allSatisfy({ "─│".contains($0) }) {
          // Rules are lines, or they would show their seams.
          if words.first == "│" {
            add(path("rule", "M\(left + cell / 2) \(y)v\(Self.line)"))
          } else if !words.isEmpty {
            add(path("rule", "M\(left) \(y + 9)h\(words.count * cell)"))
          }
        } else {
          let look = span.style == .plain ? "" : " class=\"\(span.style)\""
          add(
            "<text\(look) x=\"\(left)\" y=\"\(y + 13)\""
              + " textLength=\"\(displayWidth(words) * cell)\">\(xml(words))</text>\n",
            isText: true)
        }
        column += cells
      }
    }
    return pieces
  }

  private static func path(_ look: String, _ path: String) -> String {
    "<path class=\"\(look)\" d=\"\(path)\"/>\n"
  }

  /// Most of a screen is on the next one, too, and is written once: all that comes and
  /// goes at the same time is a group. Words are above what is under them.
  private static func groups(
    _ pieces: [Piece: [Int]]
  ) -> [(frames: Range<Int>, markup: String)] {
    struct Key: Hashable {
      let isText: Bool
      let frames: Range<Int>
    }
    var groups: [Key: [Piece]] = [:]
    for (piece, frames) in pieces {
      var rest = frames[...]
      while let first = rest.first {
        let run = zip(rest, first...).prefix { $0 == $1 }.count
        let key = Key(isText: piece.isText, frames: first..<first + run)
        groups[key, default: []].append(piece)
        rest = rest.dropFirst(run)
      }
    }
    func place(_ key: Key) -> (Int, Int, Int) {
      (key.isText ? 1 : 0, key.frames.lowerBound, key.frames.upperBound)
    }
    return groups.sorted { place($0.key) < place($1.key) }.map { key, pieces in
      let sorted = pieces.sorted { ($0.row, $0.column) < ($1.row, $1.column) }
      return (key.frames, sorted.map(\.markup).joined())
    }
  }

  private static func name(_ frames: Range<Int>) -> String {
    "f\(frames.lowerBound)-\(frames.upperBound)"
  }

  /// The colours of the book, and when each screen is there: twice all of them, and then
  /// the one that says most.
  private static func style(_ runs: Set<Range<Int>>, of count: Int) -> String {
    func percent(_ place: Int) -> String {
      let thousandths = place * 100_000 / count
      return "\(Double(thousandths) / 1000)%"
    }
    let sorted = runs.sorted {
      ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
    }
    let times = sorted.filter { $0.count < count }.map { frames in
      let name = name(frames)
      let before = frames.lowerBound == 0 ? "" : "0%{visibility:hidden}"
      return """
        @keyframes \(name){\(before)\(percent(frames.lowerBound)){visibility:visible}\
        \(percent(frames.upperBound)),to{visibility:hidden}}.\(name){animation-name:\(name)}
        """
    }
    return """
      svg{--p:#fdfcf9;--b:#f4f1ea;--i:#22252a;--j:#5b6068;--r:#e3dfd5;--a:#b23c17;\
      --t:#fbe4da;--k:#3f5686;--y:#2a675a;--s:#76561a;--c:#656860}
      @media(prefers-color-scheme:dark){svg{--p:#17181a;--b:#222428;--i:#e4e1da;\
      --j:#a5a29b;--r:#3a3e43;--a:#f0906a;--t:#3d291f;--k:#a3b8e4;--y:#86c5b2;--s:#d6b677;\
      --c:#9b9e94}}
      text{font:13px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;\
      fill:var(--i);white-space:pre}
      path{fill:none}.page{fill:var(--p);stroke:var(--r)}.rule{stroke:var(--r)}
      .dim,text.bar{fill:var(--j)}path.bar{fill:var(--b)}path.current{fill:var(--t)}
      .bold,text.current{font-weight:700}.heading{fill:var(--k);font-weight:700}
      .comment{fill:var(--c)}.keyword{fill:var(--k)}.type{fill:var(--y)}
      .string{fill:var(--s)}.changed,.added{fill:var(--a);font-weight:700}
      .removed{fill:var(--a)}
      .f{visibility:hidden}.k{visibility:visible}
      @media(prefers-reduced-motion:no-preference){
      .f{animation-duration:\(Int(Double(count) * secondsEach))s;\
      animation-iteration-count:2;animation-timing-function:step-end}
      \(times.joined(separator: "\n"))
      }
      """
  }
}
