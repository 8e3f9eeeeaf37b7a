import Foundation
import Scars
import Telling
import Testing

/// The list of all scars.
struct Catalogue {
  @Test(arguments: Scar.all.map(\.id))
  func `a scar is told in the chapter that the list names`(_ id: String) throws {
    let scar = try #require(Scar.named(id))
    let folder = "\(SourceTree().root!)/chapters"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    let name = String(format: "%02d-", scar.chapter)
    // The last chapters are still to come.
    guard let file = files.first(where: { $0.hasPrefix(name) && $0.hasSuffix(".md") })
    else { return }
    let chapter = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
    #expect(try chapter.contains(Regex("\\b\(id)[a-d]?\\b")))
  }

  @Test func `every scar that a text tells to play is played`() throws {
    let root = SourceTree().root!
    let chapters = try FileManager.default.contentsOfDirectory(
      atPath: "\(root)/chapters")
    let texts = chapters.filter { $0.hasSuffix(".md") }.map { "chapters/\($0)" }
    var count = 0
    for path in texts + ["README.md"] {
      let text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
      for command in text.matches(of: /walkthrough scar ([A-Z][0-9]+[a-d]?)/) {
        let id = String(command.1)
        count += 1
        #expect(Scar.named(id)?.replay != nil, "\(path) tells to play \(id)")
      }
    }
    #expect(count > 0)
  }

  /// The names of all tests that begin with the id of a scar, or of one of its acts.
  private func testsOfScars() throws -> [(id: String, act: String)] {
    let folder = "\(SourceTree().root!)/Tests"
    let files = try #require(FileManager.default.enumerator(atPath: folder))
    var tests: [(id: String, act: String)] = []
    for case let path as String in files where path.hasSuffix(".swift") {
      let text = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
      for test in text.matches(of: /func `([A-Z][0-9]+)([a-d]?)[ ]/) {
        tests.append((String(test.1), String(test.2)))
      }
    }
    return tests
  }

  @Test func `every scar has a test of its name, and every such test a scar`() throws {
    let tests = try testsOfScars()
    // As one types it: swift test --filter 'A2 '
    let named = Set(tests.filter { $0.act.isEmpty }.map(\.id))
    let known = Set(Scar.all.map(\.id))
    #expect(known.subtracting(named).sorted() == [])
    #expect(Set(tests.map(\.id)).subtracting(known).sorted() == [])
  }

  @Test func `every act that a test names is told in the scar's chapter`() throws {
    let acts = try testsOfScars().filter { !$0.act.isEmpty }
    #expect(!acts.isEmpty)
    let folder = "\(SourceTree().root!)/chapters"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    for (id, act) in acts {
      let number = String(format: "%02d-", try #require(Scar.named(id)).chapter)
      let name = try #require(
        files.first { $0.hasPrefix(number) && $0.hasSuffix(".md") })
      let chapter = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
      #expect(try chapter.contains(Regex("\\b\(id)\(act)\\b")), "\(id)\(act)")
    }
  }

  @Test func `a test that a text names exists`() throws {
    let root = try #require(SourceTree().root)
    let files = try #require(FileManager.default.enumerator(atPath: "\(root)/Tests"))
    var names: Set<String> = []
    for case let path as String in files where path.hasSuffix(".swift") {
      let text = try String(contentsOfFile: "\(root)/Tests/\(path)", encoding: .utf8)
      names.formUnion(text.matches(of: /func `([^`]+)`/).map { String($0.1) })
    }
    let chapters = try FileManager.default.contentsOfDirectory(
      atPath: "\(root)/chapters")
    var count = 0
    for file in chapters where file.hasSuffix(".md") {
      let text = try String(contentsOfFile: "\(root)/chapters/\(file)", encoding: .utf8)
        .replacing(/\s+/, with: " ")
      let ids = text.matches(of: /`((?:[A-Z][0-9]+[a-d]?|[A-Z]+-[0-9]+) [^`]+)`/)
      let others = text.matches(of: /\btests?: `([^`]+)`/)
      for name in ids.map({ String($0.1) }) + others.map({ String($0.1) }) {
        count += 1
        #expect(names.contains(name), "\(file) names the test '\(name)'")
      }
    }
    #expect(count > 10)
  }

  @Test func `no two have one id`() {
    #expect(Set(Scar.all.map(\.id)).count == Scar.all.count)
  }

  @Test func `an id may be small, and may name an act`() {
    #expect(Scar.named("t10")?.id == "T10")
    #expect(Scar.named("L7a")?.id == "L7")
    #expect(Scar.named("A") == nil)
    #expect(Scar.named("A22") == nil)
  }
}
