import Selectors
import Sockets
import TestSupport

/// The selectors: most of what one of them promises, the others do too.
enum SelectorKind: CaseIterable, Codable {
  case poll
  case kqueue
  #if os(Linux)
    case epoll
    case lazy
  #endif

  /// The real kernel that such a selector asks; on Linux a queue is made of other things.
  private var kernel: any Kernel {
    #if os(Linux)
      self == .kqueue ? PortableKernel() : LinuxKernel()
    #else
      SystemKernel()
    #endif
  }

  /// The same, and somebody who writes down what it is asked.
  func watchedKernel() -> WatchedKernel { WatchedKernel(to: kernel) }

  func make(kernel: (any Kernel)? = nil) throws -> any Selector {
    let kernel = kernel ?? self.kernel
    return switch self {
    case .poll: PollSelector(kernel: kernel)
    case .kqueue: try KqueueSelector(kernel: kernel.asKqueue!)
    #if os(Linux)
      case .epoll: try EpollSelector(kernel: kernel.asEpoll!)
      case .lazy: try LazySelector(kernel: kernel.asEpoll!)
    #endif
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
    return Dictionary(pairs.map { ($0.key.fd, $0.events) }) { $0.union($1) }
  }
}
