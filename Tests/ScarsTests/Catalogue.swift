import Foundation
import Scars
import Telling
import Testing

/// The list of all scars.
struct Catalogue {
  @Test(arguments: Scar.all.map(\.id))
  func `a scar is told in the chapter that the list names`(_ id: String) throws {
    let scar = try #require(Scar.named(id))
    let folder = "\(SourceTree().root)/chapters"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    let name = String(format: "%02d-", scar.chapter)
    // The last chapters are still to come.
    guard let file = files.first(where: { $0.hasPrefix(name) && $0.hasSuffix(".md") })
    else { return }
    let chapter = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
    #expect(try chapter.contains(Regex("\\b\(id)[a-d]?\\b")))
  }

  @Test func `every scar that a text tells to play is played`() throws {
    let root = SourceTree().root
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
