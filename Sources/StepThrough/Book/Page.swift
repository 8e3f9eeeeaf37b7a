// What all pages have in common: the document around them, a file's lines, the bench. It
// knows markup and no traces.

import Foundation
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
      <link rel="icon" type="image/svg+xml" href="\(toRoot)icon.svg">
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

/// A file of the source as the bench and its own page show it: a list of lines.
///
/// - Parameters:
///   - lines: what stands there.
///   - colored: the same, in colours.
///   - named: the lines to which something leads, counted from 1.
func sourceLines(
  _ lines: [String], _ colored: [[SourceSpan]], named: Set<Int> = []
) -> HTML {
  var html: HTML = ""
  for (place, spans) in colored.enumerated() {
    // There are thirty thousand of them, so each says no more than it has to: which line
    // it is, one can count, and that it has an end, a browser knows.
    let id: HTML = named.contains(place + 1) ? " id=L\(place + 1)" : ""
    if isLabel(lines[place]) {
      let name = lines[place].drop { " /[".contains($0) }.dropLast()
      html += "<li\(id) class=label>\(name)\n"
    } else {
      html += "<li\(id)>\(spans.map(sourceSpan))\n"
    }
  }
  // `public final class` is one piece.
  return HTML(
    markup: html.markup.replacingOccurrences(of: "</b> <b>", with: " "))
}

/// The bench beside a text: the source above, the machine below, and between them the
/// controls and the sentence. Without the script it is the source alone.
///
/// - Parameters:
///   - traces: the names of what can be played here; the first is there at the start.
///   - first: the step at which it stands then.
///   - files: the files with a tab of their own, by path.
///   - lines: those of the first of them.
func benchHTML(
  traces: [String], first: Int, files: [String] = [], lines: HTML = ""
) -> HTML {
  var tabs: HTML = ""
  for (place, file) in files.enumerated() {
    let name = file.split(separator: "/").last.map(String.init) ?? ""
    tabs += """
      <button type="button" class="tab" data-file="\(file)" \
      aria-pressed="\(place == 0 ? "true" : "false")">\(name)</button>
      """
  }
  return """
    <aside class="bench" id="machine" tabindex="-1" aria-label="Source and machine" \
    data-traces="\(traces.joined(separator: " "))" data-first="\(first)">
    <section class="source" aria-label="Source">
    <div class="tabs">\(tabs)<button type="button" class="tab" data-file="" hidden></button></div>
    <ol class="listing" tabindex="0" aria-label="Lines" data-file="\(files.first ?? "")">\
    \(lines)</ol>
    </section>
    </aside>
    """
}

/// What belongs to every bench and does nothing without the script: the controls and the
/// sentence, and the machine. It is a file of its own, and no part of seventy pages.
var benchParts: HTML {
  var keyline: HTML = ""
  for (key, what) in [
    ("l", "log"), ("t", "lanes"), ("c", "CPython"), ("P", "what next?"),
    ("w", "what if?"), ("o", "why?"), ("f", "follow"), ("?", "keys"),
  ] {
    keyline +=
      "<button type=\"button\" data-key=\"\(key)\"><kbd>\(key)</kbd> \(what)</button>"
  }
  var keys: HTML = ""
  for (key, what) in benchKeys { keys += "<dt>\(key)</dt><dd>\(what)</dd>" }
  var marks: HTML = ""
  for (mark, what) in benchMarks { marks += "<dt>\(mark)</dt><dd>\(what)</dd>" }
  var signs: HTML = ""
  for (sign, what) in laneSigns { signs += "<span><b>\(sign)</b> \(what)</span> " }
  var sections: HTML = ""
  for title in TraceData.sections {
    let name = title.lowercased().replacing(" ", with: "-")
    sections += """
      <section class="section \(name)" data-title="\(title)"><h3>\(title)</h3><ul></ul></section>

      """
  }
  return """
    <section class="hinge" aria-label="Step">
    <div class="ruler"><div class="ticks" aria-hidden="true"></div>\
    <input type="range" min="1" value="1" aria-label="Step"></div>
    <div class="controls">
    <details name="view" class="view of-source"><summary>Source</summary></details>\
    <details name="view" class="view of-machine"><summary>Machine</summary></details>
    <button type="button" class="back" data-key="ArrowLeft" title="one step back (left arrow)">\
    ←<span> Back</span></button>\
    <button type="button" class="next" data-key="ArrowRight" title="next step (right arrow, space)">\
    <span>Next </span>→</button>\
    <button type="button" class="turn" data-key="n" title="next turn of the loop, or next question (n)">\
    <span class="of-turns">Next turn </span><span class="of-questions">Next question </span>⇥</button>
    </div>
    <p class="count"></p><p class="sentence" role="status"></p>
    <div class="below"><dl class="facts"></dl>
    <div class="question" role="group" aria-label="Question"><div class="asked" role="status"></div>\
    <p class="reason" role="status"></p></div></div>
    <div class="ask"><p class="hint" role="status"></p>\
    <label>go to step: <input name="step" inputmode="numeric" autocomplete="off" tabindex="-1"></label>\
    <label>find: <input name="words" autocomplete="off" tabindex="-1"></label>\
    <p class="keyline">\(keyline)</p></div>
    </section>
    <section class="machine" aria-label="Machine">
    <div class="phase"><p></p><label>recording <select></select></label></div>
    <div class="sections">\(sections)</div>
    <div class="list" hidden></div>
    <template><dl class="keys">\(keys)</dl><h3>Marks and words</h3>\
    <dl class="keys">\(marks)</dl></template>
    <template class="signs"><p class="signs">\(signs)</p></template>
    </section>
    """
}

/// The terminal's keys, as far as a page can do what they do.
private let benchKeys = [
  ("→  space  enter", "next step; so does ↓"), ("←", "back one step; so does ↑"),
  ("n  p", "next turn of the loop, previous turn"),
  ("home  end", "first step, last step"), ("g", "go to a step by its number"),
  ("/  N", "find a step; / and enter: the next, N: the one before"),
  ("l", "log: all steps in a list"),
  ("t", "the whole run as a picture, turn by turn; ↑ ↓ go to the next lane there"),
  ("P", "what next? before some steps you say which one comes; again: no more"),
  ("1  2  3  4", "of a question: this is the next step"),
  (".", "... show it"), ("n", "... go to the next one, and not to the next turn"),
  ("c", "what CPython did, step by step; after a what if, how it went before"),
  ("w", "what if? another answer here, and the scenario again"),
  ("u", "unfold what is before and after the turns, or fold it"),
  ("o  backspace", "to what led to this step; back"),
  ("f", "follow what this step is about; again: list; esc ends"),
  ("e  a  r", "next end of a callback, system call, change of the queue"),
  ("E  A  R", "... and back"), ("d", "in a scar: where old and new part"),
  ("b", "to this step's place in the text"), ("y", "the address of this step"),
  ("s", "other recordings"), ("z", "the machine in the place of the source, and back"),
  ("j  k", "scroll the machine"), ("esc  q", "back"), ("?  h", "this"),
]

/// What stands in the bench and explains itself nowhere.
private let benchMarks = [
  ("+  ~  −", "in the machine: what this step brought, changed, took away"),
  (
    "① ②",
    "the order in which callbacks wait: in the ready queue, and in a future's list"
  ),
  ("when done", "what a future or a task queues when it is settled"),
  ("stop", "in the list of the program's main task: it ends the loop"),
  ("a → b", "in the selector: if a is ready, the callback b is queued"),
  ("self-pipe", "a descriptor that another thread makes readable, to wake the loop"),
  ("epoll", "in the kernel: the list of descriptors that it watches for the selector"),
  (
    "the ruler",
    "a tick for a step, the longer ones for system calls and for what others do; a line "
      + "under them, as long as a callback runs"
  ),
  ("11 12 17 …", "right of the source: the steps that come from this line"),
  ("before: …", "the last system call; this step has made none"),
]

/// What a step's sign means, where the whole run is seen.
private let laneSigns = [
  ("+", "made"), (">", "runs"), ("<", "returns"), ("q", "queued"), (".", "waits"),
  ("=", "settled"), ("x", "cancelled"), ("?", "asks"), ("!", "reports"), ("c", "call"),
  ("e", "refused"), ("w", "world"), ("-", "else"),
]
