import Foundation
import Recording
import Telling
import Testing
import Weaving

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Pictures: those that are drawn from traces, and those in the chapters' folder.
@Suite struct PictureTests {
  private static let folder = "\(SourceTree().root ?? "")/chapters/pictures"
  private static let committed =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".svg") }.sorted()

  @Test(arguments: CausesTests.scenarios)
  func `any trace is drawn, and no word stands on another`(name: String) throws {
    for trace in try CausesTests.traces(name) {
      for picture in [
        lanePicture(trace, title: name), lifePicture(trace, title: name),
      ] {
        let drawing = try Drawing(picture)
        #expect(drawing.texts.count > 3)
        #expect(drawing.collisions == [])
      }
      // The same trace, the same picture.
      #expect(lanePicture(trace, title: "") == lanePicture(trace, title: ""))
      #expect(lifePicture(trace, title: "") == lifePicture(trace, title: ""))
    }
  }

  @Test func `there are pictures to check`() {
    #expect(Self.committed.count >= 25)
  }

  @Test(arguments: committed)
  func `a picture is well formed, and has a light side and a dark one`(name: String)
    throws
  {
    let text = try String(contentsOfFile: "\(Self.folder)/\(name)", encoding: .utf8)
    let drawing = try Drawing(text)
    #expect(text.utf8.count < 400_000)
    #expect(drawing.title?.isEmpty == false)
    #expect(drawing.collisions == [])
    #expect(!text.contains("<script") && !text.contains("http://www.w3.org/1999"))
    // Whoever draws by hand takes the same colours.
    let colors = SVG.colors.split(separator: "\n")
    #expect(colors.count == 2)
    if name == "terminal.svg" {
      #expect(text.contains("@media(prefers-color-scheme:dark)"))
    } else {
      for line in colors { #expect(text.contains(line)) }
      #expect(700...800 ~= drawing.width)
    }
  }

  @Test func `the second attempt of accept is seen as such`() throws {
    let trace = try CausesTests.traces("accept")[0]
    let drawing = try Drawing(lanePicture(trace, title: "", [17...49]))
    let attempts = drawing.texts.filter { $0.look.contains("a") }.map(\.words)
    #expect(
      attempts == ["accept4(listener)", "EAGAIN", "accept4(listener)", "connection 1"])
    let steps = drawing.texts.filter { $0.look.contains("q") }.map(\.words)
    #expect(steps.first == "17–18" && steps.last == "49")
  }

  @Test func `a piece in two pieces, and parts with their names`() throws {
    let trace = try CausesTests.traces("scar T10")[0]
    let picture = lanePicture(trace, title: "", [26...49, 78...101])
    let drawing = try Drawing(picture)
    #expect(drawing.texts.contains { $0.words.hasPrefix("The old shape") })
    #expect(drawing.texts.contains { $0.words.hasPrefix("Today's shape") })
    #expect(drawing.texts.contains { $0.words.contains("AttributeError") })
  }

  // MARK: Weaving

  private func weave(_ mark: String, _ image: String, problem: String?) {
    var weaver = Weaver()
    let text = "\n\(mark)\n\(image)\n<!-- /\(mark.split(separator: " ")[1]) -->\n"
    #expect(weaver.weave(text, file: "chapters/x.md") == text)
    #expect(weaver.problems == (problem.map { ["chapters/x.md:2: \($0)"] } ?? []))
  }

  @Test func `a mark asks for a picture, or says what is wrong`() {
    let image = "![two\nlines](pictures/x.svg)"
    weave("<!-- picture accept 17-49 -->", image, problem: nil)
    weave("<!-- picture A2 1-2,4 quoted -->", image, problem: nil)
    weave("<!-- picture chat life -->", image, problem: nil)
    weave(
      "<!-- picture acept 17-49 -->", image, problem: "there is no scenario 'acept'")
    for range in ["17-149", "0-3", "9-3", "5-6,6", "x", ""] {
      weave(
        "<!-- picture accept \(range) -->", image,
        problem: "accept has the steps 1 to 64: 17-49, or 17-36,41-49")
    }
    let below = "below this stands ![what it shows](pictures/name.svg)"
    weave("<!-- picture accept 17-49 -->", "no image", problem: below)
    weave("<!-- picture accept 17-49 -->", "![](pictures/x.svg)", problem: below)
    weave("<!-- terminal accept 17-20 90x28 still 18 -->", image, problem: nil)
    for wrong in ["17-20 90x28", "17-20 90x28 still 30", "17-99 90x28 still 18"] {
      weave(
        "<!-- terminal accept \(wrong) -->", image,
        problem: "a terminal wants steps, a size and its rest: 17-49 96x30 still 34")
    }
  }

  @Test func `two marks for one file must ask for the same`() {
    var weaver = Weaver()
    func mark(_ steps: String) -> String {
      "<!-- picture accept \(steps) -->\n![x](pictures/x.svg)\n<!-- /picture -->\n"
    }
    _ = weaver.weave(mark("17-49") + mark("17-49"), file: "chapters/x.md")
    #expect(weaver.problems == [])
    _ = weaver.weave(mark("17-48"), file: "chapters/x.md")
    #expect(
      weaver.problems == [
        "chapters/x.md:1: chapters/pictures/x.svg is drawn twice, and not alike"
      ])
  }

  @Test func `figures of one machine are no reason to draw anew`() throws {
    let path = "\(Self.folder)/stream-drain.svg"
    let committed = try String(contentsOfFile: path, encoding: .utf8)
    let weaver = Weaver()
    #expect(committed.contains("130368"))
    #expect(weaver.isAlike(committed, committed.replacing("130368", with: "99")))
    #expect(!weaver.isAlike(committed, committed.replacing("wake-up", with: "other")))
  }

  @Test func `the terminal moves only where that is wanted`() throws {
    let text = try String(
      contentsOfFile: "\(Self.folder)/terminal.svg", encoding: .utf8)
    let (still, moving) = try #require(
      text.firstRange(of: "@media(prefers-reduced-motion:no-preference){").map {
        (text[..<$0.lowerBound], text[$0.upperBound...])
      })
    #expect(!still.contains("animation") && moving.contains("@keyframes f0-"))
    #expect(still.contains(".f{visibility:hidden}.k{visibility:visible}"))
    // What is seen of it at rest is one whole screen.
    let groups = text.components(separatedBy: "<g").dropFirst()
    let rest = groups.filter { $0.hasPrefix(">") || $0.contains(/^[^>]+ k">/) }.joined()
    #expect(rest.contains("Future-1 has its result; next it queues its 2 callbacks"))
    #expect(rest.contains("step 34 of 64") && !rest.contains("step 33 of 64"))
    #expect(groups.joined().contains("step 33 of 64"))
  }
}

/// What is written in a picture, and where.
private final class Drawing: NSObject, XMLParserDelegate {
  struct Text {
    let words: String
    let look: [String]
    let left, right, top, bottom: Double
  }

  private(set) var texts: [Text] = []
  private(set) var title: String?
  private(set) var width = 0.0
  private var height = 0.0
  private var open: [String: String]?
  private var words = ""
  private var element = ""
  private var frame = 0
  private var frames: [Int] = []

  init(_ text: String) throws {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    let isWellFormed = parser.parse()
    try #require(isWellFormed, "\(String(describing: parser.parserError))")
  }

  /// Words that stand on others, or over the edge. Each screen is a page of its own.
  var collisions: [String] {
    var found: [String] = []
    for (place, text) in texts.enumerated() {
      if text.left < 0 || text.right > width || text.top < 0 || text.bottom > height {
        found.append("'\(text.words)' is over the edge")
      }
      for (before, other) in texts[..<place].enumerated()
      where frames[before] == frames[place] && text.left < other.right
        && other.left < text.right && text.top < other.bottom && other.top < text.bottom
      {
        found.append("'\(text.words)' is on '\(other.words)'")
      }
    }
    return found
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    element = name
    switch name {
    case "svg":
      width = Double(attributes["width"] ?? "") ?? 0
      height = Double(attributes["height"] ?? "") ?? 0
    case "g": frame += 1
    case "text": (open, words) = (attributes, "")
    case "tspan" where attributes["class"] == "m": words += "`"
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    if open != nil { words += text }
    if element == "title" { title = (title ?? "") + text }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
    qualifiedName: String?
  ) {
    element = ""
    if name == "tspan" { words += "`" }
    guard name == "text", let attributes = open else { return }
    open = nil
    let look = (attributes["class"] ?? "").split(separator: " ").map(String.init)
    let isCode = look.contains("m")
    let isSmall = look.contains("q") || look.contains("n")
    let guess = SVG.width(isCode ? "`\(words)`" : words, isSmall: isSmall)
    let width = Double(attributes["textLength"] ?? "") ?? Double(guess)
    let x = Double(attributes["x"] ?? "") ?? -1
    let y = Double(attributes["y"] ?? "") ?? -1
    let left =
      switch attributes["text-anchor"] {
      case "middle": x - width / 2
      case "end": x - width
      default: x
      }
    frames.append(frame)
    texts.append(
      Text(
        words: words.replacing("`", with: ""), look: look, left: left,
        right: left + width, top: y - (isSmall ? 9 : 10), bottom: y + 2))
  }
}
