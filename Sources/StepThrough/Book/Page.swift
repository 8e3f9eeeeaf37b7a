// What all pages have in common, and the three kinds of them. It knows markup and no
// traces.

import Telling

/// A page of the book.
struct Page {
  /// `06-sock-accept.html`, from the book's root.
  let path: String
  let title: String
  /// What stands between the page's begin and its end.
  var body: HTML

  /// Everything that a page may load comes from the book itself, and nothing on it can
  /// be made to run.
  static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    + "base-uri 'none'; form-action 'none'"

  /// The way from the page to the book's root.
  var toRoot: String {
    String(repeating: "../", count: path.split(separator: "/").count - 1)
  }

  /// The whole document.
  var document: String {
    let html: HTML = """
      <!doctype html>
      <html lang="en" data-root="\(toRoot)">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
      <title>\(title)</title>
      <link rel="stylesheet" href="\(toRoot)book.css">
      <script defer src="\(toRoot)book.js"></script>
      </head>
      <body>
      \(body)
      </body>
      </html>

      """
    return html.markup
  }
}

/// A file of the source as the bench and its own page show it.
func sourceLines(_ lines: [String], _ language: Language, isPage: Bool = false) -> HTML
{
  var html: HTML = ""
  for (place, spans) in coloredSource(lines, language).enumerated() {
    // There are twenty thousand of them, so each says no more than it has to: which line
    // it is, one can count.
    let id: HTML = isPage ? " id=\"L\(place + 1)\"" : ""
    let label: HTML = isLabel(lines[place]) ? " class=\"label\"" : ""
    html += "<div\(id)\(label)>\(spans.map(sourceSpan))</div>\n"
  }
  return html
}

/// The bench beside a text: the source above, the machine below. Without the script it
/// is the source alone.
///
/// - Parameters:
///   - traces: the names of what can be played here; the first is there at the start.
///   - first: the step at which it stands then.
///   - files: the files with a tab of their own, by path, with their lines.
func benchHTML(
  traces: [String], first: Int, files: [(path: String, lines: HTML)]
) -> HTML {
  var tabs: HTML = ""
  var listings: HTML = ""
  for (place, file) in files.enumerated() {
    let name = file.path.split(separator: "/").last.map(String.init) ?? ""
    tabs += """
      <button type="button" class="tab" role="tab" data-file="\(file.path)" \
      aria-selected="\(place == 0 ? "true" : "false")">\(name)</button>
      """
    let attribute: HTML = place == 0 ? "" : " hidden"
    listings += """
      <div class="listing" tabindex="0" data-file="\(file.path)"\(attribute)>\n\(file.lines)</div>
      """
  }
  return """
    <aside class="bench" id="machine" aria-label="The machine" \
    data-traces="\(traces.joined(separator: " "))" data-first="\(first)" data-view="none">
    <div class="views"><button type="button" value="source">Source</button>\
    <button type="button" value="machine">Machine</button>\
    <button type="button" value="none">Text</button></div>
    <section class="source" aria-label="Source">
    <div class="tabs" role="tablist">\(tabs)</div>
    \(listings)
    </section>
    <section class="hinge" aria-label="Step"></section>
    <section class="machine" aria-label="State"></section>
    </aside>
    """
}
