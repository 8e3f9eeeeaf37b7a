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
  let site = try Site(tree)
  for problem in site.problems { complain(problem) }
  if !site.problems.isEmpty { return 1 }
  if let folder = request.values(of: .to).last { return try write(site, to: folder) }
  return try serve(site, port: port(request.values(of: .port).first ?? "9007"))
}

/// What says that a folder was written by us: only such a one is written anew.
private let mark = "book.css"

private func write(_ site: Site, to path: String) throws -> Int32 {
  let manager = FileManager.default
  let folder = URL(fileURLWithPath: path, isDirectory: true)
  let old = (try? manager.contentsOfDirectory(atPath: folder.path)) ?? []
  if !old.isEmpty && !old.contains(mark) {
    throw Request.Mistake(
      "'\(path)' is not empty and no former book: name another folder")
  }
  for name in old { try manager.removeItem(at: folder.appending(path: name)) }
  try put(site.files, into: folder)
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
    throw Request.Mistake(
      "port \(port) cannot be used (\(error.name)); "
        + "choose another one: --port \(port < 1024 ? 9007 : port + 1)")
  } catch is KeyboardInterrupt {
    return 0
  }
  return 0
}
