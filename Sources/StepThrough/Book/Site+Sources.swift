import Foundation
import Telling

// The source, a page for each file.

extension Site {
  mutating func addSources() {
    let named = linesWithLinks()
    var list: HTML = ""
    var folder = ""
    for path in tree.allPaths {
      guard let lines = tree.file(path), let language = Language(path: path) else {
        continue
      }
      let page = Places.page(ofSource: path)
      let file = path.split(separator: "/").last ?? ""
      let colored = coloredSource(lines, language)
      let places = noteFunctions(lines, path, page).union(named[page] ?? [])
      // The same lines twice: as a page for whoever reads, and for the bench, which can
      // load scripts and no pages.
      if wanted.contains(path) {
        let name = "source-\(page.dropFirst("source/".count).dropLast(".html".count))"
        // How a line begins, the script knows.
        let markup = sourceLines(lines, colored).markup.dropLast()
          .replacingOccurrences(of: "<li>", with: "")
        files["data/\(name).js"] = Data(
          "book.source(\"\(name)\",\(JSON.text(markup).line))\n".utf8)
      }
      add(
        Page(
          path: page, title: path,
          body: """
            <div class="plain page"><main class="text">\(runningHTML(toRoot: "../"))\
            <h1><code>\(file)</code></h1><p>\(path)\(quotedIn(path))</p>
            <ol class="listing">\(sourceLines(lines, colored, named: places))</ol></main></div>
            """))
      let parent = path.split(separator: "/").dropLast().joined(separator: "/")
      if parent != folder {
        list += folder.isEmpty ? "" : "</ul>"
        list += "<h2 id=\"\(parent)\">\(parent)</h2><ul>"
        folder = parent
      }
      list += "<li><a href=\"\(String(page.dropFirst(7)))\">\(file)</a></li>\n"
    }
    add(
      Page(
        path: "source/index.html", title: "All files",
        body: """
          <div class="plain"><main class="text">\(runningHTML(toRoot: "../"))
          <h1>All files</h1>\(list)</ul></main></div>
          """))
  }

  /// The chapters that show a piece of a file.
  private func quotedIn(_ path: String) -> HTML {
    var html: HTML = ""
    for chapter in chapters where chapter.quoted.contains(path) {
      let begin = html.markup.isEmpty ? ", shown in chapter " : ", "
      html += "\(begin)<a href=\"../\(chapter.page)\">\(chapter.title)</a>"
    }
    return html
  }

  /// For the search: the functions and the labels of a file.
  ///
  /// - Returns: the lines where they are, counted from 1.
  private mutating func noteFunctions(
    _ lines: [String], _ path: String, _ page: String
  ) -> Set<Int> {
    var found: Set<Int> = []
    var original = ""
    for (place, line) in lines.enumerated() {
      let words = line.drop { $0 == " " }
      var kind = "function"
      var title = ""
      if isLabel(line) {
        (kind, title) = ("label", String(words.drop { $0 != "[" }))
      } else if let name = asyncioName(line) {
        original = ", asyncio's \(name)"
      } else if !words.hasPrefix("//"), !words.hasPrefix("@") {
        if words.contains("func "), let name = words.prefixMatch(of: functionHead)?.1 {
          title = name + original
        }
        original = ""
      }
      if title.isEmpty { continue }
      note(
        Found(kind: kind, title: title, page: "\(page)#L\(place + 1)", text: path))
      found.insert(place + 1)
    }
    return found
  }

  /// Which lines of which page the texts lead to.
  private func linesWithLinks() -> [String: Set<Int>] {
    var lines: [String: Set<Int>] = [:]
    for (path, data) in files where path.hasSuffix(".html") {
      let text = String(decoding: data, as: UTF8.self)
      for piece in text.components(separatedBy: "href=\"source/").dropFirst() {
        let parts = piece.prefix { $0 != "\"" }.split(separator: "#")
        if parts.count > 1, let line = Int(parts[1].dropFirst()) {
          lines["source/\(parts[0])", default: []].insert(line)
        }
      }
    }
    return lines
  }
}

/// It is made once: there are thousands of lines.
nonisolated(unsafe) private let functionHead =
  /(?:(?:public|package|private|fileprivate|final|static|mutating|override) )*func (\w+)/
