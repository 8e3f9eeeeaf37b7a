import CLibrary
import Foundation
import Telling
import Testing

/// The program knows its source by the place where it was built, and not by the place
/// where the reader stands.
struct Elsewhere {
  private let root = SourceTree().root!

  @Test(arguments: ["/", "chapters"])
  func `started from somewhere else it knows all the same`(_ place: String) throws {
    let folder = place == "/" ? place : "\(root)/\(place)"
    let trace = try Program.run(["accept", "--json"], in: folder)
    #expect(trace.code == 0)
    #expect(trace.output.contains(#""asyncio":"BaseSelectorEventLoop._sock_accept""#))
    #expect(trace.output.contains(#""cpython":"selector_events.py:712""#))
    #expect(!trace.output.contains(#""missing""#))
    let woven = try Program.run(["weave", "--check"], in: folder)
    #expect((woven.code, woven.output, woven.error) == (0, "", ""))
  }

  @Test func `nothing of the kind is said only of a line that was read`() throws {
    let lines = try Program.run(["accept", "--json"]).output.split(separator: "\n")
    let own = try #require(lines.first { $0.contains("/Stage.swift") })
    #expect(own.contains(#""asyncio":null"#))
  }

  @Test func `a file that is not there any more has no root`() {
    #expect(SourceTree.findRoot("\(root)/Sources/nonesuch.swift") == nil)
    #expect(SourceTree.findRoot("/etc/passwd") == nil)
    #expect(SourceTree.findRoot("\(root)/Sources/walkthrough/main.swift") == root)
  }

  @Test func `where there is no source, it says so`() throws {
    // The reader stands in the package, but it is not the one that this was built from.
    let copy = try Copy(of: root)
    let plain = try Program.run(["accept"], in: root, path: copy.program)
    #expect(plain.code == 0)
    #expect(plain.output.contains("\n(the source is not here)\n"))
    let lines = try Program.run(["accept", "--json"], in: root, path: copy.program)
      .output.split(separator: "\n").dropFirst()
    #expect(!lines.isEmpty)
    for line in lines {
      let json = try JSONSerialization.jsonObject(with: Data(line.utf8))
      let step = try #require(json as? [String: Any])
      #expect(step["asyncio"] == nil)
      #expect(step["cpython"] == nil)
      let missing = step["missing"] as? [String]
      #expect(
        missing == ["the source is not here", "CPython's recordings are not here"])
    }
    let terminal = try PseudoTerminal(["accept"], program: copy.program)
    try terminal.wait(for: "(the source is not here)")
    terminal.type("n")
    try terminal.wait(for: "asyncio  the source is not here")
    #expect(!terminal.everything.contains("nothing of the kind"))
    terminal.type("c")
    try terminal.wait(for: "CPython's recordings are not here")
    terminal.type("q")
    #expect(try terminal.end() == 0)
  }

  @Test(arguments: [["weave"], ["weave", "--check"]])
  func `weaving that finds no chapters is an error`(_ arguments: [String]) throws {
    let copy = try Copy(of: root)
    let nowhere = try Program.run(arguments, in: root, path: copy.program)
    #expect((nowhere.code, nowhere.output) == (1, ""))
    #expect(nowhere.error.contains("the source is not here: this program was built"))

    try copy.makePackage(["README.md": "nothing\n"])
    let empty = try Program.run(arguments, in: root, path: copy.program)
    #expect((empty.code, empty.output) == (1, ""))
    #expect(empty.error == "there are no chapters in \(copy.root)/chapters\n")

    try copy.makePackage(["chapters/1.md": "[x](Sources/A.swift#L1)\n"])
    let broken = try Program.run(arguments, in: root, path: copy.program)
    #expect(broken.code == 1)
    #expect(broken.error.contains("chapters/1.md:1: there is no file Sources/A.swift"))

    try copy.makePackage([
      "chapters/1.md": "![](pictures/a.svg)\n\n![a](pictures/no.svg)\n",
      "chapters/pictures/a.svg": "<svg/>", "chapters/pictures/b.svg": "<svg/>",
    ])
    let images = try Program.run(arguments, in: root, path: copy.program)
    #expect(images.code == 1)
    for problem in [
      "1.md:1: chapters/pictures/a.svg has no words for who cannot see it",
      "1.md:3: there is no picture chapters/pictures/no.svg",
      "pictures/b.svg: no text shows it",
    ] { #expect(images.error.contains("chapters/\(problem)\n")) }
  }

  @Test(
    .enabled(
      if: getuid() != 0 || FileManager.default.isExecutableFile(atPath: setpriv),
      "root may write everywhere, and there is no setpriv to be somebody else"))
  func `a tree that one may not write gets a sentence`() throws {
    let copy = try Copy(of: root)
    let stale = "<!-- scars -->\n<!-- /scars -->\n"
    try copy.makePackage(["README.md": "nothing\n", "chapters/1.md": stale])
    defer { chmod("\(copy.root)/chapters", 0o755) }
    chmod("\(copy.root)/chapters", 0o555)
    let user = ["--reuid=65534", "--regid=65534", "--clear-groups"]
    let outcome =
      getuid() == 0
      ? try Program.run(user + [copy.program, "weave"], path: setpriv)
      : try Program.run(["weave"], path: copy.program)
    #expect((outcome.code, outcome.output) == (1, ""))
    #expect(
      outcome.error
        == "walkthrough: chapters/1.md cannot be written: Permission denied\n")
  }
}

private let setpriv = "/usr/bin/setpriv"

/// The program as if it had been built in another place: that is written in it, and here
/// it is overwritten with a name that is as long.
final class Copy {
  let root: String
  let program: String
  private let folder: URL

  init(of original: String) throws {
    let letters = "abcdefghijklmnopqrstuvwxyz"
    let name = (0..<max(1, original.utf8.count - 5)).map { _ in letters.randomElement()!
    }
    root = "/tmp/" + String(name)
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("walkthrough-\(UUID())")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true)
    chmod(folder.path, 0o755)
    program = folder.appendingPathComponent("walkthrough").path
    var bytes = try Data(contentsOf: URL(fileURLWithPath: Program.path))
    let (old, new) = (Data("\(original)/Sources/".utf8), Data("\(root)/Sources/".utf8))
    var place = bytes.startIndex
    while let found = bytes.range(of: old, in: place..<bytes.endIndex) {
      bytes.replaceSubrange(found, with: new)
      place = found.upperBound
    }
    try bytes.write(to: URL(fileURLWithPath: program))
    try makeExecutable(program)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
    try? FileManager.default.removeItem(atPath: root)
  }

  /// A package in that place, as far as the program wants to see one.
  func makePackage(_ texts: [String: String]) throws {
    let own = root + SourceTree.birthplace.dropFirst(SourceTree().root!.count)
    let needed = ["Package.swift": "", String(own.dropFirst(root.count + 1)): ""]
    for (name, text) in needed.merging(texts, uniquingKeysWith: { $1 }) {
      let file = URL(fileURLWithPath: "\(root)/\(name)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }
}
