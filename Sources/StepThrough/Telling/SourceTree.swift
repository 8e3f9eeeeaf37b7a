// The source that belongs to a step. Steps know a file and a line; that there is a disk
// with the text, and comments that name asyncio's functions, is known only here.

import EventLoops
import Foundation
import Recording

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
  /// The modules of a reader's own program.
  private var modules: Set<String> = []
  /// What asyncio calls the function of a line of its own: `asyncio/tasks.py:277`.
  private var functions: [String: String] = [:]
  /// What was found before: many steps come from one line.
  private let counterparts = Locked<[String: String?]>([:])

  /// - Parameter root: the package's directory; leave it out to find it.
  package init(root: String? = SourceTree.findRoot()) {
    let root = root.flatMap { isThere($0) ? $0 : nil }
    self.root = root
    let recordings = root.map { $0 + "/Tests/AsyncioTests/CPython/3.13.0" }
    self.recordings = recordings.flatMap { isThere($0) ? $0 : nil }
    guard let root else { return }
    for name in swiftFiles(in: root + "/Sources") {
      // A module is a folder, and may lie in another one: the demo's floors do.
      let parts = name.split(separator: "/").suffix(2)
      guard let module = parts.first, let file = parts.last, parts.count > 1 else {
        continue
      }
      take("\(root)/Sources/\(name)", as: "\(module)/\(file)", path: "Sources/\(name)")
    }
  }

  /// This package's source, and with it that of a program which uses it.
  ///
  /// - Parameters:
  ///   - file: a file of the program, as `#fileID` has it.
  ///   - path: the same, as `#filePath` has it.
  package init(withProgram file: String, at path: String) {
    self.init()
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let root = Self.findRoot(path) ?? folder
    // Its module may have another name than its folder; the others of its package are
    // called as theirs are.
    let sources = root + "/Sources"
    let home =
      path.hasPrefix(sources + "/")
      ? path.dropFirst(sources.count + 1).split(separator: "/").dropLast().first : nil
    let module = String(file.prefix { $0 != "/" })
    for name in swiftFiles(in: sources) {
      let parts = name.split(separator: "/")
      guard parts.count > 1, parts.first != home else { continue }
      let other = String(parts[0].map { $0.isLetter || $0.isNumber ? $0 : "_" })
      modules.insert(other)
      take("\(sources)/\(name)", as: "\(other)/\(parts.last!)", path: "Sources/\(name)")
    }
    let own = home.map { "\(sources)/\($0)" } ?? folder
    modules.insert(module)
    for name in swiftFiles(in: own) {
      let base = name.split(separator: "/").last!
      let whole = "\(own)/\(name)"
      let short =
        whole.hasPrefix(root + "/") ? whole.dropFirst(root.count + 1) : whole[...]
      take(whole, as: "\(module)/\(base)", path: String(short))
    }
  }

  private mutating func take(_ whole: String, as file: String, path: String) {
    guard let text = try? String(contentsOfFile: whole, encoding: .utf8) else { return }
    files[file] = splitLines(text)
    paths[file] = path
  }

  /// The file belongs to the reader's own program.
  package func isOfProgram(_ file: String) -> Bool {
    modules.contains(String(file.prefix { $0 != "/" }))
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

  /// All files, from the package's directory, in order.
  package var allPaths: [String] { paths.values.sorted() }

  /// The lines of a file, by its path from the package's directory.
  package func file(_ path: String) -> [String]? {
    let key = path.split(separator: "/").suffix(2).joined(separator: "/")
    return paths[key] == path ? files[key] : nil
  }

  /// Whether there is such a folder with files in it.
  package func hasFolder(_ path: String) -> Bool {
    paths.values.contains { $0.hasPrefix(path + "/") }
  }

  /// From the package's directory: `Sources/Module/File.swift`. Python's files are not
  /// ours, and keep their names.
  package func path(_ file: String) -> String {
    paths[file] ?? (file.hasSuffix(".py") ? file : "Sources/\(file)")
  }

  /// Takes the Python files of a trace in, as they are now.
  ///
  /// - Parameter file: the steps that need them, and where they are.
  package mutating func add(_ file: TraceFile) {
    for step in file.trace.steps where step.file.hasSuffix(".py") {
      functions["\(step.file):\(step.line)"] = file.functions[step.number]
      if files[step.file] != nil { continue }
      let isAsyncio = step.file.hasPrefix("asyncio/")
      guard let folder = file.sources[isAsyncio ? "asyncio" : "program"] else {
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
    let place = "\(file):\(line)"
    if let own = functions[place] { return own }
    guard let lines = files[file] else { return nil }
    return counterparts.withLock { known in
      if let name = known[place] { return name }
      let name = declarations(around: line, in: lines).lazy.compactMap { declaration in
        lines[declaration.comment].compactMap(asyncioName).last
      }.first
      known[place] = .some(name)
      return name
    }
  }
}

/// All below a folder, by their paths in it.
private func swiftFiles(in folder: String) -> [String] {
  let names = FileManager.default.enumerator(atPath: folder)?.compactMap {
    $0 as? String
  }
  return (names ?? []).filter { $0.hasSuffix(".swift") }
}

private func isThere(_ path: String) -> Bool {
  FileManager.default.fileExists(atPath: path)
}

/// Splits a text at its line ends; the last one ends a line and begins none. An editor may
/// have given the lines the ends of another system.
package func splitLines(_ text: String) -> [String] {
  // By bytes: to find characters takes many times as long, and a trace may be long.
  let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
  var lines = text.utf8.split(separator: newline, omittingEmptySubsequences: false)
  if lines.last?.isEmpty == true { lines.removeLast() }
  return lines.map { line in
    String(Substring(line.last == carriageReturn ? line.dropLast() : line))
  }
}

/// `NAME` from `/// asyncio: NAME`.
package func asyncioName(_ line: String) -> String? {
  let text = line.drop { $0 == " " }
  guard text.hasPrefix("/// asyncio: ") else { return nil }
  return String(text.dropFirst("/// asyncio: ".count))
}
