import CLibrary
import EventLoops
public import Sockets

/// Where the two programs meet.
public struct ChatOptions: Sendable {
  /// An IP address or a name.
  public var host = "127.0.0.1"
  /// A port.
  public var port: UInt16 = 9006
  /// The document's programs speak IPv4; a host with colons in it wants the other.
  public var family: AddressFamily { host.contains(":") ? .ipv6 : .ipv4 }

  /// Reads `--host` and `--port`, or explains what is wrong and ends the program.
  ///
  /// - Parameters:
  ///   - program: its name, for the messages.
  ///   - lowestPort: 0 where the kernel may choose, 1 where it may not.
  public init(
    _ program: String, lowestPort: UInt16,
    _ arguments: [String] = Array(CommandLine.arguments.dropFirst())
  ) {
    let usage = "usage: swift run \(program) [--host HOST] [--port PORT]"
    var rest = arguments[...]
    while let option = rest.popFirst() {
      if option == "--help" || option == "-h" {
        say(
          usage + "\nHOST is an address or a name, 127.0.0.1 if left out; PORT is 9006."
        )
        exit(0)
      }
      guard option == "--host" || option == "--port" else {
        leave(2, "\(program): there is no option '\(option)'; \(usage)")
      }
      guard let value = rest.popFirst(), !value.isEmpty else {
        leave(2, "\(program): \(option) needs a value; \(usage)")
      }
      if option == "--host" { host = value }
      if option == "--port" {
        guard let number = UInt16(value), number >= lowestPort else {
          leave(2, "\(program): '\(value)' is no port: \(lowestPort) to 65535")
        }
        port = number
      }
    }
  }
}

/// Writes a line to standard output at once, also when that is a pipe. If nobody
/// reads it any more, the program ends as others do: quietly.
public func say(_ line: String) {
  let error = writeAll(line + "\n", to: STDOUT_FILENO)
  if error == EPIPE { exit(1) }
  if error != 0 {
    leave(1, "the output cannot be written: \(String(cString: strerror(error)))")
  }
}

/// Writes a line to standard error and ends the program.
public func leave(_ code: Int32, _ line: String) -> Never {
  complain(line)
  exit(code)
}

/// Writes a line to standard error.
public func complain(_ line: String) {
  _ = writeAll(line + "\n", to: STDERR_FILENO)
}

/// Python's way of writing an address: `('127.0.0.1', 57404)`.
public func pair(_ address: SocketAddress) -> String {
  guard let host = address.host, let port = address.port else { return "\(address)" }
  return "('\(host)', \(port))"
}
