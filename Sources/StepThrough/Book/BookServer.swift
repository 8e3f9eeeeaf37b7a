import EventLoops
import Foundation
package import Recording
import Simulation
import Sockets
package import Streams
import Telling
import Transports

// The book's own server, on this package's own streams: the best example of what they
// are for is the page that you read. It knows pages by their paths, and opens no file
// that a request names.

/// The page about the loop that serves it.
private let aboutUs = "this-page.html"

/// Serves the book to browsers of this machine.
package final class BookServer {
  /// Longer than any browser's request; what is longer is answered with 431.
  package static let requestLimit = 16_384
  /// So many connections at the same time; the next one is told to come again, with 503.
  package static let connectionLimit = 100
  /// So many seconds for a whole request, and for the pause before the next one.
  package static let patience = 15.0
  private let patience: Double
  /// So many steps of the past the page about this loop may show.
  static let remembered = 400

  private let site: Site
  private let port: UInt16
  /// What the loop that serves does, for the page about it; and the machine as it was
  /// before the oldest step that is still there.
  private let recorder: Recorder
  private var base = LoopState()
  private var connections = 0
  /// The page about this loop, as it was made last: the file with what led to it.
  private var madeOfPage: String?

  /// - Parameters:
  ///   - site: what there is.
  ///   - port: where it will listen.
  ///   - recorder: who writes down what the loop does that serves.
  ///   - patience: how many seconds a client may take.
  package init(
    _ site: Site, port: UInt16, _ recorder: Recorder, patience: Double = patience
  ) {
    self.patience = patience
    self.site = site
    self.port = port
    self.recorder = recorder
  }

  /// One connection, from its first request to its end.
  package func serve(_ reader: StreamReader, _ writer: StreamWriter) async throws {
    defer { writer.close() }
    connections += 1
    defer { connections -= 1 }
    forgetTheOld()
    if connections > Self.connectionLimit {
      return try answer(
        writer, "503 Service Unavailable", Data("too many readers\n".utf8))
    }
    let loop = EventLoop.running!
    do {
      // A client that sends a byte a minute has the same time as one that sends none.
      while let lines = try await loop.waitFor(
        patience, { try await self.lines(reader) })
      {
        let request = try Request(lines, port: port)
        try await answer(writer, request)
        try await loop.waitFor(patience) { try await writer.drain() }
        if request.path == aboutUs { madeOfPage = storyOf(writer) }
        if !request.isKept { return }
        forgetTheOld()
        // The next request may be there already, and then nothing waits: let others run.
        try await loop.sleep(0)
      }
    } catch let refusal as Refusal {
      try answer(writer, refusal.status, Data("\(refusal)\n".utf8))
    } catch is LimitOverrunError {
      try answer(
        writer, "431 Request Header Fields Too Large", Data("too long\n".utf8))
    } catch is TimeoutError {
      // Too slow: hang up.
    } catch is IncompleteReadError {
      // The client has gone in the middle of a request.
    } catch is SystemError {
      // Or reset the connection.
    }
  }

  /// Nobody wants to see all of a loop that runs for days.
  private func forgetTheOld() {
    for step in recorder.forget(keeping: Self.remembered) { base.apply(step) }
    base.forgetWhatIsOver()
  }

  /// What led to the answer that was just written, from the accept of its connection on,
  /// or from as far back as we remember.
  private func storyOf(_ writer: StreamWriter) -> String {
    let socket = writer.getExtraInfo("socket") as? Socket
    let ours = socket.map { recorder.number(of: $0.descriptor) }
    let first =
      recorder.steps.lastIndex { step in
        if case .call(.accept, .descriptor(let new, _)) = step.event {
          new == ours
        } else {
          false
        }
      } ?? 0
    var before = base
    for step in recorder.steps[..<first] { before.apply(step) }
    let steps = recorder.steps[first...].enumerated().map { $1.numbered($0 + 1) }
    return site.script(of: Trace(scenario: "this-page", steps: steps), from: before)
  }

  /// The lines of a request; `nil` if the client has finished.
  private func lines(_ reader: StreamReader) async throws -> [String]? {
    do {
      let end = Array("\r\n\r\n".utf8)
      let bytes = try await reader.readuntil(end)
      let text = String(decoding: bytes.dropLast(4), as: UTF8.self)
      return text.components(separatedBy: "\r\n")
    } catch let error as IncompleteReadError where error.partial.isEmpty {
      return nil
    }
  }

  private func answer(_ writer: StreamWriter, _ request: Request) async throws {
    let path = request.path.isEmpty ? "index.html" : request.path
    if let data = try await file(path) {
      return try answer(writer, "200 OK", data, type: Self.type(of: path), request)
    }
    let text = "there is no page '\(path)'; / has the contents\n"
    try answer(writer, "404 Not Found", Data(text.utf8), request)
  }

  private func file(_ path: String) async throws -> Data? {
    if path == "data/this-page.js", let madeOfPage { return Data(madeOfPage.utf8) }
    if let data = site.files[path] { return data }
    // What if? That is a loop of its own, and takes a moment: not in our thread.
    guard let question = path.wholeMatch(of: /data\/([^\/]+~[^\/]+)\.js/)?.1 else {
      return nil
    }
    let (name, tree) = (String(question), site.tree)
    return try await EventLoop.running!.runInExecutor {
      Answers.script(name, tree).map { Data($0.utf8) }
    }.value()
  }

  private func answer(
    _ writer: StreamWriter, _ status: String, _ body: Data,
    type: String = "text/plain; charset=utf-8", _ request: Request? = nil
  ) throws {
    let isKept = request?.isKept ?? false
    let head = """
      HTTP/1.1 \(status)\r
      Content-Type: \(type)\r
      Content-Length: \(body.count)\r
      Cache-Control: no-cache\r
      Content-Security-Policy: \(Page.policy)\r
      X-Content-Type-Options: nosniff\r
      Allow: GET, HEAD\r
      Connection: \(isKept ? "keep-alive" : "close")\r
      \r

      """
    // Both in one call to the kernel.
    let body = request?.isHead == true ? [] : [UInt8](body)
    try writer.writelines([Array(head.utf8), body])
  }

  private static func type(of path: String) -> String {
    switch path.split(separator: ".").last {
    case "html": "text/html; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "js": "text/javascript; charset=utf-8"
    case "svg": "image/svg+xml"
    default: "text/plain; charset=utf-8"
    }
  }
}
