// `select`, the oldest of the ways to wait for many (chapter 3). A terminal is what it is
// still good for: a Mac's `poll` does not know terminals. It holds numbers below 1024,
// and what belongs to a terminal is opened first.

import CLibrary

extension fd_set {
  /// A set of these.
  init(_ fds: [Int32]) {
    self.init()
    for fd in fds { insert(fd) }
  }

  // A bit for each descriptor, the lowest first. (C has macros for it, which Swift does
  // not see.)
  mutating func insert(_ fd: Int32) {
    precondition(0..<1024 ~= fd, "select knows no descriptor \(fd)")
    withUnsafeMutableBytes(of: &self) { $0[Int(fd / 8)] |= 1 << UInt8(fd % 8) }
  }
  func contains(_ fd: Int32) -> Bool {
    withUnsafeBytes(of: self) { $0[Int(fd / 8)] & 1 << UInt8(fd % 8) != 0 }
  }
}

/// Waits until one of these can be read or written; leaves those in the sets that can.
///
/// It asks for no memory and takes no lock: a signal's handler may call it.
///
/// - Parameter milliseconds: how long at the most; -1 is without limit.
/// - Returns: how many there are: 0 if the time is up, -1 if a signal came.
func select(
  toRead: inout fd_set, toWrite: inout fd_set, within milliseconds: Int32
) -> Int32 {
  if milliseconds < 0 { return CLibrary.select(1024, &toRead, &toWrite, nil, nil) }
  var limit = timeval()
  limit.tv_sec = .init(milliseconds / 1000)
  limit.tv_usec = .init(milliseconds % 1000 * 1000)
  return CLibrary.select(1024, &toRead, &toWrite, nil, &limit)
}
