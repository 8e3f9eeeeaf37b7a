public import Sockets

// [selector.events]
/// What one can wait for on a descriptor.
///
/// Both are *level-triggered*: a descriptor is readable for as long as a read
/// would not have to wait, and every `select` says so again. Whoever does not read
/// is told once more in the next turn, and in the next, and in the next.
///
/// asyncio: selectors.EVENT_READ, selectors.EVENT_WRITE
public struct Events: OptionSet, Sendable, Hashable {
  /// The bits.
  public let rawValue: Int32
  /// - Parameter rawValue: the bits; a selector refuses those it does not know.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// A read, or an accept, would not wait.
  public static let read = Events(rawValue: 1)
  /// A write would not wait, or a connection attempt has ended. The converse is not
  /// true: before it says so Linux wants a good part of the send buffer to be free.
  public static let write = Events(rawValue: 2)
}

/// What a selector knows about one descriptor.
///
/// asyncio: selectors.SelectorKey
public struct SelectorKey {
  /// The descriptor.
  public let fd: Int32
  /// What somebody waits for.
  public let events: Events
  /// Whatever the registering side wants to find again; the loop keeps its two
  /// handles here, the reader's and the writer's.
  public let data: AnyObject?

  /// - Parameter data: whatever the registering side wants to find again.
  public init(fd: Int32, events: Events, data: AnyObject?) {
    self.fd = fd
    self.events = events
    self.data = data
  }
}

/// A question to the kernel about many descriptors at once: which of you could
/// do something now, without waiting?
///
/// A selector never reads, never writes and never calls anybody back. It holds a
/// list and answers the question.
///
/// asyncio: selectors.BaseSelector
public protocol Selector: AnyObject {
  /// Puts a descriptor on the list.
  ///
  /// - Returns: the key under which it is known from now on.
  /// - Throws: `SelectorError` for a bad argument, a descriptor that is on the list
  ///   already, or a closed selector; what the kernel has against it, a `SystemError`.
  ///
  /// asyncio: selectors.BaseSelector.register
  @discardableResult
  func register(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey
  /// Changes what is waited for, or the data, or both.
  ///
  /// - Throws: `SelectorError.notRegistered`, or a `SystemError`.
  ///
  /// asyncio: selectors.BaseSelector.modify
  @discardableResult
  func modify(
    _ fd: Int32, _ events: Events, data: AnyObject?, _ site: CallSite
  ) throws -> SelectorKey
  /// Takes a descriptor off the list, also one that was closed meanwhile.
  ///
  /// - Throws: `SelectorError.notRegistered`.
  ///
  /// asyncio: selectors.BaseSelector.unregister
  @discardableResult
  func unregister(_ fd: Int32, _ site: CallSite) throws -> SelectorKey
  /// Looks a descriptor up; `nil` if it is not on the list.
  ///
  /// asyncio: selectors._SelectorMapping.get
  func getKey(_ fd: Int32) -> SelectorKey?
  /// Looks a descriptor up that has to be there.
  ///
  /// - Throws: `SelectorError.notRegistered`; `.closed` if the selector is closed.
  ///
  /// asyncio: selectors.BaseSelector.get_key
  func key(of fd: Int32) throws(SelectorError) -> SelectorKey
  /// Everything on the list, by descriptor: a copy, which is what it was when it was
  /// taken. (asyncio's is a view that changes with the list.)
  ///
  /// asyncio: selectors.BaseSelector.get_map
  var keys: [Int32: SelectorKey] { get }
  /// Waits until something is ready, and tells what.
  ///
  /// - Parameter timeout: seconds; 0 or less only looks; `nil`, or an infinite one, waits
  ///   without limit.
  /// - Returns: the ready ones, each with those of its events that are true; none if the
  ///   time is up, or, seldom, if the kernel had a report for nobody.
  /// - Throws: `SystemError`, but never EINTR; EINVAL if the timeout is not a number.
  ///
  /// asyncio: selectors.BaseSelector.select
  func select(
    timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [(key: SelectorKey, events: Events)]
  /// Gives back what the selector holds; the list is empty afterwards.
  ///
  /// asyncio: selectors.BaseSelector.close
  func close(_ site: CallSite)
}

extension Selector {
  /// What will do for a selector that does not know whether it is closed.
  public func key(of fd: Int32) throws(SelectorError) -> SelectorKey {
    guard let key = getKey(fd) else { throw .notRegistered(fd) }
    return key
  }
}

/// A wrong argument for a selector. Python says ValueError for the first two, KeyError
/// for the next two and RuntimeError for the last.
public enum SelectorError: Error, Equatable, CustomStringConvertible {
  /// No event at all, or one that does not exist.
  case invalidEvents(Events)
  /// A negative descriptor: a closed socket, usually.
  case invalidDescriptor(Int32)
  /// The descriptor is on the list already: use `modify`.
  case alreadyRegistered(Int32)
  /// The descriptor is not on the list.
  case notRegistered(Int32)
  /// The selector is closed.
  case closed

  /// What was wrong and what to do about it.
  public var description: String {
    switch self {
    case .invalidEvents(let events):
      "events \(events.rawValue): wait for .read, .write, or both"
    case .invalidDescriptor(let fd):
      "descriptor \(fd) cannot be watched: is the socket closed?"
    case .alreadyRegistered(let fd):
      "descriptor \(fd) is registered already: use modify"
    case .notRegistered(let fd):
      "descriptor \(fd) is not registered"
    case .closed:
      "the selector is closed: make a new one"
    }
  }
}
