import CLibrary
import Testing

private func isSocket(_ fd: Int32) -> Bool {
  var status = stat()
  return fstat(fd, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
}

/// After `body` there are as many sockets as before. (Other descriptors come and go by
/// themselves: the testing library has files, and Dispatch has an epoll list.)
package func countingDescriptors(_ body: () throws -> Void) throws {
  func open() -> Int { (0..<Int32(4_000)).count(where: isSocket) }
  let before = open()
  try body()
  #expect(open() == before)
}

/// Allows this process so many descriptors; returns how many it was allowed before.
@discardableResult
package func setDescriptorLimit(_ count: Int) -> Int {
  var limit = rlimit()
  getrlimit(descriptorResource, &limit)
  let before = Int(limit.rlim_cur)
  limit.rlim_cur = rlim_t(count)
  setrlimit(descriptorResource, &limit)
  return before
}

/// As many descriptors as the system allows, up to this number.
package func raiseLimit(to descriptors: Int) {
  var limit = rlimit()
  let kind = descriptorResource
  getrlimit(kind, &limit)
  limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, rlim_t(descriptors)))
  setrlimit(kind, &limit)
}
