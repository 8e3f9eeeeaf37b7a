import CLinux
import Glibc

/// The client's side, the same for every server: so many connections, each of
/// which sends 512 bytes, waits for them to come back, and sends them again.
func load(port: UInt16, connections: Int, seconds: Double) -> Int {
  let epoll = epoll_create1(0)
  defer { close(epoll) }
  var message = [UInt8](repeating: 120, count: 512)
  var received = [Int32: Int]()
  for _ in 0..<connections {
    let fd = connection(to: port)
    var one: Int32 = 1
    setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: fd))
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)
    received[fd] = 0
    send(fd, &message, 512, 0)
  }
  defer { for fd in received.keys { close(fd) } }

  var roundTrips = 0
  let end = now() + seconds
  var events = [epoll_event](repeating: epoll_event(), count: connections)
  while now() < end {
    let count = epoll_wait(epoll, &events, Int32(connections), 100)
    for event in events.prefix(Int(max(0, count))) {
      let fd = event.data.fd
      let bytes = recv(fd, &message, 512, 0)
      precondition(bytes > 0, "the server has hung up")
      received[fd]! += bytes
      if received[fd]! == 512 {
        received[fd] = 0
        roundTrips += 1
        send(fd, &message, 512, 0)
      }
    }
  }
  return roundTrips
}

func connection(to port: UInt16) -> Int32 {
  let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = loopback(port)
  let size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(fd, $0, size) }
  }
  precondition(result == 0, "the server does not answer")
  return fd
}

func loopback(_ port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return address
}

func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
