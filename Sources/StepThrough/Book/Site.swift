import Comparison
package import Foundation
import Recording
import Scars
import Scenarios
package import Telling

// The whole book as files. It knows the package: which chapters, sources, scenarios and
// scars there are. Whoever serves it or writes it to a folder knows only paths and bytes.

/// All pages and what they load.
package struct Site {
  /// From a path, `06-sock-accept.html`, to what is there.
  package private(set) var files: [String: Data] = [:]
  /// What is wrong with the text: a link that leads nowhere, Markdown that nobody knows.
  package private(set) var problems: [String] = []

  private let tree: SourceTree
  private var chapters: [Chapter] = []
  private var search: [[String: String]] = []
  private let scarsPlayed: [String: Bool]
  private let scenarioNames: Set<String>
  /// The files to which a step leads.
  private var stepped: Set<String> = []

  /// Makes all of it.
  ///
  /// - Parameter tree: the package.
  /// - Throws: `MarkdownError`; and what a scenario throws.
  package init(_ tree: SourceTree) throws {
    self.tree = tree
    scarsPlayed = Dictionary(
      uniqueKeysWithValues: Scar.all.map { ($0.id, $0.replay != nil) })
    scenarioNames = Set(Scenario.all.map(\.name))
    chapters = try Chapter.all(tree)
    try addChapters()
    try addSideFiles()
    try addTraces()
    addServerPage()
    addSources()
    try addAssets()
  }

  private mutating func add(_ page: Page) {
    files[page.path] = Data(page.document.utf8)
  }

  private func places(_ page: String, _ folder: String) -> Places {
    Places(
      scenarios: scenarioNames, scars: scarsPlayed, tree: tree,
      toRoot: String(repeating: "../", count: page.count { $0 == "/" }), folder: folder)
  }

  private mutating func note(
    _ kind: String, _ title: String, _ page: String, _ text: String? = nil
  ) {
    var entry = ["kind": kind, "title": title, "page": page]
    entry["text"] = text
    search.append(entry)
  }

  // MARK: Text

  private mutating func addChapters() throws {
    for (place, chapter) in chapters.enumerated() {
      var text = ChapterHTML(places(chapter.page, chapter.folder), file: chapter.path)
      let body = text.blocks(try markdown(chapter.text, file: chapter.path))
      problems += text.problems
      let title = text.headings.first?.text ?? chapter.path
      for heading in text.headings {
        note(
          heading.level == 1 ? "chapter" : "section", heading.text,
          "\(chapter.page)#\(heading.id)")
      }
      let onward = onwardHTML(
        place > 0 ? chapters[place - 1] : nil,
        place + 1 < chapters.count ? chapters[place + 1] : nil)
      let search: HTML =
        place < 2
        ? "<div class=\"search\" hidden><input type=\"search\" placeholder=\"Search: text, functions, scars\" aria-label=\"Search\"><ul></ul></div>"
        : ""
      let main: HTML = """
        <main class="text"><header class="running"><a href="index.html">How does an event loop \
        really work?</a><a href="chapters.html">contents</a></header>
        \(search)\(body)\(onward)</main>
        """
      let page: HTML =
        chapter.traces.isEmpty
        ? "<div class=\"plain\">\(main)</div>"
        : """
        <a class="skip" href="#machine">To the machine</a>
        <div class="book">\(main)\(bench(chapter))</div>
        """
      add(Page(path: chapter.page, title: title, body: page))
    }
  }

  /// The programs that lie beside a chapter, a page for each folder of them.
  private mutating func addSideFiles() throws {
    let folder = "\(tree.root ?? "")/chapters"
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    where !name.contains(".") {
      var body: HTML = ""
      let files = try FileManager.default.contentsOfDirectory(
        atPath: "\(folder)/\(name)")
      for picture in files where picture.hasSuffix(".svg") {
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
            <div class="plain"><main class="text">\(header)<h1><code>\(name)</code></h1>
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
      "<nav class=\"onward\">\(link(before, "←", true))\(link(after, "→", false))</nav>"
  }

  private func bench(_ chapter: Chapter) -> HTML {
    benchHTML(
      traces: chapter.traces, first: chapter.firstStep,
      files: chapter.sources.compactMap { path in
        tree.file(path).map { (path, sourceLines($0, .swift)) }
      })
  }

  // MARK: Traces

  private mutating func addTraces() throws {
    for scenario in Scenario.all {
      try addTrace(
        scenario, name: scenario.name, title: scenario.title, kind: "scenario", text: ""
      )
    }
    for scar in Scar.all {
      let chapter = chapters.first { $0.number == scar.chapter }
      let told: HTML =
        chapter.map {
          "<p>Told in <a href=\"\($0.page)\">chapter \(scar.chapter)</a>.</p>"
        } ?? ""
      let text: HTML = """
        <p class="question"><strong>\(scar.symptom)</strong></p>
        <p>\(scar.report), \(scar.year).</p>\(told)
        """
      if let scenario = scar.scenario {
        try addTrace(
          scenario, name: "scar-\(scar.id)", title: scar.symptom, kind: "scar",
          text: text)
      } else {
        add(
          Page(
            path: "scar-\(scar.id).html", title: "Scar \(scar.id)",
            body:
              "<div class=\"plain\"><main class=\"text\">\(header)<h1>Scar \(scar.id)</h1>\(text)</main></div>"
          ))
      }
      note("scar", scar.id, "scar-\(scar.id).html", scar.symptom)
    }
  }

  private let header: HTML = """
    <header class="running"><a href="index.html">How does an event loop really work?</a>\
    <a href="chapters.html">contents</a></header>
    """

  private mutating func addTrace(
    _ scenario: Scenario, name: String, title: String, kind: String, text: HTML
  ) throws {
    let trace = try scenario.usualTrace()
    let data = TraceData(
      name: name, title: title, isScripted: scenario.isScripted, trace: trace,
      tree: tree,
      counterparts: Counterparts(trace, tree))
    for step in trace.steps { stepped.insert(tree.path(step.file)) }
    files["data/\(name).js"] = Data(try data.script().utf8)

    var rows: HTML = ""
    for telling in trace.tellings {
      let number = telling.step.number
      rows += """
        <tr data-step="\(number)"><td><a href="#\(name)/\(number)">\(number)</a></td>\
        <td>\(telling.iteration)</td><td>\(withoutPorts(telling.sentence))</td></tr>

        """
    }
    let scripted: HTML =
      scenario.isScripted
      ? "<p>The kernel follows a script here; it would not misbehave on demand.</p>"
      : ""
    let heading = kind == "scar" ? "Scar \(name.dropFirst(5))" : name
    let body: HTML = """
      <a class="skip" href="#machine">To the machine</a>
      <div class="book"><main class="text">\(header)<h1><code>\(heading)</code></h1>
      <p class="question"><strong>\(title)</strong></p>\(kind == "scar" ? text : "")\(scripted)
      <pre class="shell"><code>swift run walkthrough \(scenario.name)</code></pre>
      <div class="wide"><table class="steps" data-trace="\(name)">
      <thead><tr><th>step</th><th>turn</th><th>what happened</th></tr></thead>
      <tbody>\(rows)</tbody></table></div></main>
      \(benchHTML(traces: [name], first: 1, files: []))</div>
      """
    add(
      Page(
        path: "\(kind)-\(kind == "scar" ? String(name.dropFirst(5)) : name).html",
        title: "\(heading): \(title)", body: body))
    if kind == "scenario" { note("scenario", name, "scenario-\(name).html", title) }
  }

  /// The recording of the loop that serves, as the browser wants it.
  ///
  /// - Parameters:
  ///   - trace: its last steps.
  ///   - base: the machine before them.
  func script(of trace: Trace, from base: LoopState) throws -> String {
    try TraceData(
      name: "this-page", title: "", isScripted: false, trace: trace, tree: tree,
      counterparts: nil, base: base
    ).script()
  }

  /// The page about the loop that served it. In a folder there is no such loop.
  private mutating func addServerPage() {
    let body: HTML = """
      <a class="skip" href="#machine">To the machine</a>
      <div class="book"><main class="text">\(header)
      <h1>The loop that served you this page</h1>
      <p class="question"><strong>What did it do, to bring it here?</strong></p>
      <p>This page came from a loop of this very package: a listener, a transport, a stream
      reader that waited for your browser's lines, a writer that handed the answer to the
      kernel. Beside this text are its last steps, up to the one in which it asked itself for
      them. The page is one request and its recording another, on the same connection if your
      browser kept it.</p>
      <p>Look for four places: the accept that took your connection out of the backlog; the
      reader that was registered for it; the recv that brought the request; and the send that
      found room for all of the answer, so that nothing had to wait.</p>
      <p>Load the page again, and it is another recording. (From a folder there is nobody who
      could record anything: then the machine says that it could not be loaded.)</p></main>
      \(benchHTML(traces: ["this-page"], first: 1, files: []))</div>
      """
    add(
      Page(
        path: "this-page.html", title: "The loop that served you this page", body: body)
    )
  }

  // MARK: Source

  private mutating func addSources() {
    var list: HTML = ""
    var folder = ""
    for path in tree.allPaths {
      guard let lines = tree.file(path), let language = Language(path: path) else {
        continue
      }
      let page = Places.page(ofSource: path)
      let html = sourceLines(lines, language)
      let numbered = sourceLines(lines, language, isPage: true)
      let name = page.dropFirst("source/".count).dropLast(".html".count)
      // The same lines twice: as a page for whoever reads, and for the bench, which can
      // load scripts and no pages.
      if stepped.contains(path) || !path.hasPrefix("Sources/StepThrough/") {
        let literal =
          (try? JSONSerialization.data(
            withJSONObject: [html.markup], options: [.withoutEscapingSlashes]))
          ?? Data()
        files["data/source-\(name).js"] = Data(
          "book.source(\"source-\(name)\", \(String(decoding: literal, as: UTF8.self))[0])\n"
            .utf8)
      }
      let body: HTML = """
        <div class="plain page"><main class="text"><header class="running">\
        <a href="../index.html">How does an event loop really work?</a>\
        <a href="index.html">all files</a></header>
        <h1><code>\(path.split(separator: "/").last ?? "")</code></h1><p>\(path)</p>
        <div class="listing">\(numbered)</div></main></div>
        """
      add(Page(path: page, title: path, body: body))
      let parent = path.split(separator: "/").dropLast().joined(separator: "/")
      if parent != folder {
        list += folder.isEmpty ? "" : "</ul>"
        list += "<h2 id=\"\(parent)\">\(parent)</h2><ul>"
        folder = parent
      }
      list +=
        "<li><a href=\"\(String(page.dropFirst(7)))\">\(path.split(separator: "/").last ?? "")</a></li>\n"
      for (number, line) in lines.enumerated() {
        if line.contains("func "),
          let match = line.firstMatch(
            of: /^ *(?:(?:public|package|final|static|mutating) )*func (\w+)/)
        {
          note("function", String(match.1), "\(page)#L\(number + 1)", path)
        }
      }
    }
    let body: HTML = """
      <div class="plain page"><main class="text"><header class="running">\
      <a href="../index.html">How does an event loop really work?</a></header>
      <h1>All files</h1>\(list)</ul></main></div>
      """
    add(Page(path: "source/index.html", title: "All files", body: body))
  }

  private mutating func addAssets() throws {
    let folder = "\(tree.root ?? "")/Sources/StepThrough/Book"
    for name in ["book.css", "book.js"] {
      files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    let data = try JSONSerialization.data(
      withJSONObject: search, options: [.sortedKeys, .withoutEscapingSlashes])
    files["data/search.js"] = Data(
      "book.search(\(String(decoding: data, as: UTF8.self)))\n".utf8)
  }
}
