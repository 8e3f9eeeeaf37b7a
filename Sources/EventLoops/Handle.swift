public import Sockets

/// A callback that waits for its turn, and can still be called off.
///
/// Everything that the loop ever runs is one of these. The loop keeps them in
/// places: in its ready queue, in its schedule, in the selector's list. To call
/// one off it is enough to mark it, wherever it is; whoever gets to it throws it
/// away. Searching the places would be slow, and it could be in two of them.
///
/// asyncio: events.Handle
public class Handle {
  /// What the callback is called, for people.
  public let name: Name
  /// The line that made this handle.
  public let site: CallSite
  package let loop: EventLoop
  private var callback: (() throws -> Void)?
  /// Whose callback this is, if it watches a descriptor: an operation's future, a
  /// transport, a server; `nil` is the program itself.
  package private(set) var owner: (any DescriptorOwner)?
  /// The socket that an operation waits on.
  var socket: Socket?
  private var isMarked = false
  /// It lets Swift code go on that waits for nothing else. Whoever throws it away
  /// leaves that code, and what it holds, in the world for ever.
  let isStep: Bool

  package init(
    _ label: String, _ loop: EventLoop, _ site: CallSite,
    for owner: (any DescriptorOwner)? = nil, on socket: Socket? = nil,
    isStep: Bool = false, _ callback: @escaping () throws -> Void
  ) {
    self.owner = owner
    self.socket = socket
    self.isStep = isStep
    self.name = Name(loop.nextHandleNumber(), label)
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
    _ when: Double, _ label: String, _ loop: EventLoop, _ site: CallSite,
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
