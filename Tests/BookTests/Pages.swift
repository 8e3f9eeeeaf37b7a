import Asking
import Book
import Foundation
import Recording
import Scenarios
import Telling
import Testing

/// The whole book, made once.
@Suite struct Pages {
  private func text(_ path: String) throws -> String {
    String(
      decoding: try #require(wholeBook.get().files[path], "\(path)"), as: UTF8.self)
  }

  @Test func `every link and every fragment leads somewhere`() throws {
    let site = try wholeBook.get()
    #expect(site.problems == [])
    var ids: [String: Set<String>] = [:]
    for (path, data) in site.files where path.hasSuffix(".html") {
      let page = String(decoding: data, as: UTF8.self)
      ids[path] = Set(page.matches(of: #/ id="?([^"\s>]+)/#).map { String($0.1) })
    }
    let counts = stepCounts(site)
    #expect(counts.count > 50)
    var count = 0
    for (path, data) in site.files where path.hasSuffix(".html") {
      let page = String(decoding: data, as: UTF8.self)
      for match in page.matches(of: /(?:href|src)="([^"]+)"/) {
        count += 1
        let link = String(match.1)
        if link.hasPrefix("https://") { continue }
        let parts = link.split(
          separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let target = parts[0].isEmpty ? path : resolved(String(parts[0]), from: path)
        if site.files[target] == nil {
          Issue.record("\(path): \(link) leads to no file (\(target))")
        } else if parts.count > 1, !isStep(parts[1], counts),
          ids[target]?.contains(String(parts[1])) != true
        {
          Issue.record("\(path): \(link) leads to no place in \(target)")
        }
      }
    }
    #expect(count > 1000)
  }

  private func resolved(_ link: String, from path: String) -> String {
    var parts = path.split(separator: "/").dropLast().map(String.init)
    for part in link.split(separator: "/") {
      if part == ".." { parts.removeLast() } else { parts.append(String(part)) }
    }
    return parts.joined(separator: "/")
  }

  /// `accept/25`: the script finds those, if the recording has so many steps. `accept/25?`
  /// is the same, with questions.
  private func isStep(_ fragment: Substring, _ counts: [Substring: Int]) -> Bool {
    guard let slash = fragment.lastIndex(of: "/"),
      let number = Int(fragment[slash...].dropFirst().prefix { $0 != "?" })
    else { return false }
    return number >= 1 && number <= counts[fragment[..<slash], default: 0]
  }

  /// How many steps the recordings have. A file's last value is the recording, and one of
  /// its parts is the list of steps.
  private func stepCounts(_ site: Site) -> [Substring: Int] {
    var counts: [Substring: Int] = [:]
    for (path, data) in site.files where path.hasPrefix("data/") {
      guard case .list(let steps)? = unpacked(data)?["steps"] else { continue }
      counts[path.dropFirst(5).dropLast(3)] = steps.count
    }
    return counts
  }

  /// Which ten of all questions a reader gets depends on where they begin, and stands in
  /// the file as one number for each.
  @Test func `who begins anywhere is asked what the terminal asks there`() throws {
    let file = try #require(wholeBook.get().files["data/questions.js"])
    let asked = try #require(unpacked(file))
    var count = 0
    for scenario in Scenario.all {
      let trace = try scenario.usualTrace()
      guard case .list(let all)? = asked[scenario.name] else {
        Issue.record("\(scenario.name) has no list of questions")
        continue
      }
      let questions = questions(about: trace, SourceTree())
      for start in 0..<trace.steps.count {
        let here = all.filter {
          $0["from"]!.integer! <= start && start < $0["step"]!.integer!
        }
        let there = questions.filter { $0.step > start }.selection
        #expect(here.map { $0["step"]!.integer! } == there.map(\.step))
        count += here.count
      }
    }
    #expect(count > 1000)
  }

  @Test func `pictures are there, with words for who cannot see them`() throws {
    let site = try wholeBook.get()
    var shown: Set<String> = []
    for (path, data) in site.files where path.hasSuffix(".html") {
      let page = String(decoding: data, as: UTF8.self)
      for image in page.matches(of: #/<img src="([^"]+)" alt="([^"]*)"/#) {
        shown.insert(String(image.1))
        #expect(image.2.count > 12, "\(path)")
      }
    }
    #expect(shown.count { $0.hasPrefix("pictures/") } > 10)
    let all = site.files.keys.filter { $0.hasPrefix("pictures/") }
    #expect(Set(all).subtracting(shown) == [])
  }

  @Test func `a picture that is drawn from a trace is a part of the page`() throws {
    let site = try wholeBook.get()
    let counts = stepCounts(site)
    var drawn = 0
    var rows = 0
    for (path, data) in site.files where path.hasSuffix(".html") {
      let page = String(decoding: data, as: UTF8.self)
      for match in page.matches(
        of:
          #/<svg class="drawn steps" data-trace="([^"]+)"[^>]* aria-label="([^"]+)">(.*?)<\/svg>/#
          .dotMatchesNewlines())
      {
        drawn += 1
        #expect(match.2.count > 100, "\(path)")
        // Its style is the page's, and nothing in it has the name of a thing of the page.
        #expect(!match.3.contains("<style") && !match.3.contains(" id="))
        let looks = match.3.matches(of: /class="([^"]+)"/).flatMap {
          $0.1.split(separator: " ")
        }
        #expect(looks.count > 20 && looks.allSatisfy { $0.hasPrefix("d-") })
        let links = match.3.matches(
          of:
            #/<a href="#([^"]+)\/(\d+)" aria-label="step (\d+), [^"]+" data-step="([\d ]+)"/#
        )
        #expect(links.count > 10, "\(path)")
        for link in links {
          rows += 1
          let steps = link.4.split(separator: " ").compactMap { Int($0) }
          #expect(link.1 == match.1 && link.2 == link.3 && steps.first == Int(link.2))
          #expect(steps.last! <= counts[link.1, default: 0], "\(path): \(link.0)")
        }
      }
    }
    #expect(drawn == 10 && rows > 200)
    #expect(site.files["pictures/accept.svg"] == nil)
    let style = try text("book.css")
    for look in ["d-bar", "d-try", "d-back", "d-list"] {
      #expect(style.contains(".\(look)"))
    }
    #expect(
      try text("06-sock-accept.html").contains(
        #/<\/svg>\s*<figcaption>drawn from <a class="play" href="scenario-accept.html/#)
    )
  }

  @Test
  func `what could have been otherwise is there, for each chapter's main scenario`()
    throws
  {
    let site = try wholeBook.get()
    let table = try text("chapters.html")
    var names: Set<String> = []
    // The last cell of a chapter's row, and what stands first in it.
    for row in table.matches(of: /<tr><td><a href="\d\d-[^<]*<.*?<\/tr>/) {
      let cell = row.0.components(separatedBy: "<td>").last ?? ""
      if let name = cell.firstMatch(of: /<code>([a-z-]+)<\/code>/) {
        names.insert(String(name.1))
      }
    }
    #expect(names.count > 10)
    for name in names {
      guard case .list(let courses)? = site.files["data/\(name)~.js"].flatMap(unpacked)
      else {
        Issue.record("\(name) has no answers")
        continue
      }
      #expect(!courses.isEmpty, "\(name)")
    }
    // Of the longest, what its server may hear.
    guard case .list(let chat)? = site.files["data/chat~.js"].flatMap(unpacked) else {
      return
    }
    let all = chat.compactMap { $0["name"]?.string }
    #expect(all.contains { $0.hasSuffix("=ECONNRESET") })
    #expect(all.contains { $0.hasSuffix("=1") } && all.count < 30)
  }

  @Test func `the search finds text, functions, labels and scars`() throws {
    guard
      case .list(let all)? = try unpacked(
        #require(wholeBook.get().files["data/search.js"]))
    else {
      Issue.record("there is no search")
      return
    }
    let entries = all.map { entry in
      ["kind", "title", "page", "text"].map { entry[$0]?.string ?? "" }
    }
    func pages(_ title: String, _ kind: String) -> [String] {
      entries.filter { $0[0] == kind && $0[1].contains(title) }.map { $0[2] }
    }
    let accept = "source/SocketOperations-SockAccept.swift.html#L"
    #expect(pages("sockAcceptStep", "function").first?.hasPrefix(accept) == true)
    #expect(
      pages("BaseSelectorEventLoop._sock_accept", "function").first?.hasPrefix(accept)
        == true)
    #expect(pages("[accept.would-block]", "label").first?.hasPrefix(accept) == true)
    #expect(pages("A2", "scar") == ["scar-A2.html"])
    #expect(pages("accept-again", "scenario") == ["scenario-accept-again.html"])
    // Every heading of every chapter, and what stands below it.
    let folder = "\(SourceTree().root ?? "")/chapters"
    let texts = entries.map { $0[1] + " " + $0[3] }
    func bare(_ text: some StringProtocol) -> String {
      String(text.filter { $0.isLetter || $0.isNumber })
    }
    let found = texts.map(bare)
    var count = 0
    for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    where file.hasSuffix(".md") {
      let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      for line in text.split(separator: "\n") where line.hasPrefix("#") {
        count += 1
        let heading = bare(line)
        if !found.contains(where: { $0.hasPrefix(heading) }) {
          Issue.record("\(file): the search does not know '\(line)'")
        }
      }
    }
    #expect(count > 100)
  }

  @Test func `it is small, and loads nothing from elsewhere`() throws {
    let site = try wholeBook.get()
    #expect(site.files.values.map(\.count).reduce(0, +) < 8_000_000)
    for (path, data) in site.files where path.hasSuffix(".html") {
      let page = String(decoding: data, as: UTF8.self)
      #expect(page.contains("default-src 'none'"), "\(path)")
      #expect(!page.contains("src=\"http"), "\(path)")
      #expect(!page.contains(" style=\""), "\(path)")
      // What is markup is no text.
      #expect(path.hasPrefix("source/") || !page.contains("HTML(markup"), "\(path)")
    }
    #expect(
      try text("book.js").split(separator: "\n", omittingEmptySubsequences: false).count
        < 600)
  }

  @Test func `it is the same every time`() throws {
    let (one, other) = (try wholeBook.get(), try Site(SourceTree()))
    #expect(one.files.keys.sorted() == other.files.keys.sorted())
    for (path, data) in one.files where other.files[path] != data {
      Issue.record("\(path) is another one the second time")
    }
  }

  @Test func `text, table, excerpt and machine know each other`() throws {
    let page = try text("06-sock-accept.html")
    #expect(
      page.contains("<tr data-step=\"25\"><td><a href=\"#accept/25\">25</a></td>"))
    #expect(page.contains("data-traces=\"accept accept-spurious accept-again\""))
    #expect(page.contains("href=\"scar-A2.html#scar-A2/1\">A2</a>"))
    #expect(
      page.contains(
        "data-file=\"Sources/SocketOperations/SockAccept.swift\" data-line="))
    // An excerpt's lines are the file's.
    let source = try #require(
      SourceTree().file("Sources/SocketOperations/SockAccept.swift"))
    let line = try #require(
      page.firstMatch(of: /data-line="(\d+)"><b>let<\/b> future = createFuture/)
        ?? page.firstMatch(of: /data-line="(\d+)">  <b>let<\/b> future = createFuture/))
    #expect(source[try #require(Int(line.1)) - 1].contains("let future = createFuture"))
  }
}
