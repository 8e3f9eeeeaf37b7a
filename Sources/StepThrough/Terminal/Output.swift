// The way out for text, whether or not there is a terminal at its end.

import CLibrary
import EventLoops

/// Writes text to a descriptor, all of it.
///
/// - Returns: `false` if nobody reads it any more. When the output goes into
///   `head`, that is no error but the moment to stop.
@discardableResult
package func write(
  _ text: String, to descriptor: Int32 = STDOUT_FILENO
) -> Bool {
  let error = writeAll(text, to: descriptor)
  if error != 0 && error != EPIPE && descriptor == STDOUT_FILENO {
    complain("the output cannot be written: \(String(cString: strerror(error)))")
    exit(1)
  }
  return error == 0
}

/// A line for a person, on standard error.
package func complain(_ text: String) {
  write("walkthrough: \(text)\n", to: STDERR_FILENO)
}
