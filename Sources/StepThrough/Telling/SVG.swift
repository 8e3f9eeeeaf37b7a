// A picture as text: some shapes, and words whose width one has to guess, since nobody
// knows what letters a reader's machine has. It knows nothing of what it shows.

/// A picture that grows downwards. Every number in it is whole, so that it is the same
/// on every machine.
package struct SVG {
  /// How wide it is, in pixels.
  let width: Int
  private var shapes = ""
  private var texts = ""

  init(width: Int) { self.width = width }

  /// Where a text stands on its point.
  enum Anchor: String { case start, middle, end }

  /// The colours and the looks of a file.
  static let style = "\(colors)\n\(looks)"

  /// The colours, for light and for dark. The book has the same; here the accent means an
  /// attempt, and what came of it.
  package static let colors = """
    svg{--p:#fdfcf9;--b:#f4f1ea;--i:#22252a;--j:#5b6068;--r:#e3dfd5;--l:#b9b3a6;\
    --a:#b23c17;--t:#fbe4da}
    @media(prefers-color-scheme:dark){svg{--p:#17181a;--b:#1f2124;--i:#e4e1da;\
    --j:#a5a29b;--r:#2f3236;--l:#5c6067;--a:#f0906a;--t:#3d291f}}
    """

  /// What is drawn with them.
  package static let looks = """
    text{font:13px system-ui,-apple-system,"Noto Sans",sans-serif;fill:var(--i);\
    paint-order:stroke;stroke:var(--b);stroke-width:4px;stroke-linejoin:round}
    .m{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;\
    font-size:12px}
    .h{font-weight:650;stroke:none}.q{fill:var(--j);font-size:11.5px}
    .a{fill:var(--a);font-weight:600}.n{stroke:none;font-size:11px;font-weight:700}
    path,rect,circle{fill:none;stroke:none}
    .page{fill:var(--p);stroke:var(--r)}.band{fill:var(--b)}
    .hair{stroke:var(--l);shape-rendering:crispEdges}.gap{stroke:var(--b);stroke-width:3}
    .dots{stroke:var(--l);stroke-width:2;stroke-dasharray:.1 5;stroke-linecap:round}
    .bar,.head{fill:var(--i)}.list{fill:var(--l)}
    .box,.disc{fill:var(--p);stroke:var(--i);stroke-width:1.5}
    .line{stroke:var(--j);stroke-width:1.2}.tip{fill:var(--j)}
    .to{stroke:var(--i);stroke-width:1.8}
    .try{stroke:var(--a);stroke-width:2}.trytip{fill:var(--a)}.back{stroke-dasharray:5 4}
    .mark{stroke:var(--l);stroke-dasharray:3 3}.curve{stroke:var(--i);stroke-width:1.5;\
    fill:var(--r)}
    """

  // MARK: Shapes

  mutating func path(_ look: String, _ path: String) {
    shapes += "<path class=\"\(look)\" d=\"\(path)\"/>\n"
  }

  mutating func rect(
    _ look: String, x: Int, y: Int, width: Int, height: Int, round: Int = 0
  ) {
    let corner = round > 0 ? " rx=\"\(round)\"" : ""
    shapes += "<rect class=\"\(look)\" x=\"\(x)\" y=\"\(y)\" width=\"\(width)\""
    shapes += " height=\"\(height)\"\(corner)/>\n"
  }

  /// An arrow to the right or to the left, with its head.
  mutating func arrow(
    _ look: String, tip: String, from start: Int, to end: Int, y: Int
  ) {
    let sign = start < end ? 1 : -1
    path(look, "M\(start) \(y)H\(end - 6 * sign)")
    path(tip, "M\(end) \(y)l\(-9 * sign) -4v8z")
  }

  /// A stripe across the picture that leads to steps of the recording, for who can step
  /// through it. What comes later lies above it.
  ///
  /// - Parameters:
  ///   - steps: which; the first is where it leads.
  ///   - trace: the recording.
  ///   - words: what happens there.
  ///   - rows: from where down to where.
  mutating func link(
    to steps: ClosedRange<Int>, of trace: String, _ words: String,
    rows: Range<Int>
  ) {
    let numbers = steps.map(String.init)
    let name = trace.replacing(" ", with: "-")
    let label = xml("step \(numbers[0]), \(words.filter { $0 != "`" })")
    shapes += "<a href=\"#\(name)/\(numbers[0])\" aria-label=\"\(label)\""
    shapes += " data-step=\"\(numbers.joined(separator: " "))\">"
    shapes += "<rect x=\"6\" y=\"\(rows.lowerBound)\" width=\"\(width - 12)\""
    shapes += " height=\"\(rows.count)\"/></a>\n"
  }

  /// A number in a circle. It lies above everything else.
  mutating func disc(_ number: Int, x: Int, y: Int) {
    texts += "<circle class=\"disc\" cx=\"\(x)\" cy=\"\(y)\" r=\"8\"/>"
    text("\(number)", "n", x: x, y: y + 4, .middle)
  }

  // MARK: Words

  /// A line of text; what is between two `backquotes` looks like code.
  mutating func text(
    _ text: String, _ look: String = "", x: Int, y: Int, _ anchor: Anchor = .start
  ) {
    let pieces = text.split(separator: "`", omittingEmptySubsequences: false)
    let isCode = pieces.count == 3 && pieces[0].isEmpty && pieces[2].isEmpty
    let looks = [isCode ? "m" : "", look].filter { !$0.isEmpty }.joined(separator: " ")
    texts += "<text" + (looks.isEmpty ? "" : " class=\"\(looks)\"")
    texts += " x=\"\(x)\" y=\"\(y)\""
    texts += anchor == .start ? ">" : " text-anchor=\"\(anchor.rawValue)\">"
    for (place, piece) in pieces.enumerated() where !piece.isEmpty {
      let isTail = place % 2 == 1 && !isCode
      texts += isTail ? "<tspan class=\"m\">\(xml(piece))</tspan>" : xml(piece)
    }
    texts += "</text>\n"
  }

  /// How wide a line of text will be, rather too much than too little.
  package static func width(_ text: String, isSmall: Bool = false) -> Int {
    var isCode = false
    var width = 0.0
    for character in text {
      if character == "`" {
        isCode.toggle()
      } else if isCode {
        width += isSmall ? 7.9 : 7.3
      } else {
        width +=
          "iljtfr.,:;'|!()[] -".contains(character)
          ? 5 : "mwMW→…".contains(character) ? 12 : character.isUppercase ? 9.5 : 7.8
      }
    }
    return Int(isSmall ? width * 0.89 : width) + 1
  }

  /// The file.
  ///
  /// - Parameters:
  ///   - title: what it shows.
  ///   - height: where it ends.
  func file(_ title: String, height: Int) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
    width="\(width)" height="\(height)" role="img">
    <title>\(xml(title))</title>
    <style>
    \(Self.style)
    </style>
    <rect class="page" x="0.5" y="0.5" width="\(width - 1)" height="\(height - 1)" rx="8"/>
    \(shapes)\(texts)</svg>

    """
  }
}

/// The same text with nothing in it that would be taken for markup.
package func xml(_ text: some StringProtocol) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for character in text {
    switch character {
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "&": result += "&amp;"
    case "\"": result += "&quot;"
    default: result.append(character)
    }
  }
  return result
}
