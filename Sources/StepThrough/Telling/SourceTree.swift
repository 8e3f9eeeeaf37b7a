// The source that belongs to a step. Steps know a file and a line; that there is a disk
// with the text, and comments that name asyncio's functions, is known only here.

import Foundation
package import Recording

/// The package's own source, which the step-through shows beside the machine.
///
/// It is read from the disk when it is needed. Where it is not to be found (the
/// program was copied to another machine) whoever asks is told so, and the rest works.
package struct SourceTree: Sendable {
  /// The package's directory; `nil` if it is not here.
  package let root: String?
  /// The folder with what CPython did; `nil` if it is not here.
  package let recordings: String?
  /// `Module/File.swift`, as `#fileID` has it, to the lines of the file.
  private var files: [String: [String]] = [:]
  /// The same, to the path from the package's directory.
  private var paths: [String: String] = [:]
  /// What asyncio calls the function of a line of its own: `asyncio/tasks.py:277`.
  private var functions: [String: String] = [:]

  /// - Parameter root: the package's directory; leave it out to find it.
  package init(root: String? = SourceTree.findRoot()) {
    let root = root.flatMap { isThere($0) ? $0 : nil }
    self.root = root
    let recordings = root.map { $0 + "/Tests/AsyncioTests/CPython/3.13.0" }
    self.recordings = recordings.flatMap { isThere($0) ? $0 : nil }
    guard let root else { return }
    let sources = root + "/Sources"
    let names = FileManager.default.enumerator(atPath: sources)?.compactMap {
      $0 as? String
    }
    for name in names ?? [] where name.hasSuffix(".swift") {
      // A module is a folder, and may lie in another one: the demo's floors do.
      let parts = name.split(separator: "/").suffix(2)
      guard let module = parts.first, let file = parts.last, parts.count > 1,
        let text = try? String(contentsOfFile: "\(sources)/\(name)", encoding: .utf8)
      else { continue }
      files["\(module)/\(file)"] = splitLines(text)
      paths["\(module)/\(file)"] = "Sources/\(name)"
    }
  }

  /// The directory with the `Package.swift` above the place where this file was
  /// compiled. Where the reader stands has nothing to do with it.
  ///
  /// - Parameter file: a file of the package.
  /// - Returns: `nil` if that file is not there any more.
  package static func findRoot(_ file: String = birthplace) -> String? {
    guard isThere(file) else { return nil }
    var folder = URL(fileURLWithPath: file)
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      if isThere(folder.appendingPathComponent("Package.swift").path) {
        return folder.path
      }
    }
    return nil
  }

  /// Where this file was when the program was built.
  package static let birthplace = #filePath

  /// Why nothing of the source can be shown; `nil` if it can.
  package var lack: String? {
    if root == nil { return "the source is not here" }
    return files.isEmpty ? "the source cannot be read" : nil
  }

  /// Why this file cannot be shown; `nil` if it can.
  package func lack(of file: String) -> String? {
    files[file] == nil ? lack ?? "the source is not here" : nil
  }

  /// Why nothing can be said about what CPython did; `nil` if it can.
  package var lackOfRecordings: String? {
    recordings == nil ? "CPython's recordings are not here" : nil
  }

  /// The lines of a file, or `nil` if it is not to be found.
  ///
  /// - Parameter file: as `#fileID` has it, `Module/File.swift`.
  package func lines(_ file: String) -> [String]? { files[file] }

  /// From the package's directory: `Sources/Module/File.swift`. Python's files are not
  /// ours, and keep their names.
  package func path(_ file: String) -> String {
    paths[file] ?? (file.hasSuffix(".py") ? file : "Sources/\(file)")
  }

  /// Takes the Python files of a trace in, as they are now.
  ///
  /// - Parameters:
  ///   - trace: the steps that need them.
  ///   - reader: who has read it, and knows the folders and the functions.
  package mutating func add(_ trace: Trace, of reader: TraceReader) {
    for step in trace.steps where step.file.hasSuffix(".py") {
      functions["\(step.file):\(step.line)"] = reader.functions[step.number]
      if files[step.file] != nil { continue }
      let isAsyncio = step.file.hasPrefix("asyncio/")
      guard let folder = reader.sources[isAsyncio ? "asyncio" : "program"] else {
        continue
      }
      let name = isAsyncio ? step.file.dropFirst("asyncio/".count) : step.file[...]
      let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
      files[step.file] = text.map(splitLines)
    }
  }

  /// What asyncio calls the function that a line belongs to.
  ///
  /// It is the `asyncio:` line of the innermost declaration around the line that
  /// has one: of a function, or else of the type that the function belongs to.
  package func asyncioCounterpart(_ file: String, _ line: Int) -> String? {
    if let known = functions["\(file):\(line)"] { return known }
    guard let lines = files[file] else { return nil }
    return declarations(around: line, in: lines).lazy.compactMap { declaration in
      lines[declaration.comment].compactMap(asyncioName).last
    }.first
  }
}

private func isThere(_ path: String) -> Bool {
  FileManager.default.fileExists(atPath: path)
}

/// Splits a text at its line ends; the last one ends a line and begins none.
package func splitLines(_ text: String) -> [String] {
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
