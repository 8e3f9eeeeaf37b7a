import Foundation

// How much of a raw loop's speed is left after each floor. The server and its clients
// have a thread each. The variants take turns, because a machine is not as fast in one
// minute as in the next.

@main struct Bench {
  static let connections = 50
  static let rounds = 5
  static let seconds = 1.0

  static func main() {
    print("512 bytes there and back, over \(connections) connections: round trips/s")
    compare([
      ("raw epoll loop", { echoes { rawServer($0, connections) } }),
      ("sockRecv / sockSendall", { echoes { try! sockServer($0, connections) } }),
      ("transport and protocol", { echoes { try! transportServer($0, connections) } }),
      ("streams: readexactly", { echoes { try! streamServer($0, connections) } }),
    ])
    print("lines of 100 bytes, over one connection: lines/s")
    compare([
      ("raw recv and memchr", { lines { rawLines($0) } }),
      ("streams: readline", { lines { try! streamLines($0) } }),
    ])
  }

  /// Prints the median of each, from where to where it goes, and what part of the
  /// first one it is.
  static func compare(_ variants: [(name: String, rate: () -> Double)]) {
    var rates = [[Double]](repeating: [], count: variants.count)
    for _ in 0..<rounds {
      for (number, variant) in variants.enumerated() {
        rates[number].append(variant.rate())
      }
    }
    let raw = median(rates[0])
    for (variant, rates) in zip(variants, rates) {
      let name = variant.name.padding(toLength: 24, withPad: " ", startingAt: 0)
      let line = String(
        format: "%@ %9.0f (%.0f to %.0f)  %.2f", name, median(rates), rates.min()!,
        rates.max()!, median(rates) / raw)
      print(line)
    }
  }

  static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  static func echoes(_ server: @escaping @Sendable (Int32) -> Void) -> Double {
    rate(server) { load(port: $0, connections: connections, seconds: seconds) }
  }

  static func lines(_ server: @escaping @Sendable (Int32) -> Void) -> Double {
    rate(server) { flood(port: $0, seconds: seconds) }
  }

  /// What the client counts, per second, from its beginning to the server's end.
  static func rate(
    _ server: @escaping @Sendable (Int32) -> Void, _ client: (UInt16) -> Int
  ) -> Double {
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
    let start = now()
    let count = client(UInt16(bigEndian: address.sin_port))
    ended.wait()
    close(listener)
    return Double(count) / (now() - start)
  }
}
