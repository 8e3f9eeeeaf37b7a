import Asking
@testable import Book
import Comparison
import Foundation
import Recording
import Scars
import Scenarios
@testable import Screen
import Telling
import TestSupport
import Testing

/// The book in a real browser, compared with the terminal. What is to be seen is put down
/// here, from the terminal's own model; that it is seen, `browser.py` finds out.
@Suite struct InBrowser {
  /// A Python with Playwright, and Chromium: `.ci/run` brings both. `nil` without them.
  private static let tools: (python: String, chromium: String)? = {
    let environment = ProcessInfo.processInfo.environment
    let python = environment["BOOK_PYTHON"] ?? "python3"
    let places = ["/usr/bin/chromium", "/usr/bin/chromium-browser"]
    let chromium =
      environment["BOOK_CHROMIUM"]
      ?? places.first { FileManager.default.isExecutableFile(atPath: $0) }
    let hasPlaywright = try? BookTests.python(
      with: python, ["-c", "import playwright"])
    guard let chromium, hasPlaywright?.code == 0 else { return nil }
    return (python, chromium)
  }()

  @Test(
    .enabled(
      if: InBrowser.tools != nil,
      "no Chromium, or no Python with Playwright (BOOK_PYTHON says where)"))
  func `it shows what the terminal shows`() throws {
    let (interpreter, chromium) = try #require(Self.tools)
    let site = try wholeBook.get()
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "book-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (path, data) in site.files {
      let file = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: file)
    }
    let book = try Served()
    let plan = try plan(
      site, served: "http://127.0.0.1:\(book.port)/", folder, chromium)
    let file = folder.appending(path: "plan.json")
    try Data(plan.line.utf8).write(to: file)
    let (code, output) = try python("browser.py", [file.path], with: interpreter)
    try book.stop()
    #expect(code == 0, "\(output)")
  }

  private func plan(
    _ site: Site, served: String, _ folder: URL, _ chromium: String
  ) throws -> JSON {
    let pages = site.files.keys.filter { $0.hasSuffix(".html") }.sorted()
    let benches = pages.filter { page in
      String(decoding: site.files[page]!, as: UTF8.self).contains("class=\"bench\"")
    }
    func list(_ texts: [String]) -> JSON { .list(texts.map { .text($0) }) }
    let walked = ["accept", "connect", "recv-cancel-retry"]
    return [
      "served": .text(served), "folder": .text(folder.path),
      "chromium": .text(chromium),
      "pages": list(pages), "benches": list(benches),
      "over_http": list(pages.filter { $0.first!.isNumber || $0 == "this-page.html" }),
      "walks": .object(
        Dictionary(uniqueKeysWithValues: try walked.map { ($0, try walk($0)) })),
      "keys": .object(
        Dictionary(
          uniqueKeysWithValues: try (walked + ["scar-A2"]).map { ($0, try presses($0)) }
        )),
      "page_of": .object(
        Dictionary(
          uniqueKeysWithValues: ((walked + ["chat"]).map {
            ($0, .text("scenario-\($0).html"))
          }) + [("scar-A2", .text("scar-A2.html"))])),
      "questions": .object(
        Dictionary(
          uniqueKeysWithValues: try [("accept", 1), ("recv-cancel-retry", 20)].map {
            ($0.0, ["start": JSON($0.1), "asked": try questions($0.0, from: $0.1)])
          })),
      "lanes": .object(
        Dictionary(
          uniqueKeysWithValues: try ["accept", "chat", "scar-A2"].map {
            ($0, try lanes($0))
          })),
      "searches": [
        "sockAccept": "source/SocketOperations-SockAccept.swift.html",
        "A2": "scar-A2.html", "half-close": "scenario-transport-half-close.html",
        "EAGAIN backlog": "0",
        "_sock_accept": "source/SocketOperations-SockAccept.swift.html",
        "[accept.would-block]": "source/SocketOperations-SockAccept.swift.html#L",
      ],
    ]
  }

  private func browser(_ name: String) throws -> (Browser, Trace) {
    let scenario = try #require(
      Scenario.played(name.replacing("scar-", with: "scar ")))
    let trace = try scenario.usualTrace()
    return (Browser(trace), trace)
  }

  /// What `walkthrough NAME:START --predict --json` says, and the line that decides.
  private func questions(_ name: String, from start: Int) throws -> JSON {
    let trace = try #require(Scenario.named(name)).usualTrace()
    let tree = SourceTree()
    let asked = Asking.questions(about: trace, tree).filter { $0.step > start }
    return .list(
      try asked.selection.map { question in
        guard case .object(var object) = question.json else { return question.json }
        let line = try #require(question.line)
        object["place"] = .text(question.place)
        object["code"] = .text(try #require(tree.lines(question.file))[line - 1] + "\n")
        return .object(object)
      })
  }

  /// Keys in the picture of the whole run, and after each what the terminal has: the
  /// step, those to which it is linked, and the rows.
  private func lanes(_ name: String) throws -> JSON {
    var (browser, trace) = try browser(name)
    let keys: [(String, Key)] =
      [
        ("ArrowRight", .right), ("ArrowLeft", .left), ("ArrowDown", .down),
        ("ArrowUp", .up), ("Home", .home), ("End", .end), (" ", .character(" ")),
        ("Backspace", .backspace),
      ] + "npo".map { ("\($0)", .character($0)) }
    var presses: [JSON] = []
    func press(_ key: (String, Key)) {
      _ = browser.press(key.1)
      let size = ScreenSize(columns: 2 * trace.steps.count + 100, rows: 100)
      let screen = timelineScreen(browser, size).map(\.text)
      let rows = screen.dropFirst(3).prefix { !$0.hasPrefix("──") }
      let partners = browser.lanes?.partners(of: browser.position) ?? []
      presses.append([
        "key": .text(key.0), "number": JSON(browser.position),
        "linked": .list(partners.sorted().map { JSON($0) }),
        "rows": .list(rows.map { .text($0) }),
      ])
    }
    press(("t", .character("t")))
    for round in 0..<60 {
      press(round % 2 == 0 ? keys[0] : keys[round * 7 % keys.count])
    }
    _ = browser.press(.enter)
    return ["presses": .list(presses), "end": JSON(browser.position)]
  }

  /// Every step, as the terminal tells it.
  private func walk(_ name: String) throws -> JSON {
    var (browser, trace) = try browser(name)
    _ = browser.press(.character("u"))
    let tree = SourceTree()
    return .list(
      trace.steps.map { step in
        let rows = machinePane(browser, width: 400, height: 400).map(\.text)
        let telling = browser.tellings[browser.position - 1]
        let head = rows[0].replacing(" · nothing changed", with: "")
        let line = tree.lines(step.file)?[step.line - 1] ?? ""
        _ = browser.press(.right)
        return [
          "sentence": .text(withoutPorts(telling.sentence)),
          "phase": .text(head.trimmingCharacters(in: .whitespaces)),
          "line": .text(line + "\n"), "sections": .object(sections(rows.dropFirst())),
        ]
      })
  }

  /// What stands in the pane, without its blanks and without what is not the machine's.
  private func sections(_ rows: ArraySlice<String>) -> [String: JSON] {
    var sections: [String: String] = [:]
    var title = ""
    for row in rows where row.contains(where: { $0 != " " }) {
      if let next = TraceData.sections.first(where: { row.hasPrefix($0) }) {
        title = next
        sections[title] = ""
      } else {
        sections[title]? += withoutPorts(row).filter { !$0.isWhitespace }
      }
    }
    return sections.mapValues { .text($0) }
  }

  /// Keys, and where the terminal is after each.
  private func presses(_ name: String) throws -> JSON {
    var (browser, trace) = try browser(name)
    let keys: [(String, Key)] =
      [
        ("ArrowRight", .right), ("ArrowLeft", .left), ("ArrowDown", .down),
        ("ArrowUp", .up), ("Enter", .enter), (" ", .character(" ")), ("Home", .home),
        ("End", .end), ("Backspace", .backspace), ("Escape", .escape),
      ] + "npearEARoud".map { ("\($0)", .character($0)) }
    // Numbers that look like dice, and are the same every time.
    var seed = UInt64(trace.steps.count)
    func next(_ count: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % count
    }
    var presses: [JSON] = []
    func press(_ key: (String, Key)) {
      _ = browser.press(key.1)
      presses.append(.list([.text(key.0), JSON(browser.position)]))
    }
    for round in 0..<80 {
      // Most of the keys lead backwards or to an end.
      press(round % 3 == 0 ? keys[0] : keys[next(keys.count)])
      if round % 20 == 19 {
        press(("f", .character("f")))
        for _ in 0..<4 { press(keys[next(4)]) }
        press(("Escape", .escape))
      }
    }
    return .list(presses)
  }
}
