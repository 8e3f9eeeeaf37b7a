import Foundation

// How much of a raw epoll loop's speed is left after each floor: an echo of 512
// bytes over 50 connections, server and clients in a thread each. The variants
// take turns, because a machine is not as fast in one minute as in the next.

@main struct Bench {
  static let connections = 50
  static let rounds = 5
  static let seconds = 1.0

  static func main() {
    let servers: [(name: String, run: @Sendable (Int32) -> Void)] = [
      ("raw epoll loop", { rawServer($0, connections) }),
      ("sockRecv / sockSendall", { try! sockServer($0, connections) }),
      ("transport and protocol", { try! transportServer($0, connections) }),
    ]
    var rates = [[Double]](repeating: [], count: servers.count)
    for _ in 0..<rounds {
      for (number, server) in servers.enumerated() {
        rates[number].append(rate(server.run))
      }
    }
    let raw = median(rates[0])
    for (server, rates) in zip(servers, rates) {
      let name = server.name.padding(toLength: 24, withPad: " ", startingAt: 0)
      let line = String(
        format: "%@ %8.0f round trips/s (%.0f to %.0f)  %.2f", name, median(rates),
        rates.min()!, rates.max()!, median(rates) / raw)
      print(line)
    }
  }

  static func rate(_ server: @escaping @Sendable (Int32) -> Void) -> Double {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = loopback(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(listener, $0, size)
        _ = listen(listener, 128)
        getsockname(listener, $0, &size)
      }
    }
    let ended = DispatchSemaphore(value: 0)
    Thread {
      server(listener)
      ended.signal()
    }.start()
    let count = load(
      port: UInt16(bigEndian: address.sin_port), connections: connections,
      seconds: seconds)
    ended.wait()
    close(listener)
    return Double(count) / seconds
  }

  static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
