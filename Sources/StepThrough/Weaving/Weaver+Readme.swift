import Foundation

/// Two more things to weave, both for the README: a picture of the screen, and the
/// table of chapters.
extension Weaver {
  /// `<!-- screen accept 34 100x30 -->`: what the terminal shows at that step.
  func picture(of trace: Trace, step: Int, _ size: ScreenSize) -> [String] {
    var browser = Browser(trace)
    for _ in 1..<max(2, step) { _ = browser.press(.right) }
    let lines = screen(browser, tree, size).map { line in
      // Blanks at the end of a line are an eyesore in a diff.
      var text = line.text
      while text.last == " " { text.removeLast() }
      return text
    }
    return ["```text"] + lines + ["```"]
  }

  /// `<!-- chapters -->`: the table of `chapters/README.md`, with its links as they
  /// are from here.
  func chapterTable() -> [String] {
    let path = tree.root + "/chapters/README.md"
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return splitLines(text).drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.map
    {
      $0.replacing("](../", with: "](").replacing(/\]\((\d\d-)/) {
        "](chapters/\($0.1)"
      }
    }
  }
}
