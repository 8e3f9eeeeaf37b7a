import CLibrary

/// The client's side, the same for every server: connections that send 512 bytes, wait
/// for them to come back, and send them again; and others that are only there.
final class Load {
  private var queue = RawQueue()
  private var connections: [Int32] = []
  /// How much has come back of the message that is on its way, by descriptor.
  private var received: [Int] = []
  private var message = [UInt8](repeating: 120, count: 512)

  deinit {
    for fd in connections { close(fd) }
    close(queue.fd)
  }

  /// Connects so many more. Each makes a round trip, so that the server has met it.
  func connect(_ count: Int, port: UInt16) throws {
    for _ in 0..<count {
      let fd = try connection(to: port)
      noDelay(fd)
      connections.append(fd)
      if received.count <= Int(fd) {
        received += Array(repeating: 0, count: Int(fd) + 1 - received.count)
      }
      try exchange(fd)
    }
  }

  private func exchange(_ fd: Int32) throws {
    send(fd, &message, 512, noSignal)
    var count = 0
    while count < 512 {
      let bytes = recv(fd, &message, 512, 0)
      if bytes <= 0 { throw Failure("the server has hung up") }
      count += bytes
    }
  }

  /// Lets the first ones work for some time; returns the number of round trips.
  func run(_ active: Int, seconds: Double) throws -> Int {
    let active = connections.prefix(active)
    for fd in active {
      queue.add(fd)
      send(fd, &message, 512, noSignal)
    }
    var roundTrips = 0
    let end = now() + seconds
    var onTheirWay = active.count
    // To the end of the last one, so that nothing is left over for the next run.
    while onTheirWay > 0 {
      let count = queue.wait(1000)
      if count == 0 { throw Failure("the server does not answer any more") }
      let isOver = now() >= end
      for place in 0..<max(0, count) {
        let fd = queue.socket(place)
        let bytes = recv(fd, &message, 512, 0)
        if bytes <= 0 { throw Failure("the server has hung up") }
        received[Int(fd)] += bytes
        if received[Int(fd)] < 512 { continue }
        received[Int(fd)] = 0
        roundTrips += 1
        if isOver {
          onTheirWay -= 1
        } else {
          send(fd, &message, 512, noSignal)
        }
      }
    }
    for fd in active { queue.remove(fd) }
    return roundTrips
  }
}

func connection(to port: UInt16) throws -> Int32 {
  let fd = socket(AF_INET, streamType, 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  let size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(fd, $0, size) }
  }
  if result != 0 {
    throw Failure("cannot connect: \(String(cString: strerror(errno)))")
  }
  return fd
}

/// As many descriptors as the system allows; returns how many.
@discardableResult
func raiseDescriptorLimit() -> Int {
  var limit = rlimit()
  getrlimit(descriptorResource, &limit)
  limit.rlim_cur = limit.rlim_max
  #if os(macOS)
    limit.rlim_cur = min(limit.rlim_cur, rlim_t(OPEN_MAX))  // more is refused
  #endif
  setrlimit(descriptorResource, &limit)
  return Int(limit.rlim_cur)
}

func now(_ clock: clockid_t = CLOCK_MONOTONIC) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
