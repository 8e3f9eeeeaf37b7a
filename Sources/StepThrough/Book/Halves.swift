import Recording
import Telling

// The two shapes of a scar side by side: the code where they part, and all steps. It
// knows traces and markup.

/// - Parameters:
///   - trace: a scar's.
///   - name: what it is called in addresses: `scar-A2`.
///   - tree: where the source is.
func halvesHTML(_ trace: Trace, _ name: String, _ tree: SourceTree) -> HTML {
  let begins = trace.steps.indices.filter { trace.steps[$0].event.isPart }
  // The last step is a sentence about the two.
  guard begins.count == 2, let last = trace.steps.last else { return "" }
  let sentences = trace.tellings.map(\.sentence)
  var html: HTML = ""
  if let parting = trace.parting {
    let (old, today) = (trace.steps[parting.old - 1], trace.steps[parting.today - 1])
    if old.file != today.file || old.line != today.line {
      html += "<div class=\"pair\">\(shape(old, tree))\(shape(today, tree))</div>"
    }
  }
  // That a cell or a row has an end, a browser knows.
  func cells(_ number: Int?, span: HTML = "") -> HTML {
    guard let number else { return "<td><td class=none>–" }
    return """
      <td data-step=\(number)><a href="#\(name)/\(number)">\(number)</a>\
      <td data-step=\(number)\(span)>\(withoutPorts(sentences[number - 1]))
      """
  }
  var rows: HTML = ""
  // Names have numbers, and those are others as soon as one side has made a thing more.
  let words = sentences.map { $0.filter { !$0.isNumber } }
  let old = begins[0] + 1..<begins[1]
  let today = begins[1] + 1..<trace.steps.count - 1
  for (left, right) in pairs(Array(words[old]), Array(words[today])) {
    rows += left == nil || right == nil ? "<tr class=differs>" : "<tr>"
    rows += cells(left.map { old.lowerBound + $0 + 1 })
    rows += cells(right.map { today.lowerBound + $0 + 1 })
    rows += "\n"
  }
  rows += "<tr class=outcome>\(cells(last.number, span: " colspan=3"))"
  return """
    \(html)<div class="wide"><table class="steps halves" data-trace="\(name)">
    <colgroup><col class="number"><col><col class="number"><col></colgroup>
    <thead><tr><th colspan="2">\(sentences[begins[0]])</th><th colspan="2">\(sentences[begins[1]])</th></tr></thead>
    <tbody>\(rows)</tbody></table></div>
    """
}

/// The function in which a step was done; of a long one, how it begins and what is near
/// that line.
private func shape(_ step: Step, _ tree: SourceTree) -> HTML {
  guard let lines = tree.lines(step.file) else { return "" }
  let around = declarations(around: step.line, in: lines).filter { !$0.isType }
  // Some are replayed by a closure: then it is all of that.
  let whole =
    (around.first { lines[$0.body.lowerBound].contains("func ") } ?? around.last)?.body
  let near = max(0, step.line - 18)..<min(lines.count, step.line + 9)
  let path = tree.path(step.file)
  let colored = coloredSource(lines, .swift)
  var body: HTML = ""
  var last: Int?
  for number in shown(of: whole ?? near, near: step.line - 1, in: lines) {
    if let last, number > last + 1 { body += "<span class=\"gap\">⋮\n</span>" }
    last = number
    if isLabel(lines[number]) { continue }
    body +=
      "<span class=\"ln\" data-line=\"\(number + 1)\">\(colored[number].map(sourceSpan))\n</span>"
  }
  let name = path.split(separator: "/").last ?? ""
  return """
    <figure class="excerpt" data-file="\(path)"><figcaption>\
    <a href="\(Places.page(ofSource: path))#L\(step.line)" data-file="\(path)" \
    data-line="\(step.line)">\(name):\(step.line)</a></figcaption>\
    <pre><code>\(body)</code></pre></figure>

    """
}

/// Of a function of more than 40 lines its first and its last, and those around a line; a
/// comment is not begun in its middle.
private func shown(of whole: Range<Int>, near line: Int, in lines: [String]) -> [Int] {
  if whole.count <= 40 { return Array(whole) }
  func isComment(_ place: Int) -> Bool {
    lines[place].drop { $0 == " " }.hasPrefix("//")
  }
  var near = (line - 14..<line + 9).clamped(to: whole)
  while near.lowerBound > whole.lowerBound, isComment(near.lowerBound - 1) {
    near = near.lowerBound - 1..<near.upperBound
  }
  return [whole.lowerBound]
    + near.filter { $0 > whole.lowerBound && $0 < whole.upperBound - 1 }
    + [whole.upperBound - 1]
}
