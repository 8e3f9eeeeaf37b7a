import Screen
import Testing

/// What the bytes of a terminal mean.
@Suite struct KeyTests {
  /// A key or a report, and what it is.
  static let known: [(String, [Key])] = [
    ("n", [.character("n")]), ("登", [.character("登")]), ("😀", [.character("😀")]),
    ("\r", [.enter]), ("\n", [.enter]), ("\u{7F}", [.backspace]),
    ("\u{8}", [.backspace]),
    ("\t", [.tab]), ("\u{1B}[Z", [.backTab]),
    ("\u{3}", [.interrupt]), ("\u{4}", [.endOfInput]), ("\u{1A}", [.suspend]),
    ("\u{1}", [.unknown]), ("\u{1C}", [.unknown]), ("\u{0}", [.unknown]),
    ("\u{1B}[A", [.up]), ("\u{1B}OB", [.down]), ("\u{1B}[C", [.right]),
    ("\u{1B}[D", [.left]), ("\u{1B}[H", [.home]), ("\u{1B}[4~", [.end]),
    ("\u{1B}[5~", [.pageUp]), ("\u{1B}[6~", [.pageDown]),
    // With shift and the like, function keys, the console's, kitty's, alt.
    ("\u{1B}[1;5C", [.unknown]), ("\u{1B}OP", [.unknown]), ("\u{1B}[15;2~", [.unknown]),
    ("\u{1B}[[A", [.unknown]), ("\u{1B}[97;5u", [.unknown]),
    ("\u{1B}[57399;1:3u", [.unknown]), ("\u{1B}q", [.unknown]), ("\u{1B}é", [.unknown]),
    ("\u{1B}\u{1B}[D", [.unknown]), ("\u{1B}\r", [.unknown]),
    // What it says of its ground, which we have asked for.
    ("\u{1B}]11;rgb:ffff/ffff/ffff\u{7}", [.ground(isLight: true)]),
    ("\u{1B}]11;rgb:00/2b/36\u{1B}\\", [.ground(isLight: false)]),
    ("\u{1B}]11;rgba:f/d/e/f\u{7}", [.ground(isLight: true)]),
    // Answers that some other program has asked for.
    ("\u{1B}]10;rgb:ffff/ffff/ffff\u{7}", [.unknown]), ("\u{1B}]11;?\u{7}", [.unknown]),
    ("\u{1B}P1+r544e=787465726d\u{1B}\\", [.unknown]), ("\u{1B}[?1;2c", [.unknown]),
    // The mouse: today's way, then the one between, then the oldest.
    ("\u{1B}[<0;10;5M", [.mouse(Mouse(.press, column: 10, row: 5))]),
    ("\u{1B}[<0;10;5m", [.mouse(Mouse(.release, column: 10, row: 5))]),
    ("\u{1B}[<64;1;300M", [.mouse(Mouse(.wheelUp, column: 1, row: 300))]),
    ("\u{1B}[<65;1;2M", [.mouse(Mouse(.wheelDown, column: 1, row: 2))]),
    ("\u{1B}[<4;1;2M", [.mouse(Mouse(.press, column: 1, row: 2))]),  // with shift
    ("\u{1B}[<35;7;7M", [.mouse(Mouse(.other, column: 7, row: 7))]),
    ("\u{1B}[<2;7;7m", [.mouse(Mouse(.release, column: 7, row: 7))]),
    ("\u{1B}[<;7M", [.unknown]), ("\u{1B}[<99999999999999999999;7;7M", [.unknown]),
    ("\u{1B}[32;10;5M", [.mouse(Mouse(.press, column: 10, row: 5))]),
    ("\u{1B}[35;10;5M", [.mouse(Mouse(.release, column: 10, row: 5))]),
    ("\u{1B}[97;10;5M", [.mouse(Mouse(.wheelDown, column: 10, row: 5))]),
    ("\u{1B}[M qq", [.mouse(Mouse(.press, column: 81, row: 81))]),
    ("\u{1B}[M#!!", [.mouse(Mouse(.release, column: 1, row: 1))]),
    ("\u{1B}[M`\"\"", [.mouse(Mouse(.wheelUp, column: 2, row: 2))]),
    // What was pasted is text, whatever it looks like.
    ("\u{1B}[200~q\r\u{1B}[Aq\u{1B}[201~", [.pasted("q\r\u{1B}[Aq")]),
    ("\u{1B}[200~\u{1B}[201~", [.pasted("")]), ("\u{1B}[201~", [.unknown]),
  ]

  private func parse(_ bytes: [UInt8]) -> [Key] {
    var parser = KeyParser()
    return parser.parse(bytes)
  }

  @Test(arguments: known) func `keys and reports`(text: String, keys: [Key]) {
    // Something behind it is not touched.
    #expect(parse(Array((text + "x").utf8)) == keys + [.character("x")])
  }

  @Test(arguments: known) func `in two pieces, whatever came between`(
    text: String, keys: [Key]
  ) {
    let bytes = Array(text.utf8)
    for place in bytes.indices.dropFirst() {
      var parser = KeyParser()
      #expect(parser.parse(Array(bytes[..<place])) == [])
      let isEscape = bytes[..<place].allSatisfy { $0 == 0x1B }
      #expect(parser.patience ?? 5000 >= (isEscape ? 50 : 1000))
      #expect(parser.parse(Array(bytes[place...])) == keys)
      #expect(parser.patience == nil)
    }
  }

  @Test(arguments: known) func `byte by byte`(text: String, keys: [Key]) {
    var parser = KeyParser()
    #expect(Array(text.utf8).flatMap { parser.parse([$0]) } == keys)
  }

  @Test(
    arguments: known.filter { $0.0.hasPrefix("\u{1B}[") || $0.0.hasPrefix("\u{1B}O") })
  func `an escape that was none is taken back`(text: String, keys: [Key]) {
    for isInPieces in [true, false] {
      var parser = KeyParser()
      #expect(parser.parse([0x1B]) == [])
      #expect(parser.parse([], isAll: true) == [.escape])
      let rest = Array(text.utf8.dropFirst())
      let came = isInPieces ? rest.flatMap { parser.parse([$0]) } : parser.parse(rest)
      #expect(came == [.notEscape] + keys)
    }
  }

  @Test func `an escape is an escape`() {
    var parser = KeyParser()
    #expect(parser.parse([0x1B]) == [])
    #expect(parser.patience == 50)
    #expect(parser.parse([], isAll: true) == [.escape])
    // Its rest would have to come soon.
    #expect(parser.patience == 1000)
    #expect(parser.parse([], isAll: true) == [])
    #expect(parser.patience == nil)
    #expect(parser.parse(Array("[C".utf8)) == [.character("["), .character("C")])

    // Typed one after the other: three keys.
    #expect(parser.parse([0x1B]) + parser.parse([], isAll: true) == [.escape])
    #expect(parser.parse(Array("[".utf8)) == [])
    #expect(parser.parse([], isAll: true) == [.character("[")])

    #expect(parser.parse([0x1B, 0x1B]) == [])
    #expect(parser.patience == 50)
    #expect(parser.parse([], isAll: true) == [.escape, .escape])
    #expect(parser.parse([0x1B, 0x03]) == [.escape, .interrupt])
  }

  @Test func `what is cut off presses no keys, and what follows does`() {
    for beginning in [
      "\u{1B}[1;", "\u{1B}[<0;1", "\u{1B}[M ", "\u{1B}O", "\u{1B}]11;q",
    ] {
      var parser = KeyParser()
      #expect(parser.parse(Array(beginning.utf8)) == [])
      #expect(parser.parse([], isAll: true) == [.unknown])
      #expect(parser.parse([0x71]) == [.character("q")])
    }
    #expect(parse(Array("\u{1B}[1;\u{1B}[C".utf8)) == [.unknown, .right])
    #expect(parse(Array("\u{1B}[1;\u{3}".utf8)) == [.unknown, .interrupt])
    #expect(parse(Array("\u{1B}]11;\u{3}".utf8)) == [.unknown, .interrupt])
    #expect(parse(Array("\u{1B}]11;\u{1B}[C".utf8)) == [.unknown, .right])
  }

  @Test func `what is no UTF-8 is no character`() {
    let cases: [([UInt8], [Key])] = [
      ([0xFF], [.unknown]), ([0x80], [.unknown]),
      ([0xC0, 0x80], [.unknown, .unknown]),
      ([0xE7, 0x41], [.unknown, .character("A")]),
      ([0xED, 0xA0, 0x80], [.unknown]),  // half of a pair
      ([0xF4, 0x90, 0x80, 0x80], [.unknown]),  // beyond the last
      ([0xC2, 0x9B], [.unknown]),  // a control character
    ]
    for (bytes, keys) in cases {
      #expect(parse(bytes + [0x78]) == keys + [.character("x")])
    }
    var parser = KeyParser()
    #expect(parser.parse([0xE7, 0x99]) == [])
    #expect(parser.parse([], isAll: true) == [.unknown])
    // The oldest mouse report may be none either.
    #expect(
      parse([0x1B, 0x5B, 0x4D, 0x20, 0xFF, 0xA0])
        == [.mouse(Mouse(.press, column: 223, row: 128))])
  }

  @Test func `a pasted text may be long, and its end may be forgotten`() {
    var parser = KeyParser()
    #expect(parser.parse(Array("\u{1B}[200~".utf8)) == [])
    for _ in 1...1000 {
      #expect(parser.parse([UInt8](repeating: 0x71, count: 1000)) == [])
    }
    #expect(parser.patience == nil)
    let keys = parser.parse(Array("\u{1B}[201~n".utf8))
    #expect(keys == [.pasted(String(repeating: "q", count: 4096)), .character("n")])

    #expect(parser.parse(Array("\u{1B}[200~abc".utf8)) == [])
    #expect(parser.parse([0x03]) == [.interrupt])
    #expect(parser.parse([0x71]) == [.character("q")])
  }

  @Test func `whatever comes, in the end there is nothing left`() {
    var random = SystemRandomNumberGenerator()
    let likely =
      Array("\u{1B}\u{1B}\u{1B}[[O<M;0132~mu]P\\\u{7}q登".utf8) + [0xFF, 0x80]
    for _ in 1...2000 {
      var parser = KeyParser()
      for _ in 1...Int.random(in: 1...12, using: &random) {
        let bytes = (1...3).map { _ in likely.randomElement(using: &random)! }
        _ = parser.parse(bytes, isAll: Bool.random(using: &random))
      }
      _ = parser.parse([0x03])  // should a paste have begun
      for _ in 1...3 { _ = parser.parse([], isAll: true) }
      #expect(parser.patience == nil)
      #expect(parser.parse([0x71]) == [.character("q")])
    }
  }
}
