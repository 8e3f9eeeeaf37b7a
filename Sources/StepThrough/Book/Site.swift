package import Foundation
import Scars
import Scenarios
package import Telling

// The whole book as files. It knows the package: which chapters, sources, scenarios and
// scars there are. Whoever serves it or writes it to a folder knows only paths and bytes.
// Each kind of page has a file of its own, `Site+….swift`.

/// All pages and what they load.
package struct Site {
  /// From a path, `06-sock-accept.html`, to what is there.
  package internal(set) var files: [String: Data] = [:]
  /// What is wrong with the text: a link that leads nowhere, a picture that is none.
  package internal(set) var problems: [String] = []

  let tree: SourceTree
  let chapters: [Chapter]
  /// The files to which a step or a link of the text leads: the bench has to have them.
  var wanted: Set<String> = []
  /// The scenarios and scars that have a place in the chapter that tells them.
  var told: Set<String> = []
  /// The pictures that are a part of a page, and need no file.
  var drawn: Set<String> = []
  private var search: [Found] = []
  /// What the search knows as a word of this book.
  var words: Set<String> = []
  /// The questions about all recordings, and by the recording's name where they are.
  var questions = Packed()
  var asked: [String: Int] = [:]

  /// What the search can find.
  struct Found {
    let kind: String
    let title: String
    let page: String
    var text = ""

    /// Of what fits a search as well, this one comes first: what a word means, then the
    /// chapters, then what is told in them, then the source, the demo's last.
    var order: Int {
      switch kind {
      case "word": 0
      case _ where page.hasPrefix("source/"):
        ["StepThrough", "Simulation", "walkthrough", "bench"].contains {
          text.hasPrefix("Sources/\($0)/")
        } ? 5 : kind == "function" ? 3 : 4
      case "scar", "scenario": 2
      default: page.first?.isNumber == true ? 1 : 2
      }
    }
  }

  /// Makes all of it.
  ///
  /// - Parameter tree: the package.
  /// - Throws: `MarkdownError`; and what a scenario throws.
  package init(_ tree: SourceTree) throws {
    self.tree = tree
    chapters = try Chapter.all(tree)
    try addChapters()
    try addSideFiles()
    addContents()
    try addRecordings()
    addSources()
    try addAssets()
  }

  mutating func add(_ page: Page) {
    files[page.path] = Data(page.document.utf8)
  }

  mutating func note(_ found: Found) { search.append(found) }

  /// As seen from the package's directory.
  var places: Places {
    let told =
      Scenario.all.map { ($0.name, $0.chapter) } + Scar.all.map { ($0.id, $0.chapter) }
    var listings: [String: String] = [:]
    for chapter in chapters {
      for match in chapter.text.matches(of: /```swift (\S+) numbered/) {
        listings[String(match.1)] = chapter.page
      }
    }
    return Places(
      scenarios: Set(Scenario.all.map(\.name)),
      scars: Dictionary(
        uniqueKeysWithValues: Scar.all.map { ($0.id, $0.replay != nil) }),
      tellers: Dictionary(
        uniqueKeysWithValues: told.compactMap { name, number in
          chapters.first { $0.number == number }.map { (name, $0.page) }
        }),
      listings: listings, tree: tree)
  }

  private mutating func addAssets() throws {
    let folder = "\(tree.root ?? "")/Sources/StepThrough/Book"
    for name in ["book.css", "book.js"] {
      files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    files["book.css"]!.append(Data(drawnStyle.utf8))
    files["icon.svg"] = Data(icon.utf8)
    var bench = Packed()
    _ = bench.text(benchParts.markup)
    files["data/bench.js"] = Data(bench.script("bench").utf8)
    var table = Packed()
    let entries = search.enumerated().sorted {
      ($0.element.order, $0.offset) < ($1.element.order, $1.offset)
    }.map(\.element).map { found in
      table.object([
        "kind": table.text(found.kind), "title": table.text(found.title),
        "page": table.text(found.page), "text": table.text(found.text),
      ])
    }
    _ = table.list(entries)
    files["data/search.js"] = Data(table.script("search").utf8)
  }
}

/// Once around, and somebody is called.
private let icon = """
  <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#b23c17" \
  stroke-width="4"><path d="M27 16a11 11 0 1 1-4-8.5"/><path d="M24 1v7h-7"/></svg>

  """
