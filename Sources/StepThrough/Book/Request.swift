// What a browser asks for, read from the bytes. HTTP/1.1 as far as a book needs it: GET
// and HEAD, and a connection that may be used again.

/// A request, as far as its first lines tell.
struct Request: Equatable {
  let isHead: Bool
  /// From the book's root, `06-sock-accept.html`; empty for the root itself.
  let path: String
  /// The connection stays for another request.
  let isKept: Bool
}

/// Why a request gets no page.
enum Refusal: Error, Equatable, CustomStringConvertible {
  /// It is no HTTP/1.1, or none that could be meant for us.
  case bad(String)
  /// It is for another host: somebody's page tries to read ours.
  case otherHost
  /// It wants something done.
  case method

  /// For who has sent it.
  var description: String {
    switch self {
    case .bad(let what): "this is no request that is understood here: \(what)"
    case .otherHost: "this is for another host; ask for http://127.0.0.1 and our port"
    case .method: "here one can only read: GET or HEAD"
    }
  }

  var status: String {
    switch self {
    case .bad: "400 Bad Request"
    case .otherHost: "421 Misdirected Request"
    case .method: "405 Method Not Allowed"
    }
  }
}

extension Request {
  /// Reads the lines up to the empty one.
  ///
  /// - Parameters:
  ///   - lines: without their line ends.
  ///   - port: where we listen; the Host line has to name it.
  init(_ lines: [String], port: UInt16) throws(Refusal) {
    let words = (lines.first ?? "").split(
      separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else {
      throw .bad("the first line is no request")
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
        line[..<colon].allSatisfy({
          $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0))
        })
      else { throw .bad("a header is a name, a colon and a value") }
      let name = line[..<colon].lowercased()
      // Two that disagree are how one server is made to see another request than the next.
      if ["host", "content-length"].contains(name), headers[name] != nil {
        throw .bad("\(name) twice")
      }
      headers[name] = line[line.index(after: colon)...].trimmingBlanks
    }
    // Who has a name that leads to this machine could else make a reader's browser ask us.
    let names = ["127.0.0.1", "localhost"]
    guard let host = headers["host"] else { throw .bad("there is no Host") }
    guard
      names.contains(where: { host == "\($0):\(port)" || (port == 80 && host == $0) })
    else { throw .otherHost }
    guard words[0] == "GET" || words[0] == "HEAD" else { throw .method }
    // A body would be taken for the next request.
    if headers["transfer-encoding"] != nil || headers["content-length"] ?? "0" != "0" {
      throw .bad("a request for a page has no body")
    }
    let target = words[1].prefix { $0 != "?" && $0 != "#" }
    guard target.hasPrefix("/"), target.allSatisfy({ $0.isASCII && $0 > " " }) else {
      throw .bad("the path begins with /")
    }
    isHead = words[0] == "HEAD"
    // No file is opened: a path is looked up among the pages, and `..` is the name of none.
    path = String(target.dropFirst())
    let connection = headers["connection"]?.lowercased()
    isKept = words[2] == "HTTP/1.1" ? connection != "close" : connection == "keep-alive"
  }
}

extension Substring {
  fileprivate var trimmingBlanks: String {
    var text = self
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return String(text)
  }
}
