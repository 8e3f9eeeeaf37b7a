import Foundation
import Scars
import Scenarios
import Telling
import TestSupport
import Testing

/// The chapters leave nothing out.
@Suite(.onLinux) struct ChapterTests {
  private let root = SourceTree().root!

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
  }
  private func files(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").sorted()
  }

  @Test(arguments: [
    "Sockets", "Selectors", "EventLoops", "SocketOperations", "Transports", "Streams",
  ])
  func `every function of a floor is mentioned in some chapter`(floor: String) throws {
    let chapters = try files(in: "chapters").filter { $0.hasSuffix(".md") }
      .map { try text("chapters/\($0)") }.joined()
    let words = Set(chapters.split { !$0.isLetter && !$0.isNumber && $0 != "_" })
    for file in try files(in: "Sources/\(floor)") {
      for line in try text("Sources/\(floor)/\(file)").split(separator: "\n") {
        // What is private is told with the function that needs it.
        guard !line.contains("private"), !line.contains("//"),
          let name = line.firstMatch(of: /\bfunc (\w+)/)?.1
        else { continue }
        #expect(words.contains(name), "\(floor)/\(file): \(name) is in no chapter")
      }
    }
  }

  @Test func `the table of chapters names tests, scenarios and sources that exist`()
    throws
  {
    let table = try text("chapters/README.md")
    for test in table.matches(of: /--filter (\w+)`/) {
      #expect(try files(in: "Tests").contains(String(test.1)), "\(test.1)")
    }
    let scars = Scar.all.compactMap(\.scenario?.name)
    let scenarios = Set(Scenario.all.map(\.name) + scars)
    for row in table.split(separator: "\n") where row.hasPrefix("| [") {
      let cells = row.split(separator: "|")
      for name in cells.last!.matches(of: /`([^`]+)`/).map(\.1) {
        #expect(scenarios.contains(String(name)), "\(name)")
      }
      for link in row.matches(of: /\]\(([^)]+)\)/) {
        let path = "\(root)/chapters/\(link.1)"
        #expect(FileManager.default.fileExists(atPath: path), "\(link.1)")
      }
    }
  }

  @Test func `an editor's tasks offer the tests of every chapter`() throws {
    let table = try text("chapters/README.md").matches(of: /--filter (\w+)`/)
    let tasks = try text(".vscode/tasks.json").matches(of: /"(\w+Tests)"/)
    #expect(Set(tasks.map { String($0.1) }) == Set(table.map { String($0.1) }))
  }
}
