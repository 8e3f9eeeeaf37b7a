import CLibrary
package import Sockets

/// Two sockets that are each other's peer, without addresses or a listener.
package func socketPair(
  isBlocking: Bool = true, kernel: any Kernel = systemKernel
) throws(SystemError) -> (Socket, Socket) {
  let pair = try PosixKernel().socketPair(isBlocking: isBlocking)
  return (
    Socket(owning: pair.0, .unix, isBlocking: isBlocking, kernel: kernel),
    Socket(owning: pair.1, .unix, isBlocking: isBlocking, kernel: kernel)
  )
}

/// The same socket under the lowest free number from 500 on.
///
/// Low numbers come and go even in a process with a single test, because the testing
/// library opens files too. Up here, a number that was closed is the next one given.
package func renumbered(_ socket: Socket) throws(SystemError) -> Socket {
  let number = fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 500)
  if number < 0 { throw SystemError(in: "fcntl") }
  socket.close()
  return Socket(owning: number, socket.family, isBlocking: socket.isBlocking)
}

/// A pipe. Its two ends are no sockets, but something has to close them.
package func pipePair() throws(SystemError) -> (reading: Socket, writing: Socket) {
  var pair: [Int32] = [-1, -1]
  if pipe(&pair) < 0 { throw SystemError(in: "pipe") }
  let (reading, writing) = (
    Socket(owning: pair[0], .unix, isBlocking: true),
    Socket(owning: pair[1], .unix, isBlocking: true)
  )
  try reading.setBlocking(false)
  try writing.setBlocking(false)
  return (reading, writing)
}

/// A listener on a port of this machine that the kernel chose.
package func listener(
  on host: String = "127.0.0.1", kernel: any Kernel = systemKernel
) throws -> Socket {
  let address = try SocketAddress(host, port: 0)
  let listener = try Socket(address.family, kernel: kernel)
  try listener.bind(address)
  try listener.listen()
  return listener
}

/// A TCP conversation that has begun: the client's end, blocking, and the server's,
/// as `accept` makes it.
package func tcpPair(
  kernel: any Kernel = systemKernel
) throws -> (client: Socket, server: Socket) {
  let listener = try listener(kernel: kernel)
  let client = try Socket(kernel: kernel)
  try client.connect(listener.getsockname())
  return (client, try listener.accept().connection)
}

/// Whether this machine can talk to itself by IPv6.
package let hasIPv6 = (try? listener(on: "::1")) != nil

extension Socket {
  /// Hands over a text that fits.
  @discardableResult
  package func send(_ text: String) throws -> Int {
    try Array(text.utf8).withUnsafeBytes { try send($0) }
  }

  /// Waits until `recv` or `accept` would not.
  package func waitUntilReadable() throws(SystemError) { try wait(POLLIN) }
  /// Waits until `send` would not, or until a connection attempt has ended.
  package func waitUntilWritable() throws(SystemError) { try wait(POLLOUT) }

  private func wait(_ event: Int32) throws(SystemError) {
    let question = (fd: descriptor, events: Int16(event))
    // Nothing here takes seconds. Should something never happen, then a test has to
    // fail, not to hang.
    let answer = try systemKernel.poll(
      [question], timeout: Int32(patience * 1000), CallSite())
    if answer.isEmpty { throw SystemError(ETIMEDOUT, in: "poll") }
  }
}

/// A new folder, which goes away with its owner and with what lies in it.
package final class TemporaryFolder {
  package let path: String

  package init() throws(SystemError) {
    var template = Array("/tmp/walkthrough-XXXXXX".utf8CString)
    guard let name = mkdtemp(&template) else { throw SystemError(in: "mkdtemp") }
    path = String(cString: name)
  }

  /// The path of a file in the folder.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  deinit {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        withUnsafePointer(to: &entry.pointee.d_name.0) {
          _ = unlinkat(dirfd(folder), $0, 0)  // `.` and `..` refuse by themselves
        }
      }
      closedir(folder)
    }
    rmdir(path)
  }
}
