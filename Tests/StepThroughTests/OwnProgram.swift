import CLibrary
import Foundation
import Telling
import Testing

private let hasSwift =
  (try? Program.run(["swift", "--version"], path: "/usr/bin/env").code) == 0

/// The README's program and its `Package.swift`, built as a reader builds them.
@Suite(.enabled(if: hasSwift, "there is no swift on the path"))
struct OwnProgram {
  private static let root = SourceTree().root!

  /// A package in a folder of its own, which goes with it.
  private final class Package {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("walkthrough-mine-\(UUID())")

    func write(_ text: String, to name: String) throws {
      let file = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }

    func build() throws -> String {
      let outcome = try Program.run(
        ["swift", "build", "--package-path", folder.path], path: "/usr/bin/env")
      #expect(outcome.code == 0, "\(outcome.output.suffix(4000))\(outcome.error)")
      return folder.appendingPathComponent(".build/debug/mine").path
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
  }

  /// The blocks of Swift in the README, in order: the program, its manifest, an alias.
  private static func blocks() throws -> [String] {
    let text = try String(contentsOfFile: root + "/README.md", encoding: .utf8)
    return text.matches(of: /(?s)```swift\n(.*?)```/).map { String($0.1) }
  }

  private func manifest(_ text: String) -> String {
    // Here the package's directory has whatever name it has.
    let name = Self.root.split(separator: "/").last!
    return text.replacing("\"../walkthrough\"", with: "\"\(Self.root)\"")
      .replacing("package: \"walkthrough\"", with: "package: \"\(name)\"")
  }

  @Test func `the program of the README is stepped through`() throws {
    let blocks = try Self.blocks()
    let port = try freePort()
    let package = Package()
    let program = blocks[0].replacing(
      "import Asyncio", with: "import Asyncio\nimport StepThrough"
    )
    .replacing("try run {", with: "try stepThrough {")
    .replacing("port: 9006", with: "port: \(port)")
    try #require(program.contains("stepThrough {") && program.contains("port: \(port)"))
    let product = ".product(name: \"Asyncio\", package: \"walkthrough\")"
    let both = product + ", " + product.replacing("Asyncio", with: "StepThrough")
    try package.write(program, to: "Sources/mine/main.swift")
    try package.write(
      manifest(blocks[1].replacing(product, with: both)), to: "Package.swift")
    let path = try package.build()

    let plain = try conversation(path, ["--plain"], port)
    #expect(plain.code == 0)
    #expect(plain.output.hasPrefix("mine\n"))
    #expect(plain.error.contains("for looking at and not for production"))
    for words in [
      "main.swift:", "socket(AF_INET) → socket 1", "bind(socket 1, 127.0.0.1:\(port))",
      "accept4(socket 1) → connection 1", "recv(connection 1,", "send(connection 1,",
    ] { #expect(plain.output.contains(words), "\(words)") }

    let json = try conversation(path, ["--json"], port).output
    try package.write(json, to: "mine.jsonl")
    let file = package.folder.appendingPathComponent("mine.jsonl").path
    let opened = try Program.run(["open", file])
    #expect(opened.output.hasPrefix("mine, by stepThrough\n"))

    let cut = try conversation(
      path, ["--plain", "--steps", "40"], port, isInterrupted: false)
    #expect(cut.output.contains("what comes after 40 steps is cut"))
  }

  @Test func `a target may have the name of one of ours`() throws {
    let blocks = try Self.blocks()
    let package = Package()
    try package.write("public let mine = 1\n", to: "Sources/Streams/Streams.swift")
    try package.write(
      blocks[0] + "\nimport Streams\n_ = Streams.mine\n", to: "Sources/mine/main.swift")
    let product = ".product(name: \"Asyncio\", package: \"walkthrough\")"
    let alias = blocks[2].trimmingCharacters(in: .whitespacesAndNewlines)
    let text = blocks[1].replacing(product, with: alias + ", \"Streams\"")
      .replacing(
        "  targets: [\n", with: "  targets: [\n    .target(name: \"Streams\"),\n")
    try package.write(manifest(text), to: "Package.swift")
    _ = try package.build()
  }

  /// Runs the server, says a line to it, hears it back, and presses Ctrl-C
  /// (unless it is to end by itself).
  private func conversation(
    _ path: String, _ arguments: [String], _ port: UInt16, isInterrupted: Bool = true
  ) throws -> Program.Outcome {
    let process = Process()
    // A shell in the background lets SIGINT be ignored, and that is inherited; so is the
    // mask of this thread, in which a test runner may have it blocked.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["--default-signal=INT", path] + arguments
    var interrupt = sigset_t()
    var before = sigset_t()
    sigaddset(&interrupt, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &interrupt, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    process.standardInput = FileHandle.nullDevice
    let folder = FileManager.default.temporaryDirectory
    let names = (0...1).map { _ in folder.appendingPathComponent("mine-\(UUID())") }
    for name in names { try Data().write(to: name) }
    defer { for name in names { try? FileManager.default.removeItem(at: name) } }
    process.standardOutput = try FileHandle(forWritingTo: names[0])
    process.standardError = try FileHandle(forWritingTo: names[1])
    try process.run()
    talk(to: port, whileRunning: process)
    if isInterrupted { kill(process.processIdentifier, SIGINT) }
    // It ends by itself; the limit only ends a hang.
    let limit = Date(timeIntervalSinceNow: 60)
    while process.isRunning && Date() < limit { usleep(10_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    return Program.Outcome(
      code: process.terminationStatus,
      output: try String(contentsOf: names[0], encoding: .utf8),
      error: try String(contentsOf: names[1], encoding: .utf8))
  }

  /// Connects as soon as somebody listens, and waits for its own line to come back, or
  /// for the end.
  private func talk(to port: UInt16, whileRunning process: Process) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = port.bigEndian
    var client: Int32 = -1
    while process.isRunning {
      client = socket(AF_INET, streamType, 0)
      let size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let answer = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(client, $0, size)
        }
      }
      if answer == 0 { break }
      close(client)
      // Nobody listens yet: there is no event for that, so it is asked again.
      usleep(10_000)
    }
    send(client, "hello\n", 6, noSignal)
    var bytes = [UInt8](repeating: 0, count: 6)
    recv(client, &bytes, 6, 0)
    close(client)
  }

  private func freePort() throws -> UInt16 {
    let probe = socket(AF_INET, streamType, 0)
    defer { close(probe) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(probe, $0, size)
        _ = getsockname(probe, $0, &size)
      }
    }
    return UInt16(bigEndian: address.sin_port)
  }
}
