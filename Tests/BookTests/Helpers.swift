import Book
import EventLoops
import Foundation
import Recording
import Sockets
import Streams
import Synchronization
import Telling
import TestSupport
import Testing
import Transports

/// The whole book, made once.
let wholeBook = Result { try Site(SourceTree()) }

/// The folder of these tests.
let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

/// The book, served by a loop in a thread of its own, until `stop`.
final class Served: @unchecked Sendable {
  let port: UInt16
  private let loop: EventLoop
  private var stopping: Future<Void>!
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameter patience: how long a client may take, in seconds.
  init(patience: Double = BookServer.patience) throws {
    let probe = try Socket(.ipv4)
    try probe.bind(SocketAddress("127.0.0.1", port: 0))
    port = try probe.getsockname().port!
    probe.close()
    let recorder = Recording.Recorder()
    loop = try EventLoop(
      kernel: RecordingKernel(systemKernel, recorder), observer: recorder)
    nonisolated(unsafe) let book = BookServer(
      try wholeBook.get(), port: port, recorder, patience: patience)
    let begun = DispatchSemaphore(value: 0)
    Thread.detachNewThread { [self] in
      do {
        try run(loop, catchingInterrupt: false) { [self] loop in
          stopping = loop.createFuture()
          let server = try await loop.startServer(
            host: "127.0.0.1", port: port, limit: BookServer.requestLimit, book.serve)
          begun.signal()
          try await stopping.value()
          server.close()
        }
      } catch {
        Issue.record("the server ends: \(error)")
      }
      begun.signal()
      ended.signal()
    }
    begun.wait()
  }

  func stop() throws {
    try loop.callSoonThreadsafe { [self] in try? stopping.setResult(()) }
    ended.wait()
  }
}

/// Runs a Python program of these tests to its end, and says what it printed.
func python(
  _ file: String, _ arguments: [String], with interpreter: String = "python3"
) throws -> (code: Int32, output: String) {
  try python(with: interpreter, ["\(here)/\(file)"] + arguments)
}

/// The same, of any Python program.
func python(
  with interpreter: String, _ arguments: [String]
) throws -> (code: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = limited(3 * Int(patience), [interpreter] + arguments)
  let output = Pipe()
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = output
  process.standardError = output
  try process.run()
  let text = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: text, as: UTF8.self))
}

/// What a file of data says, as the script in the browser unpacks it.
func unpacked(_ script: Data) -> JSON? {
  let text = String(decoding: script, as: UTF8.self)
  guard text.hasPrefix("book.take("), let comma = text.firstIndex(of: ","),
    // What is left out has no place in JSON.
    let table = try? JSON(
      line: text[comma...].dropFirst().dropLast(2).replacing(
        /,(?=[,\]])/, with: ",null")),
    case .list(let entries) = table
  else { return nil }
  var values: [JSON] = []
  var last: [Int: [JSON]] = [:]
  func value(_ part: JSON) -> JSON {
    if let place = part.integer { return values[place] }
    guard case .list(let parts) = part, let head = parts[0].integer else { return part }
    if head == -2 {
      var number = 0
      return .list(
        parts.dropFirst().map {
          number += $0.integer!
          return JSON(number)
        })
    }
    if head < 0 { return .list(parts.dropFirst().map(value)) }
    guard case .list(let keys) = values[head] else { return .null }
    let own = keys.indices.map { key in
      key + 1 < parts.count && parts[key + 1] != .null
        ? value(parts[key + 1]) : last[head]![key]
    }
    last[head] = own
    return .object(
      Dictionary(uniqueKeysWithValues: zip(keys.compactMap(\.string), own)))
  }
  for entry in entries { values.append(entry.integer == nil ? value(entry) : entry) }
  return values.last
}

/// The program that the reader starts; it lies beside these tests, out of one build.
let program = builtProgram("walkthrough")
