import Foundation
import Scars
import Scenarios
import Telling

// The chapters, what lies beside them, and the contents.

extension Site {
  mutating func addChapters() throws {
    for (place, chapter) in chapters.enumerated() {
      var text = ChapterHTML(places(chapter.folder), file: chapter.path)
      let blocks = try markdown(chapter.text, file: chapter.path)
      let body = text.blocks(blocks)
      problems += text.problems
      wanted.formUnion(text.sources)
      drawn.formUnion(text.drawn)
      noteSections(chapter, blocks)
      let onward = onwardHTML(
        place > 0 ? chapters[place - 1] : nil,
        place + 1 < chapters.count ? chapters[place + 1] : nil)
      let search: HTML = place == 0 ? "\(searchHTML)\(beginHTML)" : ""
      let main: HTML = """
        <main class="text">\(runningHTML())\(search)\(body)\(onward)</main>
        """
      add(
        Page(
          path: chapter.page, title: chapter.title,
          body: chapter.traces.isEmpty
            ? "<div class=\"plain\">\(main)</div>" : besideBench(main, bench(chapter))))
    }
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
      }
    }
    if let section { note(section) }
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
        for scar in scars {
          list += "<a class=\"scar\" href=\"scar-\(scar.id).html\">\(scar.id)</a> "
        }
        list += "</p>"
      }
      list += "</li>\n"
    }
    add(
      Page(
        path: "contents.html", title: "Contents",
        body: """
          <div class="plain"><main class="text">\(runningHTML())<h1>Contents</h1>\(searchHTML)
          <p>Below each chapter are the scenarios that it tells, to step through, and the
          scars.</p>
          <ul class="contents">\(list)
          <li><a href="this-page.html">The loop that served you this page</a>
          <p>If you have it from <code>swift run walkthrough book</code>: what that did.</p></li>
          <li><a href="source/index.html">All files of the source</a></li></ul></main></div>
          """))
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
func runningHTML(toRoot: String = "") -> HTML {
  """
  <header class="running"><a href="\(toRoot)index.html">How does an event loop really \
  work?</a><a href="\(toRoot)contents.html">contents</a></header>

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
