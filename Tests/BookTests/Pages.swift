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
      let text = String(decoding: data, as: UTF8.self)
      guard text.hasPrefix("book.take("), let comma = text.firstIndex(of: ","),
        let table = try? JSON(line: text[comma...].dropFirst().dropLast(2)),
        case .list(let steps)? = unpacked(table)?["steps"]
      else { continue }
      counts[path.dropFirst(5).dropLast(3)] = steps.count
    }
    return counts
  }

  /// Which ten of all questions a reader gets depends on where they begin, and stands in
  /// the file as one number for each.
  @Test func `who begins anywhere is asked what the terminal asks there`() throws {
    let text = try text("data/questions.js")
    let table = try JSON(
      line: text[text.firstIndex(of: ",")!...].dropFirst().dropLast(2))
    let asked = try #require(unpacked(table))
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
    #expect(shown.count { $0.hasPrefix("pictures/") } > 20)
    let all = site.files.keys.filter { $0.hasPrefix("pictures/") }
    #expect(Set(all).subtracting(shown) == [])
    // One that is made from a trace leads to the machine that plays it.
    #expect(
      try text("06-sock-accept.html").contains(
        #/<img src="pictures\/accept.svg" alt="Turn 1: [^"]+"><figcaption>drawn from <a class="play" href="scenario-accept.html/#
      ))
  }

  @Test func `it is small, and loads nothing from elsewhere`() throws {
    let site = try wholeBook.get()
    #expect(site.files.values.map(\.count).reduce(0, +) < 8_000_000)
    for (path, data) in site.files where path.hasSuffix(".html") {
      let page = String(decoding: data, as: UTF8.self)
      #expect(page.contains("default-src 'none'"), "\(path)")
      #expect(!page.contains("src=\"http"), "\(path)")
      #expect(!page.contains(" style=\""), "\(path)")
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
