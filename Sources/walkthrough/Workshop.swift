import CLibrary
import Foundation
import Telling
import Weaving

/// A copy of the package in a place of its own, in which lines are changed, things are
/// built, and the reader's files stay what they are.
///
/// It lies in the package's `.build`, and it stays: the next build begins where this one
/// ended. Whatever was changed in it is put right when it is opened again.
final class Workshop {
  /// Where the copy is.
  let folder: String
  private let root: String
  private let lock: Int32

  /// Why nothing can be done there, or came of it, in a sentence.
  struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// Makes sure that there is such a folder, and that nobody else is at work in it.
  ///
  /// - Parameters:
  ///   - name: of the folder in `.build`.
  ///   - tree: the package.
  init(_ name: String, of tree: SourceTree) throws {
    guard let root = tree.root, tree.lack == nil else {
      throw Trouble("\(tree.lack!): nothing can be copied")
    }
    self.root = root
    folder = "\(root)/.build/\(name)"
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Trouble("no copy can be made in \(folder): \(reason(error))")
    }
    lock = open("\(folder)/.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    if lock < 0 {
      throw Trouble(
        "no copy can be made in \(folder): \(String(cString: strerror(errno)))")
    }
    if flock(lock, LOCK_EX | LOCK_NB) != 0 {
      throw Trouble("somebody is at work in \(folder): wait until they are through")
    }
  }

  deinit { close(lock) }

  // MARK: Copying

  /// What another copy of these files would be: only what is different is written, so
  /// that only that is built again.
  ///
  /// - Parameters:
  ///   - files: what is otherwise, or there besides, by path; all else is the package's.
  func copy(with files: [String: String]) throws {
    do {
      let manager = FileManager.default
      var wanted: Set<String> = []
      func put(_ data: Data, _ path: String) throws {
        wanted.insert(path)
        let file = "\(folder)/\(path)"
        if manager.contents(atPath: file) == data { return }
        try manager.createDirectory(
          atPath: (file as NSString).deletingLastPathComponent,
          withIntermediateDirectories: true)
        try data.write(to: URL(fileURLWithPath: file))
      }
      for (path, text) in files { try put(Data(text.utf8), path) }
      for part in ["Sources", "Tests"] {
        for name in all(in: "\(root)/\(part)") where files["\(part)/\(name)"] == nil {
          let data = try Data(
            contentsOf: URL(fileURLWithPath: "\(root)/\(part)/\(name)"))
          try put(data, "\(part)/\(name)")
        }
        for name in all(in: "\(folder)/\(part)")
        where !wanted.contains("\(part)/\(name)") {
          try manager.removeItem(atPath: "\(folder)/\(part)/\(name)")
        }
      }
    } catch {
      throw Trouble("the package cannot be copied to \(folder): \(reason(error))")
    }
  }

  private func all(in folder: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap {
      $0 as? String
    }
    return (names ?? []).filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(
        atPath: "\(folder)/\($0)", isDirectory: &isFolder)
        && !isFolder.boolValue
    }
  }

  /// The package's manifest, cut down to some targets and what they stand on.
  ///
  /// - Parameters:
  ///   - targets: what is needed.
  ///   - more: targets that only the copy has, as the manifest writes them.
  func manifest(for targets: [String], and more: [String]) throws -> String {
    guard
      let text = try? String(contentsOfFile: "\(root)/Package.swift", encoding: .utf8)
    else { throw Trouble("\(root)/Package.swift cannot be read") }
    return text + """

      // What is not needed in this copy is left out.
      package.products = []
      package.targets += [\(more.joined(separator: ", "))]
      var toDo: Set<String> = \(targets)
      var needed: Set<String> = []
      while let name = toDo.popFirst() {
        if !needed.insert(name).inserted { continue }
        for target in package.targets where target.name == name {
          for case .byNameItem(let lower, _) in target.dependencies { toDo.insert(lower) }
        }
      }
      package.targets.removeAll { !needed.contains($0.name) }

      """
  }

  // MARK: Building

  /// Builds what the manifest has, and says what it is at.
  ///
  /// - Parameter tests: the tests, too.
  /// - Returns: `nil` if it is built; the first error if it cannot be.
  func build(tests: Bool) throws -> String? {
    let words = [
      "swift", "build", "--package-path", folder, "-debug-info-format", "none",
    ]
    let outcome = try Child(words + (tests ? ["--build-tests"] : [])).run(isShown: true)
    if outcome.code == 0 { return nil }
    let lines = outcome.output.split(separator: "\n").map(String.init)
    if let full = lines.first(where: { $0.contains("No space left on device") }) {
      throw Trouble("there is no room left to build in \(folder) (\(full))")
    }
    let error = lines.first { $0.contains("error:") } ?? lines.last ?? "no word why"
    return error.replacing(folder + "/", with: "")
  }

  /// The folder with what was built.
  var products: String { "\(folder)/.build/debug" }
}
