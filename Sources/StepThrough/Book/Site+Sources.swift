import Foundation
import Telling

// The source, a page for each file.

extension Site {
  mutating func addSources() {
    var list: HTML = ""
    var folder = ""
    for path in tree.allPaths {
      guard let lines = tree.file(path), let language = Language(path: path) else {
        continue
      }
      let page = Places.page(ofSource: path)
      let file = path.split(separator: "/").last ?? ""
      // The same lines twice: as a page for whoever reads, and for the bench, which can
      // load scripts and no pages.
      if wanted.contains(path) {
        let name = "source-\(page.dropFirst("source/".count).dropLast(".html".count))"
        let markup = JSON.text(sourceLines(lines, language).markup).line
        files["data/\(name).js"] = Data("book.source(\"\(name)\",\(markup))\n".utf8)
      }
      add(
        Page(
          path: page, title: path,
          body: """
            <div class="plain page"><main class="text">\(runningHTML(toRoot: "../"))\
            <h1><code>\(file)</code></h1><p>\(path)</p>
            <ol class="listing">\(sourceLines(lines, language, isPage: true))</ol></main></div>
            """))
      let parent = path.split(separator: "/").dropLast().joined(separator: "/")
      if parent != folder {
        list += folder.isEmpty ? "" : "</ul>"
        list += "<h2 id=\"\(parent)\">\(parent)</h2><ul>"
        folder = parent
      }
      list += "<li><a href=\"\(String(page.dropFirst(7)))\">\(file)</a></li>\n"
      for (number, line) in lines.enumerated() where line.contains("func ") {
        let found = line.firstMatch(
          of: /^ *(?:(?:public|package|final|static|mutating) )*func (\w+)/)
        if let found {
          note(
            Found(
              kind: "function", title: String(found.1), page: "\(page)#L\(number + 1)",
              text: path))
        }
      }
    }
    add(
      Page(
        path: "source/index.html", title: "All files",
        body: """
          <div class="plain"><main class="text">\(runningHTML(toRoot: "../"))
          <h1>All files</h1>\(list)</ul></main></div>
          """))
  }
}
