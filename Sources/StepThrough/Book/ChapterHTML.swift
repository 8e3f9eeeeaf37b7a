// A chapter as markup. It knows the tree that `markdown` made, where links lead, and
// nothing of the page around it.

import Telling

/// Writes a chapter's text.
struct ChapterHTML {
  let places: Places
  let file: String
  /// What could not be written: a link that leads nowhere.
  private(set) var problems: [String] = []
  /// The files of the source that it shows or leads to.
  private(set) var sources: Set<String> = []
  /// The pictures that are a part of the text, and need no file.
  private(set) var drawn: Set<String> = []
  /// The scenarios and scars that are told here and have their place by now.
  var marked: Set<String> = []
  /// What is in bold type somewhere in the text: there it is told.
  let bold: Set<String>
  private var hasTitle = false
  private var hasQuestion = false
  /// A link in a link is none.
  private(set) var isInLink = false
  private(set) var isBold = false
  /// The scenario of the table above: a step without a name is one of its steps.
  private(set) var above: String?

  init(_ places: Places, _ chapter: Chapter) {
    self.places = places
    file = chapter.path
    bold = Set(
      chapter.text.matches(of: /\*\*[^*]+\*\*/).flatMap { bold in
        bold.0.matches(of: /\b[A-Z]{1,4}\d+/).map { String($0.0) }
      })
  }

  mutating func blocks(_ blocks: [MarkdownBlock]) -> HTML {
    var html: HTML = ""
    for block in blocks { html += self.block(block) }
    return html
  }

  private mutating func block(_ block: MarkdownBlock) -> HTML {
    switch block {
    case .heading(let level, let text):
      let plain = plainText(text)
      let id = anchor(plain)
      defer { hasTitle = true }
      isInLink = level > 1
      defer { isInLink = false }
      let inner = inlines(text)
      switch level {
      case 1: return "<h1 id=\"\(id)\">\(inner)</h1>\n"
      case 2: return "<h2 id=\"\(id)\"><a href=\"#\(id)\">\(inner)</a></h2>\n"
      default: return "<h3 id=\"\(id)\"><a href=\"#\(id)\">\(inner)</a></h3>\n"
      }
    case .paragraph(let text):
      if case .image? = text.first, text.count == 1 {
        return "<figure class=\"picture\">\(inlines(text))</figure>\n"
      }
      // The chapter's question stands alone, in bold type.
      if case .strong? = text.first, text.count == 1, hasTitle, !hasQuestion {
        hasQuestion = true
        return "<p class=\"question\">\(inlines(text))</p>\n"
      }
      return "<p>\(inlines(text))</p>\n"
    case .code(let info, let lines): return code(info, lines)
    case .table(let head, let rows): return table(head, rows)
    case .list(let start, let items):
      var html: HTML = ""
      for item in items {
        // An item of one paragraph needs no paragraph around it.
        if item.count == 1, case .paragraph(let text) = item[0] {
          html += "<li>\(inlines(text))</li>\n"
        } else {
          html += "<li>\(blocks(item))</li>\n"
        }
      }
      guard let start else { return "<ul>\n\(html)</ul>\n" }
      return start == 1
        ? "<ol>\n\(html)</ol>\n" : "<ol start=\"\(start)\">\n\(html)</ol>\n"
    case .details(let summary, let inner):
      return
        "<details><summary>\(inlines(summary))</summary>\n\(blocks(inner))</details>\n"
    case .woven(let mark, let inner):
      let words = mark.split(separator: " ")
      if ["steps", "quoted"].contains(words.first), words.count > 1 {
        above = String(words[1])
      }
      if words.first == "steps", words.count > 1,
        case .table(let head, let rows)? = inner.first
      {
        return steps(of: String(words[1]), head, rows)
      }
      if words.first == "picture", words.count > 1,
        case .paragraph(let image)? = inner.first,
        case .image(let alt, let target)? = image.first
      {
        return figure(alt, target, of: words[1])
      }
      if words.first == "experiments", case .table(let head, let rows)? = inner.first {
        return table(head, rows, "wide experiments")
      }
      return blocks(inner)
    }
  }

  /// A picture made from a trace: each row leads the machine to its steps, and below it
  /// is a link to the machine that plays it.
  private mutating func figure(
    _ words: String, _ target: String, of name: Substring
  ) -> HTML {
    let isScar = places.scars[String(name)] == true
    let trace = isScar ? "scar \(name)" : String(name)
    let link = machineLink(trace) ?? ""
    guard let place = places.target(target), let root = places.tree.root,
      let image = drawnHTML(
        "\(root)/chapters/\(place)", of: trace.replacing(" ", with: "-"),
        words.replacing("\n", with: " "))
    else {
      problems.append("\(self.file): \(target) is no picture of the book")
      return ""
    }
    drawn.insert(place)
    return """
      <figure class="picture">\(image)<figcaption>drawn from \(link)</figcaption></figure>

      """
  }

  // MARK: Code

  private mutating func code(_ info: String, _ lines: [String]) -> HTML {
    let words = info.split(separator: " ")
    switch words.first {
    case "swift":
      let spans = coloredSource(lines, .swift)
      if words.last == "numbered" { return numbered(String(words[1]), lines) }
      if words.count > 1 { return excerpt(String(words[1]), spans) }
      return "<pre class=\"code\"><code>\(spans.map(line))</code></pre>\n"
    case "python":
      return
        "<pre class=\"code\"><code>\(coloredSource(lines, .python).map(line))</code></pre>\n"
    case nil:
      return "<pre class=\"shell\"><code>\(lines.map { command($0) })</code></pre>\n"
    case "diff":
      let marked = lines.map { line -> HTML in
        switch line.first {
        case "+": "<ins>\(line)</ins>\n"
        case "-": "<del>\(line)</del>\n"
        default: "\(line)\n"
        }
      }
      return "<pre class=\"diff\"><code>\(marked)</code></pre>\n"
    default:
      let text = lines.joined(separator: "\n")
      return "<pre class=\"\(String(words[0]))\"><code>\(text)</code></pre>\n"
    }
  }

  private func line(_ spans: [SourceSpan]) -> HTML {
    "\(spans.map(sourceSpan))\n"
  }

  /// A command that steps through something is a link to the machine.
  private mutating func command(_ line: String) -> HTML {
    if let link = commandLink(line.firstMatch(of: command), line) { return "\(link)\n" }
    return "\(line)\n"
  }

  /// A whole file of the source. Its lines have numbers of their own, by which the text
  /// speaks of them.
  private mutating func numbered(_ path: String, _ lines: [String]) -> HTML {
    sources.insert(path)
    let source = places.tree.file(path) ?? []
    let numbers = source.indices.filter { !isLabel(source[$0]) }
    var body: HTML = ""
    for (place, spans) in coloredSource(lines, .swift).enumerated() {
      let number = place < numbers.count ? numbers[place] + 1 : source.count
      body += """
        <span class="ln" id="line-\(place + 1)" data-line="\(number)">\(spans.map(sourceSpan))
        </span>
        """
    }
    return figure(path, line: 1, label: "", body)
  }

  /// A piece of the source, with the lines that it has there.
  private mutating func excerpt(_ target: String, _ spans: [[SourceSpan]]) -> HTML {
    let parts = target.split(whereSeparator: { "#:".contains($0) }).map(String.init)
    let path = parts[0]
    guard let source = places.tree.file(path) else {
      problems.append("\(file): there is no \(path)")
      return ""
    }
    let numbers = excerptNumbers(spans.map { $0.map(\.text).joined() }, parts, source)
    var body: HTML = ""
    for (spans, number) in zip(spans, numbers) {
      body +=
        "<span class=\"ln\" data-line=\"\(number)\">\(spans.map(sourceSpan))\n</span>"
    }
    sources.insert(path)
    return figure(
      path, line: numbers.first ?? 1, label: parts.count > 1 ? parts[1] : "", body)
  }

  private func figure(
    _ path: String, line: Int, label: String, _ body: HTML
  ) -> HTML {
    let page = Places.page(ofSource: path)
    let name = String(path.split(separator: "/").last ?? "")
    return """
      <figure class="excerpt" data-file="\(path)"><figcaption>\
      <a href="\(page)#L\(line)" data-file="\(path)" data-line="\(line)">\(name)</a>\
      <span>\(label)</span></figcaption><pre><code>\(body)</code></pre></figure>

      """
  }

  /// Which lines of the file an excerpt's lines are: the labels between them are left out.
  private func excerptNumbers(
    _ lines: [String], _ parts: [String], _ source: [String]
  ) -> [Int] {
    var place = 0
    if parts.count > 1, let start = firstLine(of: parts[1], in: source) {
      place = start
    }
    return lines.map { line in
      let wanted = line.drop { $0 == " " }
      while place < source.count, source[place].drop(while: { $0 == " " }) != wanted {
        place += 1
      }
      place += 1
      return min(place, source.count)
    }
  }

  // MARK: Tables

  private mutating func table(
    _ head: [[Inline]], _ rows: [[[Inline]]], _ kind: String = "wide"
  ) -> HTML {
    var html: HTML = "<div class=\"\(kind)\"><table>\n<thead><tr>"
    for cell in head { html += "<th>\(inlines(cell))</th>" }
    html += "</tr></thead>\n<tbody>\n"
    for row in rows {
      html += "<tr>"
      for cell in row { html += "<td>\(inlines(cell))</td>" }
      html += "</tr>\n"
    }
    html += "</tbody></table></div>\n"
    return html
  }

  /// A table made from a trace: each row leads the machine to its step.
  private mutating func steps(
    of name: String, _ head: [[Inline]], _ rows: [[[Inline]]]
  ) -> HTML {
    let scenario = places.scars[name] == true ? "scar-\(name)" : name
    var html: HTML =
      "<div class=\"wide\"><table class=\"steps\" data-trace=\"\(scenario)\">\n<thead><tr>"
    for cell in head { html += "<th>\(inlines(cell))</th>" }
    html += "</tr></thead>\n<tbody>\n"
    let column = head.firstIndex { plainText($0) == "step" }
    let turns = head.firstIndex { plainText($0) == "turn" }
    var turn = ""
    for row in rows {
      let number = column.flatMap { Int(plainText(row[$0])) }
      html += number.map { "<tr data-step=\"\($0)\">" } ?? "<tr>"
      for (place, cell) in row.enumerated() {
        if place == column, let number {
          html += "<td><a href=\"#\(scenario)/\(number)\">\(number)</a></td>"
        } else if place == turns, plainText(cell) == turn {
          html += "<td></td>"  // a turn is numbered where it begins
        } else {
          html += "<td>\(inlines(cell))</td>"
        }
        if place == turns { turn = plainText(cell) }
      }
      html += "</tr>\n"
    }
    html += "</tbody></table></div>\n"
    return html
  }

  // MARK: Inside of a line

  private mutating func inlines(_ list: [Inline]) -> HTML {
    var html: HTML = ""
    var rest = list[...]
    while let inline = rest.popFirst() {
      // (`accept`, step 34) is one link.
      if case .code(let name) = inline, case .text(let text)? = rest.first,
        let step = text.prefixMatch(of: /,\s+step\s+(\d+)(?=\))/),
        let link = machineLink(
          name, step: String(step.1), "<code>\(name)</code>\(step.0)")
      {
        html += link
        rest[rest.startIndex] = .text(String(text[step.range.upperBound...]))
      } else {
        html += self.inline(inline)
      }
    }
    return html
  }

  private mutating func inline(_ inline: Inline) -> HTML {
    switch inline {
    case .text(let text): return linked(text)
    case .code(let code):
      // `accept` may be the system call. `accept-two`, or a whole command, can be no
      // other thing than a scenario.
      let link =
        commandLink(code.wholeMatch(of: command), code)
        ?? (code.contains("-") ? machineLink(code) : nil)
      return link ?? "<code>\(code)</code>"
    case .emphasis(let inner): return "<em>\(inlines(inner))</em>"
    case .strong(let inner):
      isBold = true
      defer { isBold = false }
      return "<strong>\(inlines(inner))</strong>"
    case .lineBreak: return "<br>"
    case .image(let alt, let target):
      let words = alt.replacing("\n", with: " ")
      guard let place = places.target(target), target.hasSuffix(".svg") else {
        problems.append("\(file): \(target) is no picture of the book")
        return HTML(text: words)
      }
      return "<img src=\"\(place)\" alt=\"\(words)\">"
    case .link(let inner, let target):
      // The tests are not in the book: their names are text.
      if target.hasPrefix("../Tests/") { return inlines(inner) }
      isInLink = true
      defer { isInLink = false }
      guard let place = places.target(target) else {
        problems.append("\(file): a link to \(target), which is not in the book")
        return inlines(inner)
      }
      // The bench beside shows the file, or the line and the step that comes from it.
      guard let line = places.line(target) else {
        let file = places.file(target)
        sources.formUnion(file.map { [$0] } ?? [])
        let data: HTML = file.map { " data-file=\"\($0)\"" } ?? ""
        return "<a href=\"\(place)\"\(data)>\(inlines(inner))</a>"
      }
      // A line that is counted as in the listing of chapter 0, which leaves out the labels.
      if let page = places.listings[line.file],
        let number = plainText(inner).wholeMatch(of: /line (\d+)/)?.1
      {
        return "<a href=\"\(page)#line-\(String(number))\">\(inlines(inner))</a>"
      }
      sources.insert(line.file)
      return
        "<a href=\"\(place)\" data-file=\"\(line.file)\" data-line=\"\(line.number)\">\(inlines(inner))</a>"
    }
  }
}

/// A piece of source in its colour.
func sourceSpan(_ span: SourceSpan) -> HTML {
  switch span.kind {
  case .plain: HTML(text: span.text)
  case .keyword: "<b>\(span.text)</b>"
  case .type: "<u>\(span.text)</u>"
  case .string: "<s>\(span.text)</s>"
  case .comment: "<i>\(span.text)</i>"
  }
}

/// The words of a text without its looks.
func plainText(_ list: [Inline]) -> String {
  list.map { inline in
    switch inline {
    case .text(let text), .code(let text): text
    case .emphasis(let inner), .strong(let inner), .link(let inner, _): plainText(inner)
    case .image(let alt, _): alt
    case .lineBreak: " "
    }
  }.joined()
}

/// The name of a heading in an address, as the code host makes it.
func anchor(_ heading: String) -> String {
  String(
    heading.lowercased().compactMap { character in
      if character == " " { return "-" }
      return character.isLetter || character.isNumber || "-_".contains(character)
        ? character : nil
    })
}
