import Book
import Foundation
import Scars
import Scenarios
import Telling
import Testing

/// Where the links of the text lead: not only somewhere, but to what they say.
@Suite struct Links {
  private func pages() throws -> [String: String] {
    try wholeBook.get().files.filter { $0.key.hasSuffix(".html") }
      .mapValues { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `no page shows markup as text, and no link is in a link`() throws {
    for (path, page) in try pages() {
      // (The source has a file that speaks of it.)
      if page.contains("HTML(markup"), !path.hasPrefix("source/") {
        Issue.record("\(path) shows markup")
      }
      for link in page.components(separatedBy: "<a ").dropFirst()
      where !link.contains("</a>") {
        Issue.record("\(path): a link in a link: \(link.prefix(60))")
      }
    }
    let index = try #require(try pages()["index.html"])
    #expect(index.contains("<div class=\"search\""))
    #expect(index.contains("<p class=\"begin\">Begin with <a href=\"06-"))
  }

  @Test func `a step that a sentence names is a link to it`() throws {
    let pages = try pages()
    var count = 0
    for (path, page) in pages where path.first!.isNumber {
      for match in page.matches(of: #/step\s+(\d+)(<\/a>)?\)/#) {
        count += 1
        let before = page[..<match.range.lowerBound].suffix(200)
        #expect(
          match.2 != nil && before.contains("/\(match.1)\">"),
          "\(path): \(before.suffix(60))\(match.0)")
      }
    }
    #expect(count > 15)
    let six = try #require(pages["06-sock-accept.html"])
    #expect(
      six.contains("href=\"scenario-accept-cancelled.html#accept-cancelled/39\"><code>")
    )
    // Without a name it is the scenario of the table above.
    let eleven = try #require(pages["11-servers-and-connections.html"])
    #expect(
      eleven.contains(
        "(<a class=\"play\" href=\"scenario-server-close-race.html#server-close-race/57\">step 57</a>)"
      ))
  }

  @Test func `line 15 is the one that the listing calls so`() throws {
    let pages = try pages()
    let zero = try #require(pages["00-a-loop-in-forty-lines.html"])
    let source = try #require(SourceTree().file("Sources/forty-lines/Loop.swift"))
    var lines: [Substring: Int] = [:]
    for match in zero.matches(of: #/id="line-(\d+)" data-line="(\d+)"/#) {
      lines[match.1] = Int(match.2)
    }
    #expect(lines.count == 40)
    var count = 0
    let folder = "\(SourceTree().root ?? "")/chapters"
    for file in try FileManager.default.contentsOfDirectory(atPath: folder)
    where file.hasSuffix(".md") {
      let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      for match in text.matches(of: #/\[line (\d+)\]\([^)#]*#L(\d+)/#) {
        count += 1
        #expect(lines[match.1] == Int(match.2), "\(file): \(match.0)")
        let page = try #require(pages[file.replacing(".md", with: ".html")])
        #expect(
          page.contains("href=\"00-a-loop-in-forty-lines.html#line-\(match.1)\">"))
      }
    }
    #expect(count > 10)
    #expect(source[try #require(lines["15"]) - 1].contains("waiting[fd] = future"))
  }

  @Test func `who tells a scenario or a scar is named with the place`() throws {
    let pages = try pages()
    for scar in Scar.all {
      let page = try #require(pages["scar-\(scar.id).html"])
      let link = try #require(
        page.firstMatch(of: /Told in <a href="([^"#]+)#([^"]+)"/), "\(scar.id)")
      // There it is a link, or a word in bold type.
      let teller = try #require(pages[String(link.1)])
      #expect(teller.contains(" id=\"\(link.2)\""), "\(scar.id)")
    }
    var count = 0
    for scenario in Scenario.all {
      let page = try #require(pages["scenario-\(scenario.name).html"])
      if page.contains(/Told in <a href="[^"#]+#of-/) { count += 1 }
    }
    #expect(count > 20)
    // The story, and not the first time that somebody mentions it.
    let six = try #require(pages["06-sock-accept.html"])
    #expect(six.contains(#/<strong>Without the clean-up \(<a id="of-A1"/#))
    // One that cannot be played leads to its story.
    #expect(
      six.contains("<a class=\"scar\" href=\"07-sock-connect.html#of-C5\">C5</a>"))
    // And the reports are where they were made.
    #expect(
      pages["scar-A7.html"]?.contains("/cpython/issues/155934\">gh-155934</a>, 2026")
        == true)
    #expect(
      six.contains(
        "<a class=\"report\" href=\"https://github.com/python/cpython/issues/91780\">gh-91780</a>"
      ))
  }

  @Test func `a scar's code begins with its function`() throws {
    var count = 0
    for (path, page) in try pages() where path.hasPrefix("scar-") {
      let pair =
        page.components(separatedBy: "<div class=\"pair\">").dropFirst().first?
        .components(separatedBy: "<div class=\"wide\">").first ?? ""
      for shape in pair.components(separatedBy: "<pre><code>").dropFirst() {
        count += 1
        let first = shape.prefix { $0 != "\n" }
        #expect(
          first.contains(/<b>(func|static)<\/b>/) && !first.contains("<i>//"),
          "\(path): \(first)")
      }
    }
    #expect(count > 20)
  }

  @Test func `a chapter has its contents above it`() throws {
    let six = try #require(try pages()["06-sock-accept.html"])
    let list = try #require(
      six.firstMatch(of: /<details class="inside">.*?<\/details>/.dotMatchesNewlines()))
    #expect(list.0.contains("<li><a href=\"#one-attempt\">One attempt</a></li>"))
    #expect(list.0.matches(of: /<li>/).count == six.matches(of: /<h2/).count)
  }
}
