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
  private var hasTitle = false
  private var hasQuestion = false

  init(_ places: Places, file: String) {
    self.places = places
    self.file = file
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
    let link = machineLink(trace, text: trace) ?? ""
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
      if words.count > 1 { return excerpt(String(words[1]), spans) }
      return "<pre class=\"code\"><code>\(spans.map(line))</code></pre>\n"
    case "python":
      return
        "<pre class=\"code\"><code>\(coloredSource(lines, .python).map(line))</code></pre>\n"
    case nil:
      return "<pre class=\"shell\"><code>\(lines.map(command))</code></pre>\n"
    default:
      let text = lines.joined(separator: "\n")
      return "<pre class=\"\(String(words[0]))\"><code>\(text)</code></pre>\n"
    }
  }

  private func line(_ spans: [SourceSpan]) -> HTML {
    "\(spans.map(sourceSpan))\n"
  }

  /// A command that steps through something is a link to the machine.
  private func command(_ line: String) -> HTML {
    if let link = commandLink(line.firstMatch(of: command), line) { return "\(link)\n" }
    return "\(line)\n"
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
    let page = Places.page(ofSource: path)
    let name = String(path.split(separator: "/").last ?? "")
    let label = parts.count > 1 ? parts[1] : ""
    let line = numbers.first ?? 1
    sources.insert(path)
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

  private mutating func table(_ head: [[Inline]], _ rows: [[[Inline]]]) -> HTML {
    var html: HTML = "<div class=\"wide\"><table>\n<thead><tr>"
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
    for inline in list { html += self.inline(inline) }
    return html
  }

  private mutating func inline(_ inline: Inline) -> HTML {
    switch inline {
    case .text(let text): return withScars(text)
    case .code(let code):
      // `accept` may be the system call. `accept-two`, or a whole command, can be no
      // other thing than a scenario.
      let link =
        commandLink(code.wholeMatch(of: command), code)
        ?? (code.contains("-") ? machineLink(code, text: code) : nil)
      return link ?? "<code>\(code)</code>"
    case .emphasis(let inner): return "<em>\(inlines(inner))</em>"
    case .strong(let inner): return "<strong>\(inlines(inner))</strong>"
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
      guard let place = places.target(target) else {
        problems.append("\(file): a link to \(target), which is not in the book")
        return inlines(inner)
      }
      // The bench beside shows the line, and the step that comes from it.
      guard let line = places.line(target) else {
        return "<a href=\"\(place)\">\(inlines(inner))</a>"
      }
      sources.insert(line.file)
      return
        "<a href=\"\(place)\" data-file=\"\(line.file)\" data-line=\"\(line.number)\">\(inlines(inner))</a>"
    }
  }

  /// What can be played, as a link that the machine beside the text follows.
  ///
  /// - Parameter step: its number, with a `?` behind it if the reader is to be asked.
  private func machineLink(
    _ name: some StringProtocol, at step: String = "1", text: String
  ) -> HTML? {
    let name = String(name)
    if name.hasPrefix("scar "), places.scars[String(name.dropFirst(5))] == true {
      let id = name.dropFirst(5)
      return
        "<a class=\"play\" href=\"scar-\(id).html#scar-\(id)/\(step)\"><code>\(text)</code></a>"
    }
    guard places.scenarios.contains(name) else { return nil }
    return
      "<a class=\"play\" href=\"scenario-\(name).html#\(name)/\(step)\"><code>\(text)</code></a>"
  }

  private typealias Command = (Substring, Substring?, Substring, Substring?, Substring?)
  private var command: Regex<Command> {
    /swift run walkthrough (scar )?([A-Za-z0-9-]+)(?::(\d+))?( --predict)?/
  }

  /// A command that steps through something, or that asks about it, as such a link.
  private func commandLink(_ match: Regex<Command>.Match?, _ text: String) -> HTML? {
    guard let match else { return nil }
    let step = String(match.3 ?? "1") + (match.4 == nil ? "" : "?")
    return machineLink((match.1 ?? "") + match.2, at: step, text: text)
  }

  /// A scar's number is a link to its page.
  private func withScars(_ text: String) -> HTML {
    var html: HTML = ""
    var rest = text[...]
    while let match = rest.firstMatch(of: /\b[A-Z]{1,4}\d+[a-z]?\b/) {
      html += HTML(text: rest[..<match.range.lowerBound])
      let id = String(match.0)
      let page = "scar-\(id).html"
      switch places.scars[id] {
      case nil: html += HTML(text: id)
      case false?: html += "<a class=\"scar\" href=\"\(page)\">\(id)</a>"
      // What can be played, the machine beside the text plays.
      case true?:
        html += "<a class=\"scar play\" href=\"\(page)#scar-\(id)/1\">\(id)</a>"
      }
      rest = rest[match.range.upperBound...]
    }
    html += HTML(text: rest)
    return html
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
