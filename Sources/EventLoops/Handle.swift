public import Sockets

// [handle.label]
/// How a handle or a future is called, in parts: every handle has a name, and hardly any
/// is ever read. Only who reads it puts it together.
package struct Label: ExpressibleByStringLiteral {
  private let text: String
  private var number: Int?
  private var isWakeUp = false

  package init(_ text: String, _ number: Int? = nil) {
    self.text = text
    self.number = number
  }
  package init(stringLiteral text: String) { self.init(text) }

  /// What the wake-up of a task with this label is called.
  var wakeUp: Label {
    var label = self
    label.isWakeUp = true
    return label
  }

  var written: String {
    (isWakeUp ? "wake-up of " : "") + text + (number.map { "\($0)" } ?? "")
  }
}

/// A callback that waits for its turn, and can still be called off.
///
/// Everything that the loop ever runs is one of these. The loop keeps them in
/// places: in its ready queue, in its schedule, in the selector's list. To call
/// one off it is enough to mark it, wherever it is; whoever gets to it throws it
/// away. Searching the places would be slow, and it could be in two of them.
///
/// asyncio: events.Handle
public class Handle {
  /// Counts the loop's handles, from 1.
  package let id: Int
  private let label: Label
  /// The line that made this handle.
  public let site: CallSite
  package let loop: EventLoop
  // [handle.unchecked]
  // `unchecked`: at each access to a property Swift looks whether another one is still
  // going on, and that is a fifth of what a round trip costs. Where this word stands in
  // the floors there cannot be one. An access is a load, a store, or a change of a list
  // that lets nobody go whom nobody else holds; so it runs no code but its own. (What a
  // store replaces is released when the new value is in its place.)
  @exclusivity(unchecked) private var callback: (() throws -> Void)?
  /// Whose callback this is, if it watches a descriptor: an operation's future, a
  /// transport, a server; `nil` is the program itself.
  @exclusivity(unchecked) package private(set) var owner: (any DescriptorOwner)?
  /// The socket that an operation waits on.
  @exclusivity(unchecked) var socket: Socket?
  @exclusivity(unchecked) private var isMarked = false
  /// How often it stands on a future's list, and where it does first.
  @exclusivity(unchecked) var times = 0
  @exclusivity(unchecked) var place = 0
  /// It lets Swift code go on that waits for nothing else. Whoever throws it away
  /// leaves that code, and what it holds, in the world for ever.
  let isStep: Bool

  /// What the callback is called, for people.
  public final var name: Name { Name(id, label.written) }

  package init(
    _ label: Label, _ loop: EventLoop, _ site: CallSite,
    for owner: (any DescriptorOwner)? = nil, on socket: Socket? = nil,
    isStep: Bool = false, _ callback: @escaping () throws -> Void
  ) {
    self.owner = owner
    self.socket = socket
    self.isStep = isStep
    self.label = label
    id = loop.nextHandleNumber()
    self.site = site
    self.loop = loop
    self.callback = callback
  }

  // [handle.cancel]
  /// Calls the callback off. Doing it again changes nothing.
  ///
  /// The callback goes at once, not when its turn comes: it may hold on to a
  /// socket that somebody wants to see closed.
  ///
  /// asyncio: events.Handle.cancel
  public func cancel(file: StaticString = #fileID, line: UInt = #line) {
    if isMarked { return }
    isMarked = true
    callback = nil
    owner = nil
    socket = nil
    loop.tell(.handleCancelled(name), self, CallSite(file, line))
  }

  /// Whether the callback was called off.
  ///
  /// asyncio: events.Handle.cancelled
  public final func cancelled() -> Bool { isMarked }

  /// What a turn of this handle does.
  package func call() throws { try callback?() }

  // [handle.run]
  /// Calls the callback. What it throws ends here: one broken callback must not
  /// take the loop, and everybody else in it, down.
  ///
  /// asyncio: events.Handle._run
  final func run() {
    do {
      try call()
      loop.tell(.handleFinished(name, error: nil), self, site)
    } catch {
      loop.tell(.handleFinished(name, error: "\(error)"), self, site)
      loop.callExceptionHandler(
        ExceptionContext("Exception in callback \(name.label)", error, handle: self))
    }
  }
}

/// A callback with a time at which its turn comes.
///
/// asyncio: events.TimerHandle
public final class TimerHandle: Handle {
  private let time: Double
  /// Still in the loop's schedule, as opposed to run or swept out.
  var isScheduled = true

  init(
    _ when: Double, _ label: Label, _ loop: EventLoop, _ site: CallSite,
    _ callback: @escaping () throws -> Void
  ) {
    time = when
    super.init(label, loop, site, callback)
  }

  /// When the callback is due, in seconds on the clock of `EventLoop.time()`.
  ///
  /// asyncio: events.TimerHandle.when
  public func when() -> Double { time }

  /// Calls the callback off, and lets the loop count the dead timers in its
  /// schedule: they stay there until it pays to sweep (L8).
  ///
  /// asyncio: events.TimerHandle.cancel
  public override func cancel(file: StaticString = #fileID, line: UInt = #line) {
    if !cancelled() && isScheduled { loop.timerHandleCancelled() }
    super.cancel(file: file, line: line)
  }
}

/// What an exception handler is told.
///
/// asyncio: the `context` of BaseEventLoop.call_exception_handler
public struct ExceptionContext {
  /// What went wrong, in a sentence.
  public let message: String
  /// The error, if there was one.
  public let exception: (any Error)?
  /// The handle whose callback threw it.
  public let handle: Handle?
  /// The task that would not end.
  public let future: AnyFuture?
  /// The transport on which it happened.
  public let transport: AnyObject?
  /// The protocol whose method threw it, or that the transport belongs to.
  public let `protocol`: AnyObject?
  /// The socket on which it happened, if there is no transport.
  public let socket: Socket?

  /// - Parameters:
  ///   - message: what went wrong, in a sentence.
  ///   - exception: the error.
  public init(
    _ message: String, _ exception: (any Error)? = nil,
    handle: Handle? = nil, future: AnyFuture? = nil, transport: AnyObject? = nil,
    protocol: AnyObject? = nil, socket: Socket? = nil
  ) {
    self.message = message
    self.exception = exception
    self.handle = handle
    self.future = future
    self.transport = transport
    self.protocol = `protocol`
    self.socket = socket
  }
}
