import Foundation

// `swift run forty-lines 1` to `4`: chapter 0's four servers, each with its guests.

@main struct FortyLines {
  static let servers: [String: @Sendable (Int32) throws -> Void] = [
    "1": serveBlocking, "2": serveWithCallbacks, "3": serveWithFutures,
    "4": serveAwaiting,
  ]

  static func main() {
    let words = CommandLine.arguments.dropFirst()
    guard words.count == 1, let server = servers[words.first!] else {
      end("which of the four? Say: swift run forty-lines 1 (or 2, 3, 4)")
    }
    do {
      let (door, address) = try openDoor()
      let guests = DispatchSemaphore(value: 0)
      Thread {
        do { try visit(address) } catch { end("a guest: \(error)") }
        guests.signal()
      }.start()
      try server(door)
      guests.wait()
    } catch {
      end("\(error)")
    }
  }

  static func end(_ sentence: String) -> Never {
    FileHandle.standardError.write(Data("forty-lines: \(sentence)\n".utf8))
    exit(2)
  }
}
