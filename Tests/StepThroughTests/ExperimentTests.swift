@testable import Experiments
import Foundation
import Scars
import Scenarios
import Telling
import Testing

/// The list of what can be broken. Whether it breaks as it says, `.ci/run` finds out.
@Suite struct ExperimentTests {
  private static let tree = SourceTree()

  /// The names of a target's tests.
  private static func tests(in target: String) -> Set<String> {
    let folder = "\(tree.root!)/Tests/\(target)"
    let files = FileManager.default.enumerator(atPath: folder)
    let texts = (files?.compactMap { $0 as? String } ?? []).compactMap {
      try? String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)
    }
    return Set(
      texts.flatMap { text in
        text.components(separatedBy: "func `").dropFirst().map {
          String($0.prefix { $0 != "`" })
        }
      })
  }

  @Test(arguments: Experiment.all.map(\.name))
  func `its line is where it says, and what it claims can be seen`(_ name: String)
    throws
  {
    let experiment = try #require(Experiment.named(name))
    let change = try experiment.change(in: Self.tree)
    let old = try #require(Self.tree.file(change.path))
    #expect(old.map { $0 + "\n" }.joined() != change.text)
    #expect(!experiment.claims.isEmpty)
    for claim in experiment.claims {
      switch claim {
      case .fails(let test, let words):
        #expect(!words.isEmpty)
        #expect(Self.tests(in: experiment.target).contains(test), "\(test)")
      case .parts(let trace, let step, let words):
        #expect(!words.isEmpty && step > 0)
        #expect(Scenario.played(trace) != nil, "\(trace)")
      }
    }
  }

  @Test func `each has a name of its own`() {
    #expect(Set(Experiment.all.map(\.name)).count == Experiment.all.count)
    #expect(Experiment.named("ACCEPT.Done-First")?.label == "accept.done-first")
    #expect(Experiment.named("lazy.forget/fork")?.label == "lazy.forget")
    #expect(Experiment.named("lazy") == nil)
  }

  /// A label is a scar's line if the comment below it names one.
  @Test func `every label that is a scar's line can be broken`() throws {
    let broken = Set(Experiment.all.map(\.label))
    let scar = /\b([A-Z][0-9]+)[a-d]?\b/
    let floors = [
      "Sockets", "Selectors", "EventLoops", "SocketOperations", "Transports", "Streams",
    ]
    var count = 0
    for path in Self.tree.allPaths
    where floors.contains(where: { path.hasPrefix("Sources/\($0)/") }) {
      var label: String?
      for line in Self.tree.file(path)! {
        let text = line.drop { $0 == " " }
        if isLabel(line) {
          label = String(text.dropFirst(4).dropLast())
        } else if !text.hasPrefix("//") {
          label = nil
        } else if let own = label,
          text.matches(of: scar).contains(where: { Scar.named(String($0.1)) != nil })
        {
          count += 1
          #expect(broken.contains(own), "\(path): [\(own)] is the line of a scar")
          label = nil
        }
      }
    }
    #expect(count > 40)
  }

  @Test func `words that end in the middle of an expression say that it goes on`() {
    let cut = Experiment.Claim.fails(test: "x", words: "(a → [1]) == [1, ")
    #expect(cut.sentence == "'x' fails: (a → [1]) == [1, …")
    let whole = Experiment.Claim.fails(test: "x", words: "(a → [1]) == [1, 2]")
    #expect(whole.sentence == "'x' fails: (a → [1]) == [1, 2]")
  }

  @Test func `a line that is gone is an error that names it`() throws {
    func lack(_ old: String, _ source: String) throws -> String? {
      let folder = FileManager.default.temporaryDirectory.appending(
        path: "walkthrough-\(UUID())")
      defer { try? FileManager.default.removeItem(at: folder) }
      let home = folder.appending(path: "Sources/X")
      try FileManager.default.createDirectory(
        at: home, withIntermediateDirectories: true)
      try Data(source.utf8).write(to: home.appending(path: "Y.swift"))
      let experiment = Experiment("a.b/c", old, "z()", in: "XTests")
      do {
        let change = try experiment.change(in: SourceTree(root: folder.path))
        #expect(change.path == "Sources/X/Y.swift")
        return change.text
      } catch { return "\(error)" }
    }
    let source = "x()\n// [a.b]\nif x {\n  // [a.c]\n  y()\n  x()\n}\ny()\nx()\n"
    // Also behind a label that stands in between; not behind the end.
    #expect(
      try lack("y()\nx()", source)
        == source.replacing("  y()\n  x()\n", with: "  z()\n"))
    #expect(
      try lack("w()", source)
        == "a.b/c: 'w()' stands no more below the label 'a.b' in Sources/X/Y.swift")
    #expect(
      try lack("x()", source.replacing("y()", with: "x()"))
        == "a.b/c: 'x()' stands twice below the label 'a.b' in Sources/X/Y.swift")
    #expect(
      try lack("x()", "x()\n")
        == "a.b/c: there is no label 'a.b' in the source any more")
  }

  // MARK: In the chapters

  private static let chapters: [(name: String, text: String)] = {
    let folder = "\(tree.root!)/chapters"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.contains(/^\d\d-.*\.md$/) }.sorted().compactMap { name in
      (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)).map {
        (name, $0)
      }
    }
  }()

  @Test func `every chapter from 3 on has a table of them`() {
    let wanted = Self.chapters.filter { Int($0.name.prefix(2))! >= 3 }
    #expect(wanted.count >= 13)
    for (name, text) in wanted {
      let tables = text.matches(of: /<!-- experiments (.+) -->/)
      #expect(tables.count == 1, "\(name)")
      let count = tables.first?.1.split(separator: " ").count ?? 0
      #expect((3...7).contains(count), "\(name) has \(count)")
    }
  }

  /// What a text tells to take out, somebody has taken out.
  @Test func `what is said to happen without a line was seen`() {
    var count = 0
    for (name, text) in Self.chapters {
      for paragraph in text.split(separator: "\n\n") {
        let words = paragraph.replacing("\n", with: " ")
        let told = words.firstMatch(
          of: /(?i)\b(take|leave|swap)\b.{1,40}\b(out|away|them)\b.*\btests?\b/)
        if told == nil { continue }
        count += 1
        #expect(words.contains("walkthrough break"), "\(name): \(words)")
      }
    }
    #expect(count > 0)
  }
}
