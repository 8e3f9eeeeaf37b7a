import EventLoops
import Foundation
import Simulation
import Sockets
import TestSupport
import Testing

@testable import Streams
@testable import Transports

/// asyncio's own `StreamReader` was asked what comes of some thousand random cases, and
/// ours has to answer the same, to the byte and to the turn.
///
/// How a case is written, and how to ask again, stands at the head of
/// `Oracle/record.py`. It was CPython 3.13.0 that answered.
@Suite struct Oracle {
  private static func read(_ name: String) throws -> String {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    return try String(
      contentsOf: folder.appending(path: "Oracle/\(name)"), encoding: .utf8)
  }

  @Test func `every recorded case comes out as in asyncio`() throws {
    Self.replay(try Self.read("cases.txt").split(separator: "\n"), from: "cases.txt")
  }

  @Test(.enabled(if: hasPython, "python3 is not installed"))
  func `asked again, asyncio says the same`() throws {
    let recorded = try Self.read("cases.txt").split(separator: "\n")
    let head = recorded[0].split(separator: " ")
    let fresh = try Self.ask(seed: "\(head[0])", count: "\(head[1])")
    #expect(fresh.count == recorded.count)
    #expect(zip(recorded, fresh).first { $0 != $1 }.map { "\($0), now \($1)" } == nil)
  }

  @Test(.enabled(if: hasPython, "python3 is not installed"))
  func `cases that nobody has seen yet, other ones every day`() throws {
    // Should this fail: `record.py <seed>` makes them again.
    let seed = Int(Date.now.timeIntervalSince1970) / 86400
    Self.replay(try Self.ask(seed: "\(seed)", count: "2000"), from: "seed \(seed)")
  }

  /// The lines that the recorder writes.
  private static func ask(seed: String, count: String) throws -> [Substring] {
    try Script(read("record.py"), seed, count).rest().split(separator: "\n")
  }

  /// A few wrong ones are shown: they tend to come by the hundred.
  private static func replay(_ lines: [Substring], from source: String) {
    // The first line is the seed, and how many others there are.
    #expect(lines.first?.hasSuffix(" \(lines.count - 1)") == true)
    let wrong = lines.dropFirst().lazy.compactMap { line in
      let ours = (try? Case.replay(line)) ?? "cannot be replayed"
      return ours == line ? nil : "asyncio: \(line)\nours:    \(ours)"
    }
    for pair in wrong.prefix(5) { Issue.record("\(source)\n\(pair)") }
  }
}

/// One case on a reader of ours, with a transport that nobody sends anything to.
private final class Case {
  private let replay: ScriptedLoop
  private let reader: StreamReader
  private let transport: SocketTransport
  private var calls: [LoopTask<Void>] = []
  private var endings = ""

  /// Does what the line says, and writes down what comes of it, as the line does.
  static func replay(_ line: Substring) throws -> String {
    let words = line.split(separator: " ")
    let this = try Case(limit: Int(words[0])!)
    var ours = [String(words[0])]
    for word in words[1...].dropLast() {
      let steps = word.prefix { $0 != ">" }
      for step in steps.split(separator: "&") { try this.step(step) }
      this.replay.settle()
      ours.append("\(steps)>\(this.sight)")
    }
    ours.append("|\(this.left)")
    try this.replay.loop.close()
    return ours.joined(separator: " ")
  }

  private init(limit: Int) throws {
    replay = try ScriptedLoop(
      (.getsockname(fd: 5), .error(ENOTCONN)), (.getpeername(fd: 5), .error(ENOTCONN)),
      (.setsockopt(fd: 5, .noDelay, 1), .done))
    reader = try StreamReader(limit: limit, loop: replay.loop)
    transport = try #require(
      try SocketTransport.make(
        replay.loop, replay.socket(5), StreamReaderProtocol(reader)))
    replay.settle()
  }

  private func step(_ step: Substring) throws {
    let argument = step.dropFirst()
    switch step.first {
    case "+": try reader.feedData(Self.bytes(argument))
    case "$": try reader.feedEof()
    case "!": try reader.setException(SomeError())
    case "x": calls[Int(argument)!].cancel()
    default:
      let number = calls.count
      calls.append(
        try replay.loop.createTask { [self] in
          endings += ";\(number)\(await ending(of: step.first!, argument))"
        })
    }
  }

  private func ending(of call: Character, _ argument: Substring) async -> String {
    do {
      let bytes =
        switch call {
        case "u": try await reader.readuntil(Self.bytes(argument))
        case "l": try await reader.readline()
        case "e": try await reader.readexactly(Int(argument)!)
        default: try await reader.read(Int(argument)!)
        }
      return "=\(Self.text(bytes))"
    } catch let error as IncompleteReadError {
      return "i\(Self.text(error.partial))/\(error.expected.map { "\($0)" } ?? "")"
    } catch let error as LimitOverrunError {
      return "o\(error.consumed)"
    } catch is ValueError {
      return "v"
    } catch is RuntimeError {
      return "r"
    } catch is CancellationError {
      return "c"
    } catch is SomeError {
      return "!"
    } catch {
      return "\(error)"
    }
  }

  private var sight: String {
    defer { endings = "" }
    let waits = reader.state.waiter == nil ? "" : "w"
    let paused = transport.isReading() ? "" : "p"
    return "\(reader.state.bufferSize)\(waits)\(paused)\(endings)"
  }

  private var left: String {
    var rest = reader.buffer
    return Self.text(rest.removeFirst(rest.count))
  }

  private static func bytes(_ text: Substring) -> [UInt8] {
    Array(text.replacing(".", with: "\n").utf8)
  }

  private static func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).replacing("\n", with: ".")
  }
}

private struct SomeError: Error {}
