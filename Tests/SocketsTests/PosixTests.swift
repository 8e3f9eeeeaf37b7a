import CLibrary
import Sockets
import TestSupport
import Testing

/// What every Unix has, and the machine's own kernel as well.
@Suite struct PosixTests {
  private static let kernels: [@Sendable () -> PosixKernel] = [
    { PosixKernel() }, { SystemKernel() },
  ]
  private let site = CallSite()

  private func isClosedOnExec(_ fd: Int32) -> Bool {
    fcntl(fd, F_GETFD) & FD_CLOEXEC != 0
  }
  private func isNonBlocking(_ fd: Int32) -> Bool {
    fcntl(fd, F_GETFL) & O_NONBLOCK != 0
  }

  @Test(arguments: [0, 1])
  func `a socket waits, a connection does not, and no program inherits them`(
    number: Int
  ) throws {
    let kernel = Self.kernels[number]()
    let listener = try listener(kernel: kernel)
    #expect(!isNonBlocking(listener.descriptor) && isClosedOnExec(listener.descriptor))
    let client = try Socket(kernel: kernel)
    try client.connect(listener.getsockname())
    let (connection, address) = try listener.accept()
    #expect(isNonBlocking(connection.descriptor))
    #expect(isClosedOnExec(connection.descriptor))
    #expect(address == (try client.getsockname()))
    try listener.setBlocking(false)
    let error = #expect(throws: SystemError.self) { try listener.accept() }
    #expect(error?.wouldBlock == true)
  }

  @Test(arguments: [0, 1])
  func `a self-pipe is readable from the first raise until it is drained`(
    number: Int
  ) throws {
    let kernel = Self.kernels[number]()
    let pipe = try kernel.selfPipe(site)
    defer { for end in Set([pipe.readEnd, pipe.writeEnd]) { kernel.close(end, site) } }
    for end in [pipe.readEnd, pipe.writeEnd] {
      #expect(isNonBlocking(end) && isClosedOnExec(end))
    }
    func isReadable() throws -> Bool {
      try !kernel.poll([(pipe.readEnd, Int16(POLLIN))], timeout: 0, site).isEmpty
    }
    #expect(try !isReadable())
    for _ in 0..<3 { try kernel.raise(pipe.writeEnd, site) }
    #expect(try isReadable())
    #expect(try kernel.drain(pipe.readEnd, site) > 0)
    #expect(try !isReadable())
    let error = #expect(throws: SystemError.self) {
      try kernel.drain(pipe.readEnd, site)
    }
    #expect(error?.wouldBlock == true)
  }

  @Test func `a pair of sockets that is full says so, and is readable`() throws {
    let kernel = PosixKernel()
    let pipe = try kernel.selfPipe(site)
    defer { for end in [pipe.readEnd, pipe.writeEnd] { kernel.close(end, site) } }
    let error = #expect(throws: SystemError.self) {
      while true { try kernel.raise(pipe.writeEnd, site) }
    }
    #expect(error?.wouldBlock == true)
    #expect(try kernel.drain(pipe.readEnd, site) > 1)
  }

  @Test func `a pair of sockets whose other end has gone is an error and no signal`()
    throws
  {
    let kernel = PosixKernel()
    let pipe = try kernel.selfPipe(site)
    defer { kernel.close(pipe.writeEnd, site) }
    kernel.close(pipe.readEnd, site)
    let error = #expect(throws: SystemError.self) {
      try kernel.raise(pipe.writeEnd, site)
    }
    #expect(error?.errno == EPIPE)
  }

  private final class Adoptions: ForwardingKernel {
    var fds: [Int32] = []
    override func adopt(_ fd: Int32, _ site: CallSite) { fds.append(fd) }
  }

  @Test func `the kernel hears of a socket that somebody else has made`() throws {
    // There are systems on which its first `send` could be the program's last.
    let kernel = Adoptions()
    let (one, other) = try PosixKernel().socketPair()
    let sockets = [one, other].map {
      Socket(owning: $0, .unix, isBlocking: false, kernel: kernel)
    }
    #expect(kernel.fds == [one, other])
    _ = sockets  // open until here
  }
}
