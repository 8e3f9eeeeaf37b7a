import Sockets
import EventLoops
import Streams
import TestSupport
import Testing

/// What is too long, and who keeps the bytes.
@Suite struct Limits {
  private func overrun(
    _ desk: Desk, _ separator: String = "\n",
    at location: SourceLocation = #_sourceLocation
  ) -> Int? {
    #expect(throws: LimitOverrunError.self, sourceLocation: location) {
      try desk.now { try await $0.readuntil(separator.bytes) }
    }?.consumed
  }

  @Test func `STRM-09 too long without a separator, and too long with it`() throws {
    let desk = try Desk(limit: 3)
    try desk.feed("some dataAA")
    // Two of the last bytes may be the beginning of a separator.
    #expect(overrun(desk, "AAA") == 9 && desk.left == 11)
    try desk.feed("A")
    #expect(overrun(desk, "AAA") == 9 && desk.left == 12)
    // So many bytes can be skipped, and the separator is still whole.
    #expect(try desk.now { try await $0.readexactly(9) }.text == "some data")
    #expect(try desk.now { try await $0.readuntil("AAA".bytes) }.text == "AAA")
  }

  @Test(arguments: 1...4)
  func `STRM-09 exactly the limit, and one more`(length: Int) throws {
    let separator = String(repeating: "-", count: length)
    for tooMany in 0...1 {
      let line = String(repeating: "x", count: 8 + tooMany) + separator
      // In one piece, and byte for byte.
      let whole = try Desk(limit: 8)
      try whole.feed(line)
      let cut = try Desk(limit: 8)
      let reading = try cut.begin { try await $0.readuntil(separator.bytes) }
      for byte in line.bytes { try cut.feed([byte]) }
      if tooMany == 0 {
        #expect(try whole.now { try await $0.readuntil(separator.bytes) } == line.bytes)
        #expect(try reading.result() == line.bytes)
      } else {
        #expect(overrun(whole, separator) == 9 && whole.left == line.utf8.count)
        let error = #expect(throws: LimitOverrunError.self) { try reading.result() }
        #expect(error?.consumed == 9 && cut.left == line.utf8.count)
      }
    }
  }

  @Test(arguments: 1...4)
  func `STRM-09 how much has to come before it gives up`(length: Int) throws {
    let separator = [UInt8](repeating: 45, count: length)
    let desk = try Desk(limit: 8)
    let reading = try desk.begin { try await $0.readuntil(separator) }
    // Behind so many a separator of the right place may still come to its end.
    try desk.feed([UInt8](repeating: 120, count: 8 + length - 1))
    #expect(!reading.done() && desk.isAwaited)
    try desk.feed("x")
    let error = #expect(throws: LimitOverrunError.self) { try reading.result() }
    #expect(error?.consumed == 9 && desk.left == 8 + length)
    #expect(error?.description.contains("limit is 8") == true)
  }

  @Test func `STRM-09 the limit is asked before the end`() throws {
    let desk = try Desk(limit: 3)
    try desk.feed("abcd")
    try desk.end()
    #expect(overrun(desk) == 4 && desk.left == 4)
    // Skipped, and the rest is read.
    #expect(try desk.now { try await $0.readexactly(4) }.text == "abcd")
    #expect(throws: IncompleteReadError(partial: [], expected: nil)) {
      try desk.now { try await $0.readuntil() }
    }
  }

  @Test(arguments: [0, -1, .min])
  func `a limit has to be positive`(limit: Int) throws {
    let replay = try ScriptedLoop()
    #expect(throws: ValueError.self) {
      try StreamReader(limit: limit, loop: replay.loop)
    }
    try replay.loop.close()
  }

  @Test func `M8 readuntil leaves the bytes, so it throws again and again`() throws {
    let desk = try Desk(limit: 3)
    try desk.feed("abcde")
    for _ in 1...3 { #expect(overrun(desk) == 5 && desk.left == 5) }
    try desk.feed("fg\nnext\n")
    for _ in 1...3 { #expect(overrun(desk) == 7 && desk.left == 13) }
    _ = try desk.now { try await $0.readexactly(7) }
    #expect(try desk.now { try await $0.readuntil() }.text == "\n")
    // Four bytes before this one's newline.
    #expect(overrun(desk) == 4 && desk.left == 5)
  }

  @Test func `M8 readline throws the whole line away if its end is here`() throws {
    let desk = try Desk(limit: 3)
    try desk.feed("abcdefgh\nok\n")
    #expect(throws: ValueError.self) { try desk.now { try await $0.readline() } }
    #expect(desk.left == 3)
    #expect(try desk.now { try await $0.readline() }.text == "ok\n")
  }

  @Test func `M8 without its end, the tail comes back as a line`() throws {
    let desk = try Desk(limit: 3)
    try desk.feed("abcdefgh")
    #expect(throws: ValueError.self) { try desk.now { try await $0.readline() } }
    #expect(desk.left == 0)
    try desk.feed("ij\nok\n")
    #expect(try desk.now { try await $0.readline() }.text == "ij\n")
    #expect(try desk.now { try await $0.readline() }.text == "ok\n")
  }

  @Test func `M8 the error of readline is that of readuntil`() throws {
    let desk = try Desk(limit: 3)
    try desk.feed("abcdefgh")
    let overrun = #expect(throws: LimitOverrunError.self) {
      try desk.now { try await $0.readuntil() }
    }
    let error = #expect(throws: ValueError.self) {
      try desk.now { try await $0.readline() }
    }
    #expect(error.map { "\($0)" } == overrun.map { "\($0)" })
  }

  @Test(arguments: [true, false])
  func `M8 exactly the limit passes, in one piece or two`(inOne: Bool) throws {
    let desk = try Desk(limit: 5)
    let reading = try desk.begin { try await $0.readline() }
    if inOne { try desk.feed("abcde\n") } else { try desk.feed("abcde", "\n") }
    #expect(try reading.result().text == "abcde\n")
    // One more does not; and its newline is no excuse.
    let next = try desk.begin { try await $0.readline() }
    if inOne { try desk.feed("abcdef\n") } else { try desk.feed("abcdef", "\n") }
    #expect(throws: ValueError.self) { try next.result() }
    // In two pieces the newline came too late to be thrown away.
    #expect(desk.left == (inOne ? 0 : 1))
  }

  @Test func `M8 the search begins again before the last piece's end`() throws {
    // At the limit to the byte, and every cut is inside the separator.
    for cut in 5...8 {
      let desk = try Desk(limit: 5)
      let reading = try desk.begin { try await $0.readuntil("<->".bytes) }
      let line = "abcde<->"
      try desk.feed(String(line.prefix(cut)), String(line.dropFirst(cut)))
      #expect(try reading.result().text == line)
    }
  }
}
