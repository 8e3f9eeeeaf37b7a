import EventLoops
import Sockets
import Streams
import Transports
import Book
import Foundation
import Recording
import Telling
import Terminal

/// `walkthrough book`: serves the book, or writes it to a folder.
func makeBook(_ request: Request) throws -> Int32 {
  let tree = SourceTree()
  if let lack = tree.lack {
    throw Request.Mistake("\(lack): there is no book without it")
  }
  // What cannot be meant is said at once: to make the book takes some seconds.
  let folder = try request.values(of: .to).last.map(folderForBook)
  let port = try port(request.values(of: .port).first ?? "9007")
  if folder == nil { try checkPort(port, another: 9007) }
  let site = try Site(tree)
  for problem in site.problems { complain(problem) }
  if !site.problems.isEmpty { return 1 }
  if let folder { return try write(site, to: folder) }
  return try serve(site, port: port)
}

/// What says that a folder was written by us: only such a one is written anew.
private let mark = "book.css"

/// The folder, made if it is not there.
private func folderForBook(_ path: String) throws -> URL {
  if path.isEmpty { throw Request.Mistake("--to wants a folder: --to DIR") }
  let folder = URL(fileURLWithPath: path, isDirectory: true)
  let manager = FileManager.default
  var isFolder: ObjCBool = false
  if manager.fileExists(atPath: folder.path, isDirectory: &isFolder),
    !isFolder.boolValue
  {
    throw Request.Mistake("'\(path)' is a file: name a folder")
  }
  let old: [String]
  do {
    try manager.createDirectory(at: folder, withIntermediateDirectories: true)
    old = try manager.contentsOfDirectory(atPath: folder.path)
  } catch {
    throw Request.Mistake("'\(path)' cannot be used: \(error.localizedDescription)")
  }
  if !old.isEmpty && !old.contains(mark) {
    throw Request.Mistake(
      "'\(path)' is not empty and no former book: name another folder")
  }
  return folder
}

private func write(_ site: Site, to folder: URL) throws -> Int32 {
  let manager = FileManager.default
  let names = Set(site.files.keys.map { String($0.prefix { $0 != "/" }) })
  do {
    // The pages of a former book go, and what else lies there stays: who keeps the folder
    // under version control has more in it. The mark is the first that is there and the
    // last that goes, so that what is half done can be done again.
    for name in try manager.contentsOfDirectory(atPath: folder.path)
    where name != mark && (names.contains(name) || name.hasSuffix(".html")) {
      try manager.removeItem(at: folder.appending(path: name))
    }
    try put(site.files.filter { $0.key == mark }, into: folder)
    try put(site.files, into: folder)
  } catch {
    throw Request.Mistake(
      "the book in '\(folder.path)' is not whole: \(error.localizedDescription)")
  }
  write(
    "\(site.files.count) files; open \(folder.appending(path: "index.html").path)\n")
  return 0
}

/// Writes files, by path, into a folder.
func put(_ files: [String: Data], into folder: URL) throws {
  for (path, data) in files.sorted(by: { $0.key < $1.key }) {
    let file = folder.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }
}

private func serve(_ site: Site, port: UInt16) throws -> Int32 {
  let recorder = Recorder()
  let kernel = RecordingKernel(systemKernel, recorder)
  let loop = try EventLoop(kernel: kernel, observer: recorder)
  // The loop, its recorder and the server are all of this one thread.
  nonisolated(unsafe) let book = BookServer(site, port: port, recorder)
  do {
    try run(loop, catchingInterrupt: true) { loop in
      let server = try await loop.startServer(
        host: "127.0.0.1", port: port, limit: BookServer.requestLimit, book.serve)
      write("the book is at http://127.0.0.1:\(port)/ (Ctrl-C ends it)\n")
      defer { server.close() }
      // Until Ctrl-C. (`serveForever` would then wait for the clients, and a browser keeps
      // its connections for a while.)
      try await loop.createFuture(of: Void.self).value()
    }
  } catch let error as SystemError {
    throw taken(port, error, another: 9007)  // meanwhile
  } catch is KeyboardInterrupt {
    return 0
  }
  return 0
}
