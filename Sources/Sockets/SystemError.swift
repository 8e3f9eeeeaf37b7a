public import CLibrary

/// A system call said no.
///
/// Two of the refusals are no failures but answers: "not now" and "somebody
/// interrupted me". The whole craft of an event loop is in treating those two
/// apart from the rest, so they have a name each.
///
/// asyncio: OSError
public struct SystemError: Error, Equatable, CustomStringConvertible {
  /// The number that the kernel left in `errno`.
  public let errno: Int32
  /// The system call that failed, for instance `connect`.
  public let call: String
  /// What the call was about, an address for instance.
  public let about: String?

  /// - Parameters:
  ///   - errno: the error number; leave it out to take the thread's `errno`.
  ///   - call: the name of the system call.
  ///   - about: an address or whatever else the reader of the message needs.
  public init(_ errno: Int32 = CLibrary.errno, in call: String, about: String? = nil) {
    self.errno = errno
    self.call = call
    self.about = about
  }

  // [error.two-answers]
  /// The call would have had to wait, and the socket is non-blocking.
  ///
  /// Four numbers mean this. EAGAIN and EWOULDBLOCK are one number on Linux,
  /// EINPROGRESS and EALREADY come from `connect`.
  ///
  /// asyncio: BlockingIOError
  public var wouldBlock: Bool {
    switch errno {
    case EAGAIN, EWOULDBLOCK, EINPROGRESS, EALREADY: true
    default: false
    }
  }

  /// A signal arrived while the call waited, and the call gave up.
  ///
  /// asyncio: InterruptedError
  public var interrupted: Bool { errno == EINTR }

  /// The symbol that the manual pages use, for instance `EAGAIN`.
  public var name: String {
    errorName(errno) ?? "errno \(errno)"
  }

  /// For instance `bind 127.0.0.1:80: EACCES (Permission denied)`.
  public var description: String {
    let subject = about.map { "\(call) \($0)" } ?? call
    return "\(subject): \(name) (\(String(cString: strerror(errno))))"
  }
}

/// Something was used in a way it cannot be used now: a closed loop, a loop that
/// runs already, a second waiter where there is room for one.
///
/// asyncio: RuntimeError
public struct RuntimeError: Error, Equatable, CustomStringConvertible {
  /// What was wrong and what to do about it.
  public let description: String
  /// - Parameter description: what was wrong and what to do about it.
  public init(_ description: String) { self.description = description }
}

/// An argument that cannot be right, whatever the state of the program.
///
/// asyncio: ValueError
public struct ValueError: Error, Equatable, CustomStringConvertible {
  /// What was wrong and what would be right.
  public let description: String
  /// - Parameter description: what was wrong and what would be right.
  public init(_ description: String) { self.description = description }
}
