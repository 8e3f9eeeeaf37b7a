import CLibrary

/// Writes to standard error, whoever else does.
package func writeError(_ message: String) {
  _ = writeAll("event loop: " + message, to: STDERR_FILENO)
}

/// Writes all of a text. A terminal or a pipe may have been made non-blocking by another
/// program that has it too, and then a full one says EAGAIN: that is waited for. (Whoever
/// writes for people, wants them to read it. A loop has better things to do.)
///
/// - Returns: 0, or the error number with which the rest was refused.
package func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
  var text = text
  return text.withUTF8 { bytes in
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = write(descriptor, bytes.baseAddress! + rest.startIndex, rest.count)
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&entry, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}
