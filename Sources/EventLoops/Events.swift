public import Selectors
public import Sockets

/// Something that the loop did, as a value.
///
/// The loop tells its observer about each of these the moment after it happened.
/// From them alone one can rebuild the state of the whole machine, and that is
/// what the step-through does: it never looks into the loop.
///
/// System calls are not among them. They are seen at the other boundary, the
/// `Kernel`, by whoever stands there.
public enum LoopEvent: Sendable, Equatable {
  // One turn of the loop.
  /// A new turn begins by asking the selector; `nil` seconds wait without limit.
  case selectEntered(timeout: Double?)
  /// The selector answered.
  case selectReturned([ReadyDescriptor])

  // Callbacks.
  /// A handle went to the end of the ready queue.
  case handleQueued(Name)
  /// A handle left the ready queue and its callback begins.
  case handleRun(Name)
  /// The callback returned; with what it threw, if it did.
  case handleFinished(Name, error: String?)
  /// A handle left the ready queue and was thrown away: it is cancelled.
  case handleSkipped(Name)
  /// A handle was marked; wherever it is, it will not run any more.
  case handleCancelled(Name)

  /// The loop was asked to stop after this turn.
  case stopRequested

  // Timers.
  /// A timer was put in its place; `when` is on the loop's clock, `delay` from now.
  case timerScheduled(Name, when: Double, delay: Double)
  /// A timer's time has come: it leaves the schedule for the ready queue.
  case timerDue(Name)
  /// A cancelled timer was swept out of the schedule.
  case timerDropped(Name)

  // The selector's list.
  /// A descriptor came on the list.
  case registered(Registration)
  /// A descriptor on the list got other events, or other handles.
  case modified(Registration)
  /// A descriptor left the list.
  case unregistered(fd: Int32)

  // Futures. A task is one too.
  /// A future was made.
  case futureCreated(Name)
  /// A callback was attached, to be queued when the future settles.
  case callbackAdded(future: Name, callback: Name)
  /// A callback was taken off, as often as it was there.
  case callbackRemoved(future: Name, callback: Name)
  /// The future is done, with this outcome; its callbacks are queued next.
  case futureSettled(Name, Outcome)

  // Tasks.
  /// A task was made; its first step is queued next.
  case taskCreated(Name)
  /// The task's code runs, from its beginning or from its last `await`.
  case taskStepBegun(Name)
  /// The task's code waits: for a future, or (`nil`) only for its next turn.
  case taskSuspended(Name, on: Name?)
  /// The task's code waits for something that is not the loop's, a `Task.sleep`
  /// or an actor; Swift will bring it back.
  case taskLeft(Name)
  /// Somebody asked the task to stop.
  case taskCancelRequested(Name)
  /// The task's code has ended. The settling of the task as a future follows.
  case taskFinished(Name)

  // Transports: they live two floors up, but the story is one.
  /// Something about a transport is different now; all that there is to say of it.
  case transportChanged(TransportState)
  /// A transport is about to call its protocol: `dataReceived 5 bytes`.
  case protocolCalled(Name, String)

  // Streams, another floor up.
  /// Something about a stream reader is different now; all that there is to say of it.
  case readerChanged(ReaderState)

  /// How a future ended.
  public enum Outcome: Sendable, Equatable {
    /// With a value.
    case result
    /// With an error; here is what it says.
    case exception(String)
    /// Nobody wants it any more.
    case cancelled
  }
}

/// Which handle, future or task is meant: a number that no other one of its kind
/// in this loop has, and a name for people.
public struct Name: Sendable, Hashable {
  /// Counts the loop's handles, or its futures (tasks included), from 1.
  public let id: Int
  /// `sockAccept`, `Future-1`, `Task-1`.
  public let label: String
  /// - Parameters:
  ///   - id: the number.
  ///   - label: the name for people.
  public init(_ id: Int, _ label: String) {
    self.id = id
    self.label = label
  }
}

/// A descriptor on the selector's list, and who is called when it is ready.
public struct Registration: Sendable, Equatable {
  /// The descriptor.
  public let fd: Int32
  /// What is waited for.
  public let events: Events
  /// The handle to queue when the descriptor is readable.
  public let reader: Name?
  /// The handle to queue when the descriptor is writable.
  public let writer: Name?
  /// - Parameters:
  ///   - fd: the descriptor.
  ///   - events: what is waited for.
  public init(fd: Int32, events: Events, reader: Name?, writer: Name?) {
    self.fd = fd
    self.events = events
    self.reader = reader
    self.writer = writer
  }
}

/// A descriptor that could do something now.
public struct ReadyDescriptor: Sendable, Equatable {
  /// The descriptor.
  public let fd: Int32
  /// What it could do.
  public let events: Events
  /// - Parameters:
  ///   - fd: the descriptor.
  ///   - events: what it could do.
  public init(fd: Int32, events: Events) {
    self.fd = fd
    self.events = events
  }
  init(key: SelectorKey, events: Events) { self.init(fd: key.fd, events: events) }
}

/// A transport as its observer sees it.
public struct TransportState: Sendable, Equatable {
  /// Which transport.
  public let name: Name
  /// Its descriptor; that of the past, once the connection is lost.
  public var fd: Int32
  /// Bytes that were written and that the kernel has not taken yet.
  public var bufferSize = 0
  /// The low water mark, in bytes: at or below it the protocol may write again.
  public var low = 0
  /// The high water mark, in bytes: above it the protocol is asked to pause.
  public var high = 0
  /// The protocol was asked to pause, and not yet to resume.
  public var isWritingPaused = false
  /// Incoming bytes are delivered.
  public var isReading = false
  /// Nobody will be able to read any more; what is in the buffer may still leave.
  public var isClosing = false
  /// The protocol has heard the last word, and the descriptor is given back.
  public var isLost = false

  /// - Parameters:
  ///   - name: which transport.
  ///   - fd: its descriptor.
  public init(name: Name, fd: Int32) {
    self.name = name
    self.fd = fd
  }
}

/// A stream reader as its observer sees it.
public struct ReaderState: Sendable, Equatable {
  /// Which reader.
  public let name: Name
  /// The longest line, in bytes; at twice as much the transport is told to pause.
  public let limit: Int
  /// Bytes that have come and that nobody has read yet.
  public var bufferSize = 0
  /// Nothing will come any more.
  public var isAtEnd = false
  /// The bad news that every read throws from now on.
  public var failure: String?
  /// The transport was told to pause, because too much has come.
  public var hasPaused = false
  /// The future of the one who waits for something to come.
  public var waiter: Name?

  /// - Parameters:
  ///   - name: which reader.
  ///   - limit: the longest line, in bytes.
  public init(name: Name, limit: Int) {
    self.name = name
    self.limit = limit
  }
}

/// Hears of everything that the loop does. A loop has at most one, for life.
public protocol LoopObserver: AnyObject {
  /// - Parameters:
  ///   - event: what happened just now.
  ///   - subject: the `Handle` or future it happened to, if it was one.
  ///   - site: the line that caused it.
  func observe(_ event: LoopEvent, _ subject: AnyObject?, at site: CallSite)

  /// Hears what the loop has to say and can say to nobody else; without this function,
  /// standard error does.
  ///
  /// - Parameter warning: a sentence, and its end of line.
  func hear(_ warning: String)
}

extension LoopObserver {
  /// Writes it to standard error.
  public func hear(_ warning: String) { writeError(warning) }
}
