import Foundation
import Telling
import TestSupport
import Testing

/// `walkthrough exercise`. Whether the skeletons fail and the solutions pass is
/// `.ci/run`'s business: each is a package that has to be built.
@Suite struct ExerciseTests {
  private let root = SourceTree().root!
  private var shelf: String { root + "/Tests/Exercises" }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }
  private func names(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  /// The numbers that the list has, in its order.
  private func numbers() throws -> [String] {
    let outcome = try Program.run(["exercise"])
    #expect(outcome.code == 0)
    return outcome.output.matches(of: /(?m)^(\d+[a-z]?) +\S/).map { String($0.1) }
  }

  @Test func `the list, the shelf, the manifest and the chapters have the same ones`()
    throws
  {
    let numbers = try numbers()
    let onShelf = try names(shelf).filter { $0.first!.isNumber }
    #expect(!numbers.isEmpty && numbers.sorted() == onShelf)
    let manifest = try text(shelf + "/Package.swift")
    let inManifest = manifest.matches(of: /"(\d+[a-z]?)"/).map { String($0.1) }
    #expect(inManifest == numbers)
    // From chapter 2 on, one or two each.
    var told: [String] = []
    for name in try names(root + "/chapters") where name.hasSuffix(".md") {
      let chapter = try text("\(root)/chapters/\(name)")
      let own = chapter.matches(of: /swift run walkthrough exercise (\w+)/).map {
        String($0.1)
      }
      told += own
      guard let number = Int(name.prefix { $0.isNumber }) else { continue }
      #expect((number < 2 ? 0...0 : 1...2).contains(own.count), "\(name)")
      #expect(own.allSatisfy { $0.prefix { $0.isNumber } == "\(number)" }, "\(name)")
      if number >= 2 { #expect(chapter.contains("\n## Your turn\n"), "\(name)") }
    }
    #expect(told == numbers)
  }

  @Test func `each has a hole, a solution and tests, one file each`() throws {
    for number in try numbers() {
      let exercise = "\(shelf)/\(number)"
      let skeleton = try names("\(exercise)/skeleton")
      #expect(try skeleton == names("\(exercise)/solution"))
      #expect(skeleton.count == 1)
      #expect(try names("\(exercise)/tests").count == 1)
      let hole = try text("\(exercise)/skeleton/\(skeleton[0])")
      let solution = try text("\(exercise)/solution/\(skeleton[0])")
      #expect(hole.contains("// Your turn"), "\(number)")
      #expect(!solution.contains("Your turn") && hole != solution, "\(number)")
      #expect(hole.prefix { $0 != "\n" } == solution.prefix { $0 != "\n" })
    }
  }

  @Test func `it makes a package, and never twice`() throws {
    let place = try TemporaryFolder()
    for number in ["6", "12b"] {
      let outcome = try Program.run(["exercise", number], in: place.path)
      #expect((outcome.code, outcome.error) == (0, ""))
      #expect(outcome.output.contains("cd exercise-\(number) && swift test"))
      let folder = place.file("exercise-\(number)")
      // What it names is there.
      let files = outcome.output.matches(of: /exercise-\w+\/(\S+)/).map { $0.1 }
      #expect(files.count == 2)
      for file in files {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/\(file)"), "\(file)")
      }
      let skeleton = try names("\(shelf)/\(number)/skeleton")[0]
      #expect(
        try text("\(folder)/Sources/Exercise\(number)/\(skeleton)")
          == text("\(shelf)/\(number)/skeleton/\(skeleton)"))
      let manifest = try text(folder + "/Package.swift")
      #expect(manifest.contains(#"name: "walkthrough", path: "\#(root)""#))
    }
    // The reader has worked on it.
    let file = place.file("exercise-6/Sources/Exercise6/Accepting.swift")
    try "mine".write(toFile: file, atomically: true, encoding: .utf8)
    let again = try Program.run(["exercise", "6"], in: place.path)
    #expect((again.code, again.output) == (2, ""))
    #expect(again.error.contains("exercise-6 is here already, and stays as it is"))
    #expect(try text(file) == "mine")
    for name in ["exercise-6", "exercise-12b"] {
      try FileManager.default.removeItem(atPath: place.file(name))
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc"), "no such folder"))
  func `where nothing can be written, it says so`() throws {
    let outcome = try Program.run(["exercise", "6"], in: "/proc")
    #expect((outcome.code, outcome.output) == (2, ""))
    #expect(outcome.error.contains("exercise-6 cannot be made here: "))
  }
}
