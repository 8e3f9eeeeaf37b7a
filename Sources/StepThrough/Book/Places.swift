import Telling

/// Where things are in the book, and what the machine beside the text can play.
struct Places {
  /// `accept`, `accept-ready`, and so on: what can be stepped through.
  let scenarios: Set<String>
  /// `A2`, and whether it is played or only told.
  let scars: [String: Bool]
  /// The page of the chapter that tells a scenario or a scar, by their names.
  let tellers: [String: String]
  /// The page that lists a whole file with numbers of its own, by the file's path.
  let listings: [String: String]
  /// The package's source.
  let tree: SourceTree
  /// The folder of the text, from the package: `chapters/`, or nothing.
  var folder = ""

  /// Where a link of the text leads to in the book.
  ///
  /// - Returns: `nil` for a place that is not in the book.
  func target(_ link: String) -> String? {
    if link.hasPrefix("https://") || link.hasPrefix("#") { return link }
    let parts = link.split(separator: "#", maxSplits: 1).map(String.init)
    let fragment = parts.count > 1 ? "#\(parts[1])" : ""
    let path = normalized(folder + parts[0])
    if path == "README.md" { return "index.html\(fragment)" }
    if path.hasSuffix(".md") {
      return Self.page(ofChapter: path) + fragment
    }
    if path.hasPrefix("chapters/"), path.hasSuffix(".svg") {
      return String(path.dropFirst("chapters/".count))
    }
    if tree.file(path) != nil {
      return Self.page(ofSource: path) + fragment
    }
    if let folder = Self.sideFolder(path) {
      return
        "\(folder).files.html\(path == "chapters/\(folder)" ? "" : "#\(parts[0].split(separator: "/").last ?? "")")"
    }
    return tree.hasFolder(path) ? "source/index.html#\(path)" : nil
  }

  /// The file of the source that a link of the text leads to.
  func file(_ link: String) -> String? {
    let path = normalized(folder + link)
    return tree.file(path) == nil ? nil : path
  }

  /// The line of the source that a link of the text leads to.
  func line(_ link: String) -> (file: String, number: Int)? {
    guard let match = link.wholeMatch(of: /([^#]+)#L(\d+)(?:-L\d+)?/) else {
      return nil
    }
    let path = normalized(folder + match.1)
    return tree.file(path) == nil ? nil : (path, Int(match.2)!)
  }

  /// `chapters/06-sock-accept.md` is the page `06-sock-accept.html`.
  static func page(ofChapter path: String) -> String {
    if path == "chapters/README.md" { return "chapters.html" }
    return path.dropFirst("chapters/".count).dropLast(3) + ".html"
  }

  /// `Sources/Sockets/Socket.swift` is the page `source/Sockets/Socket.swift.html`.
  static func page(ofSource path: String) -> String {
    let path = path.hasPrefix("Sources/") ? String(path.dropFirst(8)) : path
    return "source/\(path.replacing("/", with: "-").replacing("+", with: "-")).html"
  }

  /// `02-the-program`, for a folder that lies beside a chapter and what is in it.
  private static func sideFolder(_ path: String) -> Substring? {
    let parts = path.split(separator: "/")
    return parts.count > 1 && parts[0] == "chapters" && !parts[1].contains(".")
      ? parts[1] : nil
  }

  private func normalized(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return parts.joined(separator: "/")
  }
}
