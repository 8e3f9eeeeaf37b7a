package import Sockets

// [selector.default]
/// The best selector that a kernel has a list for.
///
/// Python asks the system once, and by name: kqueue, epoll, devpoll, poll, select, in this
/// order. Here the kernel is asked, for it may be a script, or one that has no list.
///
/// - Parameter kernel: who makes the system calls.
/// - Throws: `SystemError`, EMFILE if the process has no descriptor left.
///
/// asyncio: selectors.DefaultSelector
package func defaultSelector(
  for kernel: any Kernel, file: StaticString = #fileID, line: UInt = #line
) throws(SystemError) -> any Selector {
  if let epoll = kernel.asEpoll {
    return try EpollSelector(kernel: epoll, file: file, line: line)
  }
  if let kqueue = kernel.asKqueue {
    return try KqueueSelector(kernel: kqueue, file: file, line: line)
  }
  return PollSelector(kernel: kernel)
}
