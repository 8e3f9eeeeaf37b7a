import Foundation
import Telling
import Terminal
import Weaving

/// `walkthrough exercise`: lists them.
/// `walkthrough exercise NUMBER`: makes a folder with a package in it, for the reader.
func makeExercise(_ request: Request) throws -> Int32 {
  guard let root = SourceTree.findRoot(), !Exercise.all.isEmpty else {
    throw Request.Mistake(
      "the exercises are not here: they stand in \(Exercise.shelf) of the package that "
        + "this program was built from")
  }
  guard let number = request.arguments.first else {
    write(Exercise.list)
    return 0
  }
  let exercise = Exercise.all.first { $0.number == number }!
  let folder = URL(filePath: "exercise-\(number)", directoryHint: .isDirectory)
  let manager = FileManager.default
  do {
    // What is there already is somebody's work, and this refuses it.
    try manager.createDirectory(at: folder, withIntermediateDirectories: false)
  } catch  where manager.fileExists(atPath: folder.path) {
    throw Request.Mistake(
      "exercise-\(number) is here already, and stays as it is: rename it, or make the "
        + "new one in another folder")
  } catch {
    throw Request.Mistake("exercise-\(number) cannot be made here: \(reason(error))")
  }
  do {
    try put(exercise.files(root).mapValues { Data($0.utf8) }, into: folder)
  } catch {
    // Half an exercise is worse than none.
    try? manager.removeItem(at: folder)
    throw Request.Mistake("exercise-\(number) cannot be written: \(reason(error))")
  }
  write(exercise.instructions)
  return 0
}

/// Something to mend or to write, and the tests that decide.
///
/// It is a folder in `Tests/Exercises`, whose name is the number: the chapter's, and a
/// letter if it is not the chapter's first. What it is called says the first line of the
/// skeleton.
struct Exercise {
  let number: String
  let title: String
  /// The names of the files: what the reader works on, and what decides.
  let skeleton: String
  let tests: String

  static let shelf = "Tests/Exercises"

  /// All of them, in the order of the chapters; none, if they are not here.
  static let all: [Exercise] = {
    guard let root = SourceTree.findRoot() else { return [] }
    let names = try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(shelf)")
    return (names ?? []).compactMap { Exercise($0, root) }.sorted {
      ($0.chapter, $0.number) < ($1.chapter, $1.number)
    }
  }()

  private var chapter: Int { Int(number.prefix { $0.isNumber }) ?? 0 }
  private var module: String { "Exercise\(number)" }

  private init?(_ number: String, _ root: String) {
    func only(_ folder: String) -> String? {
      let path = "\(root)/\(Self.shelf)/\(number)/\(folder)"
      return (try? FileManager.default.contentsOfDirectory(atPath: path))?.first
    }
    guard let skeleton = only("skeleton"), let tests = only("tests"),
      let text = try? String(
        contentsOfFile: "\(root)/\(Self.shelf)/\(number)/skeleton/\(skeleton)",
        encoding: .utf8),
      let title = text.firstMatch(of: /^\/\/ Exercise \w+: (.+)\./)?.1
    else { return nil }
    (self.number, self.skeleton, self.tests) = (number, skeleton, tests)
    self.title = String(title)
  }

  static var list: String {
    all.map { "\($0.number.padded(to: 3))  \($0.title)\n" }.joined()
      + "\n`walkthrough exercise 6` makes a folder exercise-6 with a package in it.\n"
  }

  fileprivate var instructions: String {
    """
    Exercise \(number): \(title).

      exercise-\(number)/Sources/\(module)/\(skeleton)   is yours
      exercise-\(number)/Tests/\(module)Tests/\(tests)   decides

    cd exercise-\(number) && swift test

    It fails until you are through. The first time it builds the loop as well, which takes
    a minute.

    """
  }

  /// What belongs into the reader's folder, by path.
  fileprivate func files(_ root: String) throws -> [String: String] {
    func text(_ path: String) throws -> String {
      try String(contentsOfFile: "\(root)/\(Self.shelf)/\(path)", encoding: .utf8)
    }
    return [
      "Package.swift": manifest(root),
      "Sources/\(module)/\(skeleton)": try text("\(number)/skeleton/\(skeleton)"),
      "Tests/\(module)Tests/\(tests)": try text("\(number)/tests/\(tests)"),
      "Tests/Support/Support.swift": try text("Support/Support.swift"),
    ]
  }

  private func manifest(_ root: String) -> String {
    """
    // swift-tools-version: 6.2
    import PackageDescription

    let asyncio = Target.Dependency.product(name: "Asyncio", package: "walkthrough")
    let simulation = Target.Dependency.product(name: "Simulation", package: "walkthrough")
    // Async functions of yours stay on the loop's thread, as the library's do.
    let settings: [SwiftSetting] = [
      .enableUpcomingFeature("NonisolatedNonsendingByDefault")
    ]

    let package = Package(
      name: "exercise-\(number)",
      dependencies: [.package(name: "walkthrough", path: \(root.debugDescription))],
      targets: [
        .target(name: "\(module)", dependencies: [asyncio], swiftSettings: settings),
        .target(
          name: "Support", dependencies: [asyncio, simulation], path: "Tests/Support",
          swiftSettings: settings),
        .testTarget(
          name: "\(module)Tests",
          dependencies: ["\(module)", "Support", asyncio, simulation],
          swiftSettings: settings),
      ]
    )

    """
  }
}
