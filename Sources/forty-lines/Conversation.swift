import CLibrary

// What all four have in common: what a server and its guests do with a descriptor.

/// Something that did not go as it should.
struct Trouble: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
  /// What the system says about the last call.
  init(of call: String) { description = "\(call): \(String(cString: strerror(errno)))" }
}

func say(_ fd: Int32, _ text: String) throws {
  let bytes = Array(text.utf8)
  if send(fd, bytes, bytes.count, noSignal) < 0 { throw Trouble(of: "send") }
}

/// Waits, if nothing has come yet.
func hear(_ fd: Int32) throws -> String {
  var room = [UInt8](repeating: 0, count: 100)
  let count = recv(fd, &room, room.count, 0)
  if count < 0 { throw Trouble(of: "recv") }
  if count == 0 { throw Trouble("has hung up") }
  return String(decoding: room[..<count], as: UTF8.self)
}

/// A name, or nothing; a server has its limits.
func hearName(_ fd: Int32) throws -> String {
  let name = try hear(fd).filter { $0 != " " }
  if name.count > 20 { throw Trouble("a name of \(name.count) letters") }
  return name
}

func hangUp(_ fd: Int32) { close(fd) }

func report(_ error: any Error) { print("server: lost a guest: \(error)") }

/// Which of these have something to read, or have been hung up on. Waits for the first
/// one; so many milliseconds at the most, if that is not -1.
func news(of fds: some Sequence<Int32>, within milliseconds: Int32 = -1) -> [Int32] {
  var list = fds.sorted().map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
  poll(&list, nfds_t(list.count), milliseconds)
  return list.filter { $0.revents != 0 }.map(\.fd)
}

// MARK: The door

/// Takes the guest who has waited longest, or waits for one.
func letIn(_ door: Int32) throws -> Int32 {
  let guest = accept(door, nil, nil)
  if guest < 0 { throw Trouble(of: "accept") }
  return guest
}

/// A listener on a port of this machine that the kernel chooses.
func openDoor() throws -> (door: Int32, address: sockaddr_in) {
  let door = socket(AF_INET, streamType, 0)
  if door < 0 { throw Trouble(of: "socket") }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isOpen = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(door, $0, size) == 0 && listen(door, 10) == 0
        && getsockname(door, $0, &size) == 0
    }
  }
  if !isOpen { throw Trouble(of: "bind") }
  return (door, address)
}

/// The way in, for a guest.
func comeTo(_ address: sockaddr_in) throws -> Int32 {
  let fd = socket(AF_INET, streamType, 0)
  if fd < 0 { throw Trouble(of: "socket") }
  let result = withUnsafePointer(to: address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  if result < 0 { throw Trouble(of: "connect") }
  return fd
}
