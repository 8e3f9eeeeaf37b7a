// The way out for text, whether or not there is a terminal at its end.

import Glibc

/// Writes text to a descriptor, all of it.
///
/// - Returns: `false` if nobody reads it any more. When the output goes into
///   `head`, that is no error but the moment to stop.
@discardableResult
package func write(
  _ text: String, to descriptor: Int32 = STDOUT_FILENO
) -> Bool {
  var text = text
  return text.withUTF8 { bytes in
    var done = 0
    while done < bytes.count {
      let written = Glibc.write(
        descriptor, bytes.baseAddress! + done, bytes.count - done)
      if written < 0 && errno != EINTR {
        if descriptor == STDOUT_FILENO && errno != EPIPE {
          complain("the output cannot be written: \(String(cString: strerror(errno)))")
          exit(1)
        }
        return false
      }
      done += max(0, written)
    }
    return true
  }
}

/// A line for a person, on standard error.
package func complain(_ text: String) {
  write("walkthrough: \(text)\n", to: STDERR_FILENO)
}
