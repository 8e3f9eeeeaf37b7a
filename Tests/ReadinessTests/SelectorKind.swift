import Selectors
import Sockets

/// The selectors: most of what one of them promises, the others do too.
enum SelectorKind: CaseIterable, Codable {
  case epoll
  case lazy
  case poll

  func make(kernel: any Kernel = LinuxKernel()) throws -> any Selector {
    switch self {
    case .epoll: try EpollSelector(kernel: kernel)
    case .lazy: try LazySelector(kernel: kernel)
    case .poll: PollSelector(kernel: kernel)
    }
  }
}

/// A thing to find again.
final class Note {}

/// Shorter to write, for those who know which line they are on.
extension Selector {
  @discardableResult
  func register(
    _ socket: Socket, _ events: Events, data: AnyObject? = nil
  ) throws -> SelectorKey {
    try register(socket.descriptor, events, data: data, CallSite())
  }

  @discardableResult
  func modify(
    _ socket: Socket, _ events: Events, data: AnyObject? = nil
  ) throws -> SelectorKey {
    try modify(socket.descriptor, events, data: data, CallSite())
  }

  /// What is ready, as descriptors and what they are ready for.
  func ready(_ timeout: Double? = 0) throws -> [Int32: Events] {
    let pairs = try select(timeout: timeout, CallSite())
    return Dictionary(uniqueKeysWithValues: pairs.map { ($0.key.fd, $0.events) })
  }
}
