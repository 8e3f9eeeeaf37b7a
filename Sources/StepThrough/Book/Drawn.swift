import Foundation
import Telling

// A picture that was drawn from a trace, as a part of the page: then its rows lead to
// the machine, as those of a table do. It knows how such a file is written.

/// - Parameters:
///   - path: the picture's file.
///   - trace: what it was drawn from, as addresses call it: `scar-T10`.
///   - words: what it shows, for who cannot see it.
/// - Returns: `nil` if that is no such file.
func drawnHTML(_ path: String, of trace: String, _ words: String) -> HTML? {
  guard let file = try? String(contentsOfFile: path, encoding: .utf8),
    let box = file.firstMatch(of: /viewBox="([\d ]+)"/)?.1,
    let begin = file.firstRange(of: "<rect class=\"page\"")?.lowerBound
  else { return nil }
  // The page has a `list`, too.
  let shapes = file[begin...].replacing(/class="([^"]+)"/) { match in
    "class=\"\(match.1.split(separator: " ").map { "d-\($0)" }.joined(separator: " "))\""
  }
  return """
    <svg class="drawn steps" data-trace="\(trace)" viewBox="\(String(box))" role="group" \
    aria-label="\(words)">\(HTML(markup: String(shapes)))
    """
}

/// What is in the style of each file, once for all that are parts of a page. The colours
/// are the page's.
var drawnStyle: String {
  let looks = SVG.looks.replacing(/\.([a-z]+)(?=[{,])/) { ".d-\($0.1)" }
  return """

    /* The pictures that are drawn from traces. */
    .drawn {
    --p: var(--paper); --b: var(--bench); --i: var(--ink); --j: var(--ink2);
    --r: var(--rule); --l: var(--border); --a: var(--accent); --t: var(--tint);
    \(looks)
    }

    """
}
