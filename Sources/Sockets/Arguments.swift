// What no call can mean, said once for all of them. Every public function that takes
// a text for C, a size, or a time asks here, before it does anything.

// [arguments.text]
/// A zero byte ends a string in C. What stands behind it would be lost without a word,
/// and `localhost\0.example.org` would be `localhost`.
package func checkText(_ text: String, _ what: String) throws(ValueError) {
  if text.utf8.contains(0) {
    throw ValueError("\(what) has no zero byte in it: \(text.debugDescription)")
  }
}

/// A number of bytes is zero or more. There is no largest one: what is asked for is a
/// limit, and nobody makes room for it before something has come.
package func checkSize(_ count: Int, _ what: String) throws(ValueError) {
  if count < 0 { throw ValueError("\(what) is zero or more bytes, not \(count)") }
}

/// A time is any number of seconds. A negative one is over, an infinite one never
/// comes. But what is not a number is neither earlier nor later than anything, and
/// would put everybody's timers out of order.
package func checkTime(_ seconds: Double, _ what: String) throws(ValueError) {
  if seconds.isNaN {
    throw ValueError("\(what) is a number of seconds, not \(seconds)")
  }
}
