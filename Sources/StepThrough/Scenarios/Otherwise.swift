// The other answers that a call may give. It knows the manual pages and what the kernel
// has answered; not how another answer is made to come.

import CLibrary
import Recording
package import Simulation
import Sockets

/// One thing that could have been otherwise.
package enum Otherwise: Sendable, Hashable, CustomStringConvertible {
  /// The call is refused. (SO_ERROR's answer is also one of these.)
  case error(Int32)
  /// Only so many bytes are moved.
  case bytes(Int)
  /// The other end has finished sending.
  case end
  /// Nothing is ready yet.
  case nothing
  /// Only one descriptor is ready yet.
  case one
  /// Before the call the world does what it would have done later.
  case now
  /// Somebody cancels the task that has just suspended.
  case cancel

  /// How it is written: `EINTR`, `1`, `end`.
  package var description: String {
    switch self {
    case .error(let number): SystemError(number, in: "").name
    case .bytes(let count): "\(count)"
    case .end: "end"
    case .nothing: "nothing"
    case .one: "one"
    case .now: "now"
    case .cancel: "cancel"
    }
  }

  /// What it is, for who chooses.
  package var words: String {
    switch self {
    case .error(let number): String(cString: strerror(number))
    case .bytes(let count): "only \(count) byte\(count == 1 ? "" : "s")"
    case .end: "the end of the stream"
    case .nothing: "nothing is ready yet"
    case .one: "only one of them is ready yet"
    case .now: "what somebody outside would do next, they do now"
    case .cancel: "somebody cancels the task here"
    }
  }
}

extension SystemCall {
  /// What else a real kernel may say to this call, where it has said this: the answers
  /// of the manual pages that it gives in this state, and that make a difference to
  /// whoever asked.
  package func otherAnswers(than answer: SystemAnswer) -> [Otherwise] {
    let all: [Otherwise] =
      switch (self, answer) {
      case (.accept, _):
        errors(EAGAIN, EINTR, ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM, EPERM)
      // The kernel goes on with the handshake while the caller does something else, or
      // it has not begun.
      case (.connect, .error(EINPROGRESS)), (.connect, .error(EINTR)):
        errors(
          EINPROGRESS, EINTR, ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EADDRNOTAVAIL)
      case (.connect, .done): errors(EINTR, ECONNREFUSED, ETIMEDOUT, ENETUNREACH)
      case (.connect, _): errors(ECONNREFUSED, ETIMEDOUT, ENETUNREACH)

      // Bytes that are there do not go away. Where none are, the peer may have ended.
      case (.recv, .error(EAGAIN)): errors(EINTR, ECONNRESET, ETIMEDOUT) + [.end]
      case (.recv, .number(let count)):
        errors(EAGAIN, EINTR, ECONNRESET, ETIMEDOUT) + (count > 1 ? [.bytes(1)] : [])
      case (.send, .number(let count)), (.sendmsg, .number(let count)):
        errors(EAGAIN, EINTR, EPIPE, ECONNRESET, ENOBUFS)
          + (count > 1 ? [.bytes(1)] : [])
      case (.send, .error(EAGAIN)), (.sendmsg, .error(EAGAIN)):
        errors(EINTR, EPIPE, ECONNRESET, ENOBUFS)
      case (.shutdown, .done): errors(ENOTCONN)

      case (.getsockopt(_, .error), .number(let error)):
        errors(ECONNREFUSED, ETIMEDOUT, ENETUNREACH).filter {
          $0 != .error(Int32(error))
        }
      case (.getsockname, .address): errors(ENOBUFS)
      case (.getpeername, .address): errors(ENOTCONN, ENOBUFS)

      case (.socket, .descriptor): errors(EMFILE, ENFILE, ENOBUFS, ENOMEM)
      case (.epollCreate, .descriptor), (.eventfd, .descriptor),
        (.socketpair, .descriptor):
        errors(EMFILE, ENFILE, ENOMEM)
      case (.bind, .done): errors(EADDRINUSE, EACCES, EADDRNOTAVAIL)
      case (.listen, .done): errors(EADDRINUSE)

      case (.epollControl(_, .add, _, _), .done): errors(ENOMEM, ENOSPC)
      // Somebody closed it behind our back, and the number is another socket's.
      case (.epollControl, .done): errors(ENOENT)
      // What came, came a moment later. Only a wait can be interrupted.
      case (.epollWait(_, let timeout), .ready(let ready)):
        (timeout == 0 ? [] : errors(EINTR)) + (ready.count > 1 ? [.one] : [])
          + (timeout == 0 && !ready.isEmpty ? [.nothing] : [])
      default: []
      }
    if case .error(let number) = answer { return all.filter { $0 != .error(number) } }
    return all
  }
}

private func errors(_ numbers: Int32...) -> [Otherwise] { numbers.map { .error($0) } }
