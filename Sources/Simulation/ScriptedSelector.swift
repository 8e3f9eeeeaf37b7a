import CLibrary
public import Selectors
public import Sockets

/// A selector that follows a script: what each question is answered.
///
/// The list of registrations is real, and a report about a descriptor that is not
/// on it, or about an event that nobody waits for, is dropped as the kernel would.
/// When the script is over, a question with a timeout lets the time pass, and one
/// without is a failure: the program would sleep for ever.
public final class ScriptedSelector: Selector {
  private let kernel: ScriptedKernel
  private var script: [[Int32: Events]]
  public private(set) var keys: [Int32: SelectorKey] = [:]
  /// The timeout of every question so far.
  public private(set) var timeouts: [Double?] = []

  /// Called, instead of the failure, when the program would sleep without limit; it
  /// should stop the loop.
  public var whenOver: (() -> Void)?
  /// What changes of the list are refused with, if they are. As with epoll, a change of
  /// what is registered costs the registration.
  public var refusal: SystemError?

  /// - Parameters:
  ///   - kernel: whose clock moves when time passes.
  ///   - script: the answers, one a question.
  public init(_ kernel: ScriptedKernel, _ script: [[Int32: Events]] = []) {
    self.kernel = kernel
    self.script = script
  }

  /// Adds answers at the end of the script.
  public func report(_ turns: [Int32: Events]...) { script += turns }

  public func getKey(_ fd: Int32) -> SelectorKey? { keys[fd] }

  @discardableResult
  public func register(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    if keys[fd] != nil { throw SelectorError.alreadyRegistered(fd) }
    if let refusal { throw refusal }
    keys[fd] = SelectorKey(fd: fd, events: events, data: data)
    return keys[fd]!
  }

  @discardableResult
  public func modify(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey {
    try unregister(fd, site)
    return try register(fd, events, data: data, site)
  }

  @discardableResult
  public func unregister(_ fd: Int32, _ site: CallSite) throws -> SelectorKey {
    guard let key = keys.removeValue(forKey: fd) else {
      throw SelectorError.notRegistered(fd)
    }
    return key
  }

  public func select(
    timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [(key: SelectorKey, events: Events)] {
    timeouts.append(timeout)
    if script.isEmpty {
      guard let timeout else {
        if let whenOver {
          whenOver()
          return []
        }
        kernel.fail("the script is over, and the program sleeps without limit")
        throw SystemError(EBADF, in: "select")
      }
      kernel.time += max(0, timeout)
      return []
    }
    // By descriptor, so that a replay is the same every time.
    return script.removeFirst().sorted { $0.key < $1.key }.compactMap { fd, events in
      guard let key = keys[fd], !key.events.isDisjoint(with: events) else { return nil }
      return (key, key.events.intersection(events))
    }
  }

  public func close(_ site: CallSite) { keys = [:] }
}
