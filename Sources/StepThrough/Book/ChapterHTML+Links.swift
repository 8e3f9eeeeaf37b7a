// What is a link without being written as one: steps, scenarios, scars, reports.

import Telling

extension ChapterHTML {
  /// What can be played, as a link that the machine beside the text follows.
  mutating func machineLink(_ name: String) -> HTML? {
    machineLink(name, step: "1", "<code>\(name)</code>")
  }

  /// - Parameters:
  ///   - name: `accept` or `scar A2`.
  ///   - step: its number, with a `?` behind it if the reader is to be asked.
  ///   - inner: what one sees.
  mutating func machineLink(_ name: String, step: String, _ inner: HTML) -> HTML? {
    let scar = name.hasPrefix("scar ") ? String(name.dropFirst(5)) : name
    let isScar = places.scars[scar] == true
    guard !isInLink, isScar || places.scenarios.contains(name) else { return nil }
    let (page, trace) =
      isScar ? ("scar-\(scar)", "scar-\(scar)") : ("scenario-\(name)", name)
    return """
      <a\(isScar ? "" : mark(name)) class="play" href="\(page).html#\(trace)/\(step)">\
      \(inner)</a>
      """
  }

  typealias Command = (Substring, Substring?, Substring, Substring?, Substring?)
  var command: Regex<Command> {
    /swift run walkthrough (scar )?([A-Za-z0-9-]+)(?::(\d+))?( --predict)?/
  }

  /// A command that steps through something, or that asks about it, as such a link.
  mutating func commandLink(_ match: Regex<Command>.Match?, _ text: String) -> HTML? {
    guard let match else { return nil }
    let step = String(match.3 ?? "1") + (match.4 == nil ? "" : "?")
    return machineLink(
      String((match.1 ?? "") + match.2), step: step, "<code>\(text)</code>")
  }

  /// The name of this place, if it is here that the chapter tells something: in bold
  /// type, or else where it comes first.
  private mutating func mark(_ name: String) -> HTML {
    guard places.tellers[name] == Places.page(ofChapter: file),
      isBold || !bold.contains(name), marked.insert(name).inserted
    else { return "" }
    return " id=\"of-\(name)\""
  }

  /// A scar's number is a link to the machine that plays it, or to where it is told; a
  /// report's is one to its tracker; a step's is one to that step.
  mutating func linked(_ text: String) -> HTML {
    var html: HTML = ""
    var rest = text[...]
    // Most pieces of text have nothing of the kind, and to see that is quick.
    if !text.utf8.contains(where: { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
      return HTML(text: text)
    }
    let form = /\b(?<scar>[A-Z]{1,4}\d+)[a-z]?\b|\(step\s+(?<step>\d+)\)/
    func plain(_ text: Substring) -> HTML {
      isInLink ? HTML(text: text) : withReports(text)
    }
    while let match = rest.firstMatch(of: form) {
      html += plain(rest[..<match.range.lowerBound])
      let link: HTML? =
        if let scar = match.scar {
          scarLink(String(scar), "\(match.0)")
        } else if let step = match.step.map(String.init), let above {
          machineLink(above, step: step, "step \(step)").map { "(\($0))" }
        } else { nil }
      html += link ?? HTML(text: match.0)
      rest = rest[match.range.upperBound...]
    }
    html += plain(rest)
    return html
  }

  private mutating func scarLink(_ id: String, _ inner: HTML) -> HTML? {
    guard let isPlayed = places.scars[id] else { return nil }
    let mark = mark(id)
    if isInLink { return "<span\(mark)>\(inner)</span>" }
    if isPlayed {
      return
        "<a\(mark) class=\"scar play\" href=\"scar-\(id).html#scar-\(id)/1\">\(inner)</a>"
    }
    // Who reads the story already gets what else is known of it.
    let page =
      mark.markup.isEmpty ? "\(places.tellers[id] ?? "")#of-\(id)" : "scar-\(id).html"
    return "<a\(mark) class=\"scar\" href=\"\(page)\">\(inner)</a>"
  }
}

/// A text in which the reports of bugs are links to where they were made: `gh-91780`,
/// `bpo-41317`, `uvloop#169`, `python/asyncio PR 366`.
func withReports(_ text: Substring) -> HTML {
  let homes = [
    ("bpo-", "bugs.python.org/issue"), ("gh-", "github.com/python/cpython/issues/"),
    ("asyncio", "github.com/python/asyncio/issues/"),
    ("zuvloop", "github.com/Kludex/zuvloop/issues/"),
    ("uvloop", "github.com/MagicStack/uvloop/issues/"),
    ("aiohttp", "github.com/aio-libs/aiohttp/issues/"),
  ]
  var html: HTML = ""
  var rest = text
  let form =
    /\b(?<tracker>gh-|bpo-|[A-Za-z\/]*(?:asyncio|uvloop|aiohttp)(?:#| PR ))(?<number>\d+)/
  while let match = rest.firstMatch(of: form),
    let home = homes.first(where: { match.tracker.contains($0.0) })?.1
  {
    html += HTML(text: rest[..<match.range.lowerBound])
    html +=
      "<a class=\"report\" href=\"https://\(home)\(match.number)\">\(match.0)</a>"
    rest = rest[match.range.upperBound...]
  }
  html += HTML(text: rest)
  return html
}
