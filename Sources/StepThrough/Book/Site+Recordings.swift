import Asking
import Comparison
import Foundation
import Recording
import Scars
import Scenarios
import Telling

// What can be played: the scenarios, what could have been otherwise in them, the scars,
// and the loop that serves the book.

extension Site {
  mutating func addRecordings() throws {
    let courses = Scenario.all.map { $0.usualCourse() }
    for course in courses { if let failure = course.failure { throw failure } }
    let main = Set(chapters.compactMap(\.traces.first))
    let answers = Answers.all(
      zip(Scenario.all, courses).filter { main.contains($0.0.name) }, tree)
    for (scenario, course) in zip(Scenario.all, courses) {
      addScenario(scenario, course, main.contains(scenario.name))
    }
    for scar in Scar.all { try addScar(scar) }
    _ = questions.object(asked)
    files["data/questions.js"] = Data(questions.script("questions").utf8)
    for answers in answers() {
      files["data/\(answers.name).js"] = Data(answers.script.utf8)
      wanted.formUnion(answers.sources)
    }
    addServerPage()
  }

  private mutating func add(_ data: TraceData) {
    files["data/\(data.name).js"] = Data(data.script.utf8)
    for step in data.trace.steps { wanted.insert(tree.path(step.file)) }
    let questions = Asking.questions(about: data.trace, tree)
    for question in questions { wanted.insert(tree.path(question.file)) }
    asked[data.name] = self.questions.questions(questions, tree)
  }

  // MARK: Scenarios

  private mutating func addScenario(
    _ scenario: Scenario, _ course: Course, _ hasAnswers: Bool
  ) {
    let (name, trace) = (scenario.name, course.trace)
    let page = "scenario-\(name).html"
    add(
      TraceData(
        name: name, trace: trace, tree: tree,
        counterparts: Counterparts(trace, tree),
        page: page, possible: course.possible, hasAnswers: hasAnswers))
    var rows: HTML = ""
    var turn = -1
    for telling in trace.tellings {
      let number = telling.step.number
      // A turn is numbered where it begins, so that the eye finds the beginning.
      let begin = telling.iteration == turn ? "" : "\(telling.iteration)"
      turn = telling.iteration
      // That a cell or a row has an end, a browser knows.
      rows += """
        <tr data-step=\(number)><td><a href="#\(name)/\(number)">\(number)</a>\
        <td>\(begin)<td>\(withoutPorts(telling.sentence))

        """
    }
    let scripted: HTML =
      scenario.isScripted
      ? "<p>The kernel follows a script here; it would not misbehave on demand.</p>"
      : ""
    let main: HTML = """
      <main class="text">\(runningHTML())<h1><code>\(name)</code></h1>
      <p class="question"><strong>\(scenario.title)</strong></p>\(scripted)\
      \(told(name, in: scenario.chapter))
      <pre class="shell"><code>swift run walkthrough \(name)</code></pre>
      <div class="wide"><table class="steps" data-trace="\(name)">
      <thead><tr><th>step</th><th>turn</th><th>what happened</th></tr></thead>
      <tbody>\(rows)</tbody></table></div></main>
      """
    let bench = benchHTML(traces: [name], first: 1)
    add(
      Page(
        path: page, title: "\(name): \(scenario.title)",
        body: besideBench(main, bench)))
    note(Found(kind: "scenario", title: name, page: page, text: scenario.title))
  }

  private func told(_ name: String, in chapter: Int) -> HTML {
    guard let chapter = chapters.first(where: { $0.number == chapter }) else {
      return ""
    }
    let place = told.contains(name) ? "#of-\(name)" : ""
    return
      "<p>Told in <a href=\"\(chapter.page)\(place)\">chapter \(chapter.title)</a>.</p>"
  }

  // MARK: Scars

  private mutating func addScar(_ scar: Scar) throws {
    let page = "scar-\(scar.id).html"
    note(Found(kind: "scar", title: scar.id, page: page, text: scar.symptom))
    var text: HTML = """
      <h1>Scar \(scar.id)</h1>
      <p class="question"><strong>\(scar.symptom)</strong></p>
      <p>\(withReports(scar.report[...])), \(scar.year).</p>\(told(scar.id, in: scar.chapter))
      """
    guard let scenario = scar.scenario else {
      return add(
        Page(
          path: page, title: "Scar \(scar.id)",
          body: """
            <div class="plain"><main class="text">\(runningHTML())\(text)</main></div>
            """))
    }
    let name = "scar-\(scar.id)"
    let trace = try scenario.usualTrace()
    add(
      TraceData(
        name: name, trace: trace, tree: tree, counterparts: nil, page: page))
    text +=
      "<pre class=\"shell\"><code>swift run walkthrough scar \(scar.id)</code></pre>"
    text += halvesHTML(trace, name, tree)
    add(
      Page(
        path: page, title: "Scar \(scar.id): \(scar.symptom)",
        body: besideBench(
          "<main class=\"text\">\(runningHTML())\(text)</main>",
          benchHTML(traces: [name], first: trace.parting?.old ?? 1),
          kind: "book halved")))
  }

  // MARK: The loop that serves

  /// The page about the loop that served it. In a folder there is no such loop.
  private mutating func addServerPage() {
    let main: HTML = """
      <main class="text">\(runningHTML())<h1>The loop that served you this page</h1>
      <p class="question"><strong>What did it do, to bring it here?</strong></p>
      <p>This page came from a loop of this very package, on its own streams. Beside this text
      is what that loop did, from the accept that took your connection out of the backlog to
      the write that handed this page to the kernel.</p>
      <p>Look for four places. The <code>accept4</code>: your browser was waiting in the
      backlog. The <code>epoll_ctl</code> that registers the new connection, so that the
      selector reports it. The <code>recv</code> that brought your browser's request, and woke
      the task that waited for its lines. And the <code>sendmsg</code> that found room for all of
      the answer at once: nothing had to wait, and no writer was registered.</p>
      <p>If your browser had kept the connection from an earlier page, what brought that page
      stands before it; and if the accept is further back than the loop remembers, the
      recording begins later. Load the page again, and it is another one.</p>
      <p>In a folder of files nobody serves, and there is nothing to show:
      <code>swift run walkthrough book</code> does.</p></main>
      """
    add(
      Page(
        path: "this-page.html", title: "The loop that served you this page",
        body: besideBench(
          main, benchHTML(traces: ["this-page"], first: 1))))
    wanted.formUnion(servingFiles)
    // Who serves the book has something else in this place.
    var nothing = Packed()
    _ = nothing.bool(false)
    files["data/this-page.js"] = Data(nothing.script("this-page").utf8)
  }

  /// The files from which the steps of a loop come that serves the book.
  private var servingFiles: [String] {
    tree.allPaths.filter { path in
      ["EventLoops", "Transports", "Streams", "Selectors", "Sockets"].contains {
        path.hasPrefix("Sources/\($0)/")
      } || path.hasSuffix("Book/BookServer.swift")
        || path.hasSuffix("BookCommand.swift")
    }
  }

  /// The recording of the loop that serves, as the browser wants it.
  ///
  /// - Parameters:
  ///   - trace: its steps, numbered from 1.
  ///   - base: the machine before them.
  func script(of trace: Trace, from base: LoopState) -> String {
    TraceData(
      name: "this-page", trace: trace, tree: tree, counterparts: nil,
      base: base
    ).script
  }
}
