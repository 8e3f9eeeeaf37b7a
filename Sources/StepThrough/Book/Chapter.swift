import Foundation
import Telling

// What the book has to know of a chapter before it is written: its place in the table of
// chapters, and what belongs beside it.

/// A text of the book.
struct Chapter {
  /// `chapters/06-sock-accept.md`.
  let path: String
  /// 6; 0 for what is no chapter.
  let number: Int
  /// What its heading says.
  let title: String
  let text: String
  /// The files of which it shows a piece.
  let quoted: Set<String>
  /// What stands beside it, the most important first: files, by path.
  private(set) var sources: [String] = []
  /// What can be played beside it, by the names of their recordings.
  private(set) var traces: [String] = []
  /// What it asks, if it asks something.
  var question: String? {
    let found = text.firstMatch(of: /\n\*\*([^*]+\?)\*\*\n/)
    return found.map {
      String($0.1.replacing("`", with: "").replacing("\n", with: " "))
    }
  }
  /// The step at which the first of them stands when the page opens.
  private(set) var firstStep = 1

  var page: String {
    path == "README.md" ? "index.html" : Places.page(ofChapter: path)
  }
  var folder: String { path == "README.md" ? "" : "chapters/" }

  /// The README, the table of chapters, and the chapters, in the order in which they
  /// are read.
  static func all(_ tree: SourceTree) throws -> [Chapter] {
    guard let root = tree.root else { return [] }
    let names = try FileManager.default.contentsOfDirectory(atPath: root + "/chapters")
    let chapters = names.filter { $0.hasSuffix(".md") && $0 != "README.md" }.sorted()
    return try
      (["README.md", "chapters/README.md"] + chapters.map { "chapters/\($0)" }).map {
        try Chapter($0, tree)
      }
  }

  private init(_ path: String, _ tree: SourceTree) throws {
    self.path = path
    let root = tree.root ?? ""
    text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    let fences = text.split(separator: "\n").filter { $0.hasPrefix("```swift ") }
    let quotes = fences.map {
      $0.dropFirst("```swift ".count).prefix { !"# ".contains($0) }.description
    }
    quoted = Set(quotes)
    let heading = text.prefix { $0 != "\n" }.drop { "# ".contains($0) }
    title = String(heading.replacing("`", with: ""))
    number = Int(title.prefix { $0.isNumber }) ?? 0
    if number > 0 { findCompany(root, quotes) }
  }

  private mutating func findCompany(_ root: String, _ quotes: [String]) {
    // What the text is about, it quotes; the file that it quotes most comes first.
    var counts: [String: Int] = [:]
    for path in quotes { counts[path, default: 0] += 1 }
    sources = counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(3).map(
      \.key)
    // The scenarios of its row in the table of chapters.
    let table =
      (try? String(contentsOfFile: root + "/chapters/README.md", encoding: .utf8)) ?? ""
    let name = path.dropFirst("chapters/".count)
    let row = table.split(separator: "\n").first { $0.contains("](\(name))") }
    let cell = row?.split(separator: "|").last ?? ""
    traces = cell.matches(of: /`([^`]+)`/).map { match in
      String(match.1).replacing("scar ", with: "scar-")
    }
    let tables = text.matches(of: /<!-- (?:steps|picture) (\S+) (\d+)-/)
    firstStep = tables.first { traces.first == String($0.1) }.flatMap { Int($0.2) } ?? 1
  }
}
