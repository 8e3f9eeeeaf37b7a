import Foundation
import Scars
import Scenarios
import Telling

// The chapters, what lies beside them, and the contents.

extension Site {
  mutating func addChapters() throws {
    var places = places
    for (place, chapter) in chapters.enumerated() {
      places.folder = chapter.folder
      var text = ChapterHTML(places, chapter)
      let blocks = try markdown(chapter.text, file: chapter.path)
      let body = text.blocks(blocks)
      problems += text.problems
      wanted.formUnion(text.sources)
      drawn.formUnion(text.drawn)
      told.formUnion(text.marked)
      noteSections(chapter, blocks)
      let onward = onwardHTML(
        place > 0 ? chapters[place - 1] : nil,
        place + 1 < chapters.count ? chapters[place + 1] : nil)
      let begin: HTML = place == 0 ? "\(searchHTML)\(beginHTML)" : ""
      let sections = place > 0 ? sectionsHTML(blocks) : ""
      let main: HTML = """
        <main class="text">\(runningHTML(sections))\(begin)\(body)\(onward)</main>
        """
      add(
        Page(
          path: chapter.page, title: chapter.title,
          body: chapter.traces.isEmpty
            ? "<div class=\"plain\">\(main)</div>" : besideBench(main, bench(chapter))))
    }
  }

  /// What a chapter consists of, for the line above it.
  private func sectionsHTML(_ blocks: [MarkdownBlock]) -> HTML {
    var list: HTML = ""
    for case .heading(2, let heading) in blocks {
      let title = plainText(heading)
      list += "<li><a href=\"#\(anchor(title))\">\(title)</a></li>\n"
    }
    return """
      <details class="inside"><summary>sections</summary><ul>
      \(list)</ul></details>
      """
  }

  /// For the search: each section with its text.
  private mutating func noteSections(_ chapter: Chapter, _ blocks: [MarkdownBlock]) {
    var section: Found?
    for block in blocks {
      if case .heading(let level, let heading) = block {
        if let section { note(section) }
        let title = plainText(heading)
        section = Found(
          kind: level == 1 ? "chapter" : "section of \(chapter.title)", title: title,
          page: "\(chapter.page)#\(anchor(title))")
      } else {
        section?.text += block.words
        if case .paragraph(let text) = block, let page = section?.page {
          noteWords(text, page)
        }
      }
    }
    if let section { note(section) }
  }

  /// For the search: A *handle* is a callback that waits for its turn.
  private mutating func noteWords(_ text: [Inline], _ page: String) {
    for (place, inline) in text.enumerated() {
      guard case .emphasis(let term) = inline, place + 1 < text.count,
        case .text(let rest) = text[place + 1]
      else { continue }
      let before = place > 0 ? plainText([text[place - 1]]) : ""
      let isExplained =
        ["A ", "An "].contains { before.hasSuffix($0) }
        || rest.prefixMatch(of: /\s+(is|are)\s/) != nil
      if !isExplained { continue }
      let word = plainText(term)
      if word.split(separator: " ").count > 2 || !words.insert(word).inserted {
        continue
      }
      let sentence = plainText(Array(text[(place + 1)...])).replacing("\n", with: " ")
        .prefix { $0 != "." }
      note(Found(kind: "word", title: word, page: page, text: "\(word)\(sentence)."))
    }
  }

  /// The programs that lie beside a chapter, a page for each folder of them.
  mutating func addSideFiles() throws {
    let folder = "\(tree.root ?? "")/chapters"
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    where !name.contains(".") {
      var body: HTML = ""
      let files = try FileManager.default.contentsOfDirectory(
        atPath: "\(folder)/\(name)")
      for picture in files
      where picture.hasSuffix(".svg") && !drawn.contains("\(name)/\(picture)") {
        self.files["\(name)/\(picture)"] = try Data(
          contentsOf: URL(fileURLWithPath: "\(folder)/\(name)/\(picture)"))
      }
      let programs = files.filter { !$0.hasSuffix(".svg") }
      if programs.isEmpty { continue }
      for file in programs.sorted() {
        let text = try String(
          contentsOfFile: "\(folder)/\(name)/\(file)", encoding: .utf8)
        let lines = splitLines(text)
        let spans =
          Language(path: file).map { coloredSource(lines, $0) }
          ?? lines.map { [SourceSpan($0, .plain)] }
        let code = spans.map { line -> HTML in "\(line.map(sourceSpan))\n" }
        body +=
          "<h2 id=\"\(file)\">\(file)</h2><pre class=\"code\"><code>\(code)</code></pre>"
      }
      add(
        Page(
          path: "\(name).files.html", title: name,
          body: """
            <div class="plain"><main class="text">\(runningHTML())<h1><code>\(name)</code></h1>
            <p>The programs of <a href="\(name).html">this chapter</a>.</p>\(body)</main></div>
            """))
    }
  }

  private func onwardHTML(_ before: Chapter?, _ after: Chapter?) -> HTML {
    func link(_ chapter: Chapter?, _ arrow: String, _ isBack: Bool) -> HTML {
      guard let chapter else { return "<span></span>" }
      let text = isBack ? "\(arrow) \(chapter.title)" : "\(chapter.title) \(arrow)"
      return "<a href=\"\(chapter.page)\">\(text)</a>"
    }
    return
      "<nav class=\"onward\" aria-label=\"Chapters\">\(link(before, "←", true))\(link(after, "→", false))</nav>"
  }

  private func bench(_ chapter: Chapter) -> HTML {
    let files = chapter.sources.filter { tree.file($0) != nil }
    return benchHTML(
      traces: chapter.traces, first: chapter.firstStep, files: files,
      lines: files.first.flatMap(tree.file).map {
        sourceLines($0, coloredSource($0, .swift))
      } ?? "")
  }

  // MARK: Contents

  /// One page that leads to all the others.
  mutating func addContents() {
    var list: HTML = ""
    for chapter in chapters where chapter.path != "README.md" {
      let scenarios = Scenario.all.filter { $0.chapter == chapter.number }
      let scars = Scar.all.filter { $0.chapter == chapter.number }
      list += "<li><a href=\"\(chapter.page)\">\(chapter.title)</a>"
      if let question = chapter.question { list += "<p>\(question)</p>" }
      if chapter.number > 0, !scenarios.isEmpty || !scars.isEmpty {
        list += "<p>"
        for scenario in scenarios {
          list +=
            "<a href=\"scenario-\(scenario.name).html\"><code>\(scenario.name)</code></a> "
        }
        list += "</p>"
        if !scars.isEmpty { list += scarsHTML(scars) }
      }
      list += "</li>\n"
    }
    add(
      Page(
        path: "contents.html", title: "Contents",
        body: """
          <div class="plain"><main class="text">\(runningHTML())<h1>Contents</h1>\(searchHTML)
          <p>Below each chapter are the scenarios that it tells, to step through, and its scars:
          bugs of asyncio or of a relative, and the lines that are there because of them.</p>
          <ul class="contents">\(list)
          <li><a href="this-page.html">The loop that served you this page</a>
          <p>If you have it from <code>swift run walkthrough book</code>: what that did.</p></li>
          <li><a href="source/index.html">All files of the source</a></li></ul></main></div>
          """))
  }

  /// The scars that a chapter tells, folded.
  private func scarsHTML(_ scars: [Scar]) -> HTML {
    var rows: HTML = ""
    for scar in scars {
      rows +=
        "<li><a href=\"scar-\(scar.id).html\">\(scar.id)</a> \(scar.symptom)</li>\n"
    }
    let count = scars.count == 1 ? "one scar" : "\(scars.count) scars"
    return "<details><summary>\(count)</summary><ul>\(rows)</ul></details>"
  }

  /// For who has opened the book and wants to see something.
  private var beginHTML: HTML {
    guard let chapter = chapters.first(where: { $0.number == 6 }) else { return "" }
    return """
      <p class="begin">Begin with <a href="\(chapter.page)">chapter \(chapter.title)</a>, or step
      through <a href="scenario-accept.html#accept/25">a loop that accepts a client</a>. All that
      there is: <a href="contents.html">contents</a>.</p>

      """
  }

  private var searchHTML: HTML {
    """
    <div class="search" hidden><input type="search" aria-label="Search" \
    placeholder="Search: text, functions, scars"><p role="status"></p><ul></ul></div>
    """
  }
}

/// What stands above every text.
///
/// - Parameters:
///   - sections: of this text, if it has some.
///   - toRoot: the way to the book's root.
func runningHTML(_ sections: HTML = "", toRoot: String = "") -> HTML {
  """
  <header class="running"><a href="\(toRoot)index.html">How does an event loop really \
  work?</a>\(sections)<a class="find" href="\(toRoot)contents.html">search</a>\
  <a href="\(toRoot)contents.html">contents</a></header>

  """
}

/// A text with the bench beside it.
func besideBench(_ main: HTML, _ bench: HTML, kind: String = "book") -> HTML {
  """
  <a class="skip" href="#machine">To the machine</a>
  <div class="\(kind)">\(main)\(bench)</div>
  """
}

extension MarkdownBlock {
  /// What the search looks into: what somebody has written, and not what was made of the
  /// source or of a trace.
  fileprivate var words: String {
    switch self {
    case .heading(_, let text), .paragraph(let text):
      plainText(text).replacing("\n", with: " ") + " "
    case .list(_, let items): items.joined().map(\.words).joined()
    case .details(let summary, let inner):
      plainText(summary) + " " + inner.map(\.words).joined()
    case .table(let head, let rows):
      ([head] + rows).joined().map { plainText($0) }.joined(separator: " ") + " "
    case .code, .woven: ""
    }
  }
}
