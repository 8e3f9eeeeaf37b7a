import Foundation

/// The package's own source, which the step-through shows beside the machine.
///
/// It is read from the disk when it is needed. Where it is not to be found (the
/// program was copied somewhere else) the source stays away, and the rest works.
package struct SourceTree: Sendable {
  /// The package's directory.
  package let root: String
  /// `Module/File.swift`, as `#fileID` has it, to the lines of the file.
  private var files: [String: [String]] = [:]
  /// The same, to the path from the package's directory.
  private var paths: [String: String] = [:]

  /// - Parameter root: the package's directory; leave it out to find it.
  package init(root: String? = nil) {
    self.root = root ?? Self.findRoot()
    let sources = self.root + "/Sources"
    let names = FileManager.default.enumerator(atPath: sources)?.compactMap {
      $0 as? String
    }
    for name in names ?? [] where name.hasSuffix(".swift") {
      // A file may lie in a folder of its module; #fileID does not tell which.
      let parts = name.split(separator: "/")
      guard let module = parts.first, let file = parts.last, parts.count > 1,
        let text = try? String(contentsOfFile: "\(sources)/\(name)", encoding: .utf8)
      else { continue }
      files["\(module)/\(file)"] = splitLines(text)
      paths["\(module)/\(file)"] = "Sources/\(name)"
    }
  }

  /// Where this file was when it was compiled, or else where the reader stands.
  private static func findRoot(file: String = #filePath) -> String {
    let root = URL(fileURLWithPath: file).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    if FileManager.default.fileExists(atPath: root + "/Package.swift") { return root }
    return FileManager.default.currentDirectoryPath
  }

  /// The lines of a file, or `nil` if it is not to be found.
  ///
  /// - Parameter file: as `#fileID` has it, `Module/File.swift`.
  package func lines(_ file: String) -> [String]? { files[file] }

  /// All files, from the package's directory, in order.
  package var allPaths: [String] { paths.values.sorted() }

  /// The lines of a file, by its path from the package's directory.
  package func file(_ path: String) -> [String]? {
    paths.first { $0.value == path }.flatMap { files[$0.key] }
  }

  package func hasFile(_ path: String) -> Bool { file(path) != nil }
  package func hasFolder(_ path: String) -> Bool {
    paths.values.contains { $0.hasPrefix(path + "/") }
  }

  /// From the package's directory: `Sources/Module/File.swift`.
  package func path(_ file: String) -> String { paths[file] ?? "Sources/\(file)" }

  /// What asyncio calls the function that a line belongs to.
  ///
  /// It is the `asyncio:` line of the innermost declaration around the line that
  /// has one: of a function, or else of the type that the function belongs to.
  package func asyncioCounterpart(_ file: String, _ line: Int) -> String? {
    guard let lines = files[file] else { return nil }
    return declarations(around: line, in: lines).lazy.compactMap { declaration in
      lines[declaration.comment].compactMap(asyncioName).last
    }.first
  }
}

/// Splits a text at its line ends; the last one ends a line and begins none.
func splitLines(_ text: String) -> [String] {
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  if lines.last == "" { lines.removeLast() }
  return lines.map(String.init)
}

/// `NAME` from `/// asyncio: NAME`.
private func asyncioName(_ line: String) -> String? {
  let text = line.drop { $0 == " " }
  guard text.hasPrefix("/// asyncio: ") else { return nil }
  return String(text.dropFirst("/// asyncio: ".count))
}
