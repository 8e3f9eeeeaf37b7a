@testable import Book
import Foundation
import TestSupport
import Testing

/// What the server reads from bytes, and refuses.
@Suite struct Serving {
  private func request(_ text: String) throws(Refusal) -> Request {
    try Request(text.split(separator: "|").map(String.init), port: 9007)
  }

  @Test func `a request is a path, and whether the connection stays`() throws {
    #expect(
      try request("GET /a.html?x HTTP/1.1|Host: 127.0.0.1:9007")
        == Request(isHead: false, path: "a.html", isKept: true))
    #expect(
      try request("HEAD / HTTP/1.1|host:localhost:9007 |Connection: close")
        == Request(isHead: true, path: "", isKept: false))
    #expect(
      try request("GET / HTTP/1.0|Host: 127.0.0.1:9007")
        == Request(isHead: false, path: "", isKept: false))
  }

  @Test(arguments: [
    "hello", "GET /", "GET / HTTP/2.0|Host: 127.0.0.1:9007", "GET / HTTP/1.1",
    "GET x HTTP/1.1|Host: 127.0.0.1:9007", "GET / HTTP/1.1|Host 127.0.0.1:9007",
    "GET / HTTP/1.1|Host: 127.0.0.1:9007|Host: 127.0.0.1:9007",
    "GET / HTTP/1.1|Host: 127.0.0.1:9007|Content-Length: 3",
    "GET / HTTP/1.1|Host: 127.0.0.1:9007|Transfer-Encoding: chunked",
    "GET / HTTP/1.1|Host: 127.0.0.1:9007| folded: x",
    "GET  / HTTP/1.1|Host: 127.0.0.1:9007",
  ])
  func `what is no request gets 400`(text: String) {
    let error = #expect(throws: Refusal.self) { try request(text) }
    #expect(error?.status == "400 Bad Request")
  }

  @Test(arguments: [
    "evil.example", "127.0.0.1", "127.0.0.1:80", "localhost.evil:9007", "",
  ])
  func `a request for another host is not for us`(host: String) {
    let error = #expect(throws: Refusal.self) {
      try request("GET / HTTP/1.1|Host: \(host)")
    }
    #expect(error == .otherHost)
  }

  @Test(arguments: ["POST", "PUT", "get", "DELETE"])
  func `nothing can be done but read`(method: String) {
    let error = #expect(throws: Refusal.self) {
      try request("\(method) / HTTP/1.1|Host: 127.0.0.1:9007")
    }
    #expect(error == .method)
  }

  @Test func `a folder is written anew, and what is not ours in it stays`() throws {
    let manager = FileManager.default
    let home = manager.temporaryDirectory.appending(path: "a book \(UUID().uuidString)")
    defer { try? manager.removeItem(at: home) }
    func put(_ text: String, _ path: String) throws {
      let file = home.appending(path: path)
      try manager.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    func run(_ folder: String) throws -> (code: Int32, said: String) {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = ["book", "--to", folder]
      process.currentDirectoryURL = home
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      let error = Pipe()
      process.standardError = error
      try process.run()
      let said = error.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }
    try put("mine", "other/notes.txt")
    for (folder, lack) in [
      ("other", "'other' is not empty and no former book: name another folder"),
      ("other/notes.txt", "'other/notes.txt' is a file: name a folder"),
      ("other/notes.txt/x", "'other/notes.txt/x' cannot be used: "),
      ("", "--to wants a folder: --to DIR"),
    ] {
      let (code, said) = try run(folder)
      #expect(code == 2 && said.contains(lack), "\(said)")
    }
    #expect(try manager.contentsOfDirectory(atPath: home.path) == ["other"])
    let old = [
      "book.css", ".git/config", "CNAME", "a page of before.html", "data/old.js",
    ]
    for path in old { try put("old", "site/\(path)") }
    let (code, said) = try run("site")
    #expect(code == 0 && said == "")
    func isThere(_ path: String) -> Bool {
      manager.fileExists(atPath: home.appending(path: "site/\(path)").path)
    }
    #expect(old.map(isThere) == [true, true, true, false, false])
    for (path, data) in try wholeBook.get().files {
      #expect(
        try Data(contentsOf: home.appending(path: "site/\(path)")) == data, "\(path)")
    }
  }

  @Test(.enabled(if: hasPython, "python3 plays the clients"))
  func `a crowd, and a folder of garbage`() throws {
    let book = try Served()
    let (code, output) = try python("server.py", ["\(book.port)", "\(here)/Garbage"])
    try book.stop()
    #expect(code == 0, "\(output)")
  }

  @Test(.enabled(if: hasPython, "python3 plays the clients"))
  func `slow clients are hung up on, and do not keep the others waiting`() throws {
    let book = try Served(patience: 3)
    let (code, output) = try python("server.py", ["slow", "\(book.port)"])
    try book.stop()
    #expect(code == 0, "\(output)")
  }

  @Test(.enabled(if: hasPython, "python3 plays the clients"))
  func `Ctrl-C ends it at once, with clients connected`() throws {
    let (code, output) = try python("server.py", ["stop", program])
    #expect(code == 0, "\(output)")
  }
}
