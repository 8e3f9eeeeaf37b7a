import CLibrary
import Sockets
import TestSupport
import Testing

/// Where sockets are: what can be written down, what cannot, and what it says then.
@Suite struct AddressTests {
  @Test func `an IPv4 address is a host and a port`() throws {
    let address = try SocketAddress("127.0.0.1", port: 9006)
    #expect(address.family == .ipv4)
    #expect(address.host == "127.0.0.1")
    #expect(address.port == 9006)
    #expect(address.path == nil)
    #expect(address.description == "127.0.0.1:9006")
  }

  @Test func `an IPv6 address goes into brackets, as short as possible`() throws {
    let address = try SocketAddress("0:0:0:0:0:0:0:1", port: 65535)
    #expect(address.family == .ipv6)
    #expect(address.host == "::1")
    #expect(address.port == 65535)
    #expect(address.path == nil)
    #expect(address.description == "[::1]:65535")
  }

  @Test func `a Unix address is a path`() throws {
    let address = try SocketAddress(path: "/tmp/a")
    #expect(address.family == .unix)
    #expect(address.host == nil)
    #expect(address.port == nil)
    #expect(address.path == "/tmp/a")
    #expect(address.description == "/tmp/a")
  }

  @Test(arguments: [
    "", "localhost", "127.0.0", "256.0.0.1", "1.2.3.4:80", "[::1]", ":::",
  ])
  func `a host that is no address is a ValueError that says what to write`(
    host: String
  ) throws {
    let error = #expect(throws: ValueError.self) { try SocketAddress(host, port: 80) }
    let text = try #require(error).description
    #expect(text.hasPrefix("'\(host)' is not an IP address"))
    #expect(text.contains("127.0.0.1 or ::1"))
  }

  @Test func `a path has room for 107 bytes and not for 108, or for 103 on a Mac`()
    throws
  {
    let room = isLinux ? 107 : 103
    let longest = String(repeating: "x", count: room)
    #expect(try SocketAddress(path: longest).path == longest)
    let error = #expect(throws: ValueError.self) {
      try SocketAddress(path: longest + "x")
    }
    #expect(try #require(error).description.contains("1 to \(room) bytes"))
    // Bytes, not letters.
    #expect(throws: ValueError.self) {
      try SocketAddress(path: String(repeating: "é", count: 54))
    }
  }

  @Test func `an empty path is a ValueError`() {
    #expect(throws: ValueError.self) { try SocketAddress(path: "") }
  }

  @Test(arguments: ["/tmp/a\0b", "/tmp/a\0", "\0a\0b"])
  func `a path with a zero byte is a ValueError, not another path`(path: String) throws
  {
    let error = #expect(throws: ValueError.self) { try SocketAddress(path: path) }
    #expect(try #require(error).description.contains("zero byte"))
  }

  @Test func `addresses are equal if they name the same place`() throws {
    let here = try SocketAddress("127.0.0.1", port: 80)
    #expect(try here == SocketAddress("127.0.0.1", port: 80))
    #expect(try here != SocketAddress("127.0.0.1", port: 81))
    #expect(try here != SocketAddress("127.0.0.2", port: 80))
    // The same to read, and somewhere else.
    let file = try SocketAddress(path: "127.0.0.1:80")
    #expect(here.description == file.description)
    #expect(here != file)
    #expect(try Set([here, file, SocketAddress("127.0.0.1", port: 80)]).count == 2)
  }

  @Test func `families have the numbers of the kernel`() {
    #expect(AddressFamily.unix.number == 1)
    #expect(AddressFamily.ipv4.number == 2)
    #expect(AddressFamily.ipv6.number == 10)
  }

  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("fe80::1%1", "[fe80::1%1]:80"),
    ("fe80::1%4294967295", "[fe80::1%4294967295]:80"),
  ])
  func `what an IP address says of itself makes the same address`(
    host: String, description: String
  ) throws {
    let address = try SocketAddress(host, port: 80)
    #expect(address.description == description)
    #expect(address.host == host)
    let again = try SocketAddress(try #require(address.host), port: address.port!)
    #expect(again == address)
  }

  @Test func `addresses of two interfaces are two addresses`() throws {
    let here = try SocketAddress("fe80::1%1", port: 80)
    #expect(try here != SocketAddress("fe80::1%2", port: 80))
    #expect(try here != SocketAddress("fe80::1", port: 80))
    // The name of the first interface, which every Linux has.
    #expect(try here == SocketAddress("fe80::1%lo", port: 80))
  }

  @Test(arguments: ["fe80::1%nowhere0", "fe80::1%", "fe80::1%0", "fe80::1%-1"])
  func `a scope that is no interface is a ValueError`(host: String) throws {
    let error = #expect(throws: ValueError.self) { try SocketAddress(host, port: 80) }
    #expect(error?.description.contains("no interface") == true)
  }

  @Test func `a resolver that has no descriptor says so`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      let before = setDescriptorLimit(0)
      let errors = ["localhost", "nowhere.invalid"].map { name in
        #expect(throws: SystemError.self) {
          try systemKernel.getaddrinfo(name, 80, nil, .stream)
        }
      }
      setDescriptorLimit(before)
      #expect(errors.map { $0?.errno } == [EMFILE, EMFILE])
    }
  }

  @Test func `an interface that cannot be looked up is not one that is not there`()
    async
  {
    await #expect(processExitsWith: .exitCode(0)) {
      let before = setDescriptorLimit(0)
      let error = #expect(throws: ValueError.self) {
        try SocketAddress("fe80::1%lo", port: 80)
      }
      setDescriptorLimit(before)
      #expect(error?.description.hasSuffix("is no descriptor left?") == true)
    }
  }

  @Test(arguments: ["127.0.0.1%1", "%1", "::1 %1"])
  func `only IPv6 has scopes`(host: String) {
    #expect(throws: ValueError.self) { try SocketAddress(host, port: 80) }
  }

  @Test(arguments: [("/tmp/a", "/tmp/a")] + (isLinux ? [("\0chat", "@chat")] : []))
  func `what a Unix address says of itself makes the same address`(
    path: String, description: String
  ) throws {
    let address = try SocketAddress(path: path)
    #expect(address.description == description)
    #expect(address.path == path)
    #expect(try SocketAddress(path: try #require(address.path)) == address)
  }

  @Test(.enabled(if: isLinux))
  func `the kernel knows an abstract name by the address that we make`() throws {
    let name = "\0walkthrough-\(getpid())"
    let listener = try Socket(.unix)
    try listener.bind(SocketAddress(path: name))
    try listener.listen()
    #expect(try listener.getsockname() == SocketAddress(path: name))
    let client = try Socket(.unix)
    try client.connect(listener.getsockname())
    #expect(try client.getpeername().path == name)
    #expect(try client.getsockname().description == "unnamed")
  }
}
