public import Sockets

/// A future was asked for what it does not have yet, or told what it knows already.
///
/// asyncio: exceptions.InvalidStateError
public struct InvalidStateError: Error, Equatable, CustomStringConvertible {
  /// What was wrong.
  public let description: String
  init(_ description: String) { self.description = description }
}

/// What a future is, whatever the type of its value: pending or done, and a list
/// of those who want to know.
///
/// A future is not a thread, not a task and not a promise that anybody works on
/// anything. It is a box and a list.
///
/// asyncio: futures.Future
public class AnyFuture {
  /// The loop whose ready queue the callbacks go to.
  public let loop: EventLoop
  /// What the future is called, for people.
  public let name: Name
  /// The line that made it.
  public let site: CallSite
  private var callbacks: [Handle] = []
  private var outcome: LoopEvent.Outcome?
  /// There is an error in here that nobody has looked at.
  fileprivate var isErrorUnseen = false

  init(_ label: String?, _ loop: EventLoop, _ site: CallSite) {
    self.loop = loop
    self.site = site
    name = loop.nextFutureName(label)
  }

  // [future.bury]
  /// A future that is dropped while it is pending drops its callbacks, one of them may
  /// be the last to hold another pending future, and so on. A long row of these would
  /// be let go from inside one another, a few frames of the stack for each. So the loop
  /// lets go of them, one after the other.
  deinit {
    if callbacks.isEmpty { return }
    loop.buried += callbacks
    callbacks = []  // or this list would be the last to hold them
    loop.bury()
  }

  /// Whether there is a result, an error or a cancellation in the box.
  ///
  /// asyncio: futures.Future.done
  public final func done() -> Bool { outcome != nil }

  /// Whether the future was cancelled.
  ///
  /// asyncio: futures.Future.cancelled
  public final func cancelled() -> Bool { outcome == .cancelled }

  /// The loop that the future belongs to.
  ///
  /// asyncio: futures.Future.get_loop
  public final func getLoop() -> EventLoop { loop }

  // [future.cancel]
  /// Settles the future as "nobody wants it any more".
  ///
  /// - Returns: false if it was done already; then nothing changes.
  ///
  /// asyncio: futures.Future.cancel
  @discardableResult
  public func cancel(file: StaticString = #fileID, line: UInt = #line) -> Bool {
    // Who cancels has said that the outcome does not matter, be it an error.
    markSeen()
    if done() { return false }
    settle(.cancelled, CallSite(file, line))
    return true
  }

  /// The operation that this future stands for has lost its descriptor's registration.
  package func lost(_ error: any Error) {}

  // [future.schedule-callbacks]
  /// The moment in which a future becomes done.
  ///
  /// No callback runs here. They are put into the ready queue, in the order in
  /// which they were attached, and have their turn later. Whoever settles a future
  /// can rely on it: nobody else's code runs before their own line is through.
  ///
  /// asyncio: futures.Future.__schedule_callbacks
  final func settle(_ outcome: LoopEvent.Outcome, _ site: CallSite) {
    self.outcome = outcome
    if case .exception = outcome { isErrorUnseen = true }
    let waiting = callbacks
    callbacks = []
    loop.tell(.futureSettled(name, outcome), self, site)
    for handle in waiting {
      (handle as? DoneCallback)?.future = self
      loop.enqueue(handle, site)
    }
  }

  // [future.add-done-callback]
  /// Puts a handle on the list, or, if the future is done, into the ready queue.
  final func attach(_ handle: Handle, _ site: CallSite) {
    if done() {
      (handle as? DoneCallback)?.future = self
      loop.enqueue(handle, site)
    } else {
      callbacks.append(handle)
      loop.tell(.callbackAdded(future: name, callback: handle.name), self, site)
    }
  }

  /// Takes a callback off the list, as often as it is there.
  ///
  /// - Parameter callback: what `addDoneCallback` returned.
  /// - Returns: how often it was there.
  ///
  /// asyncio: futures.Future.remove_done_callback
  @discardableResult
  public final func removeDoneCallback(
    _ callback: DoneCallback, file: StaticString = #fileID, line: UInt = #line
  ) -> Int {
    detach(callback, CallSite(file, line))
  }

  @discardableResult
  final func detach(_ handle: Handle, _ site: CallSite) -> Int {
    let before = callbacks.count
    callbacks.removeAll { $0 === handle }
    if callbacks.count == before { return 0 }
    loop.tell(.callbackRemoved(future: name, callback: handle.name), self, site)
    return before - callbacks.count
  }

  /// The callbacks, in the order in which they will be queued.
  package final var doneCallbacks: [Name] { callbacks.map(\.name) }

  fileprivate final func checkPending() throws(InvalidStateError) {
    if done() { throw InvalidStateError("\(name.label) is done already") }
  }
  final func markSeen() { isErrorUnseen = false }
}

/// A callback on a future's list. It learns which future it was when that one
/// settles; until then it must not hold it, or the two would keep each other alive.
public final class DoneCallback: Handle {
  fileprivate var future: AnyFuture?
  /// The number of the future that it was made for, the only one it can serve.
  fileprivate let futureID: Int
  private var whenDone: ((AnyFuture) throws -> Void)?

  init(
    _ label: String, of owner: AnyFuture, _ site: CallSite,
    _ whenDone: @escaping (AnyFuture) throws -> Void
  ) {
    self.whenDone = whenDone
    futureID = owner.name.id
    super.init(label, owner.loop, site) {}
  }

  package override func call() throws {
    if let future { try whenDone?(future) }
  }

  public override func cancel(file: StaticString = #fileID, line: UInt = #line) {
    whenDone = nil
    super.cancel(file: file, line: line)
  }
}

/// A value that is not there yet.
///
/// asyncio: futures.Future
public class Future<Value>: AnyFuture {
  private var value: Result<Value, any Error>?

  // [future.unseen]
  /// An error that nobody ever asked for is reported when the future goes away:
  /// the last chance that anybody hears of it.
  ///
  /// asyncio: futures.Future.__del__
  deinit {
    if isErrorUnseen, case .failure(let error) = value {
      loop.callExceptionHandler(
        ExceptionContext("\(name.label) had an error that nobody asked for", error))
    }
  }

  /// Makes a pending future.
  ///
  /// - Parameter loop: the loop that it belongs to.
  ///
  /// asyncio: futures.Future.__init__
  public convenience init(
    _ loop: EventLoop, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(nil, loop, CallSite(file, line))
    loop.tell(.futureCreated(name), self, site)
  }

  override init(_ label: String?, _ loop: EventLoop, _ site: CallSite) {
    super.init(label, loop, site)
  }

  // [future.set-result]
  /// Puts the value into the box and queues the callbacks.
  ///
  /// - Throws: `InvalidStateError` if the future is done, cancelled included.
  ///
  /// asyncio: futures.Future.set_result
  public func setResult(
    _ value: Value, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    try checkPending()
    settle(with: .success(value), CallSite(file, line))
  }

  /// Puts an error into the box and queues the callbacks.
  ///
  /// - Throws: `InvalidStateError` if the future is done, cancelled included.
  ///
  /// asyncio: futures.Future.set_exception
  public func setException(
    _ error: any Error, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    try checkPending()
    settle(with: .failure(error), CallSite(file, line))
  }

  package final override func lost(_ error: any Error) {
    if !done() { settle(with: .failure(error), site) }
  }

  // [future.unless-cancelled]
  /// Puts the value into the box if anybody still wants it.
  ///
  /// To be used whenever "settle it" was queued as a callback: between that moment
  /// and now, anybody may have cancelled (F1: bpo-21886, in 2014).
  ///
  /// asyncio: futures._set_result_unless_cancelled
  public final func setResultUnlessCancelled(
    _ value: Value, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    if cancelled() { return }
    try setResult(value, file: file, line: line)
  }

  final func settle(with value: Result<Value, any Error>, _ site: CallSite) {
    self.value = value
    switch value {
    case .success: settle(.result, site)
    case .failure(let error): settle(.exception("\(error)"), site)
    }
  }

  /// What is in the box.
  ///
  /// - Returns: the value.
  /// - Throws: the error; `CancellationError` if the future was cancelled;
  ///   `InvalidStateError` if it is pending.
  ///
  /// asyncio: futures.Future.result
  public final func result() throws -> Value {
    if cancelled() { throw CancellationError() }
    guard let value else { throw InvalidStateError("\(name.label) has no result yet") }
    markSeen()
    return try value.get()
  }

  /// The error in the box.
  ///
  /// - Returns: the error, or `nil` if there is a value.
  /// - Throws: `CancellationError` if the future was cancelled;
  ///   `InvalidStateError` if it is pending.
  ///
  /// asyncio: futures.Future.exception
  public final func exception() throws -> (any Error)? {
    if cancelled() { throw CancellationError() }
    guard let value else { throw InvalidStateError("\(name.label) has no result yet") }
    markSeen()
    guard case .failure(let error) = value else { return nil }
    return error
  }

  /// Runs `callback` once the future is done, in a turn of its own. If it is done
  /// already, that is the next turn; never on the spot.
  ///
  /// - Returns: the callback, to take it off again or to attach it once more.
  ///
  /// asyncio: futures.Future.add_done_callback
  @discardableResult
  public final func addDoneCallback(
    _ name: String = "done callback", file: StaticString = #fileID, line: UInt = #line,
    _ callback: @escaping (Future<Value>) throws -> Void
  ) -> DoneCallback {
    let site = CallSite(file, line)
    let handle = DoneCallback(name, of: self, site) {
      try callback(unsafeDowncast($0, to: Future<Value>.self))
    }
    attach(handle, site)
    return handle
  }

  /// Attaches a callback of this future once more.
  public final func addDoneCallback(
    _ callback: DoneCallback, file: StaticString = #fileID, line: UInt = #line
  ) {
    guard callback.futureID == name.id && callback.loop === loop else {
      fatalError(
        "\(callback.name.label) was made for another future than \(name.label)")
    }
    attach(callback, CallSite(file, line))
  }

  // [future.await]
  /// What `await fut` is: if the box is empty, suspend until it is not; then look.
  ///
  /// A future that is done does not suspend anybody. There is no turn in between,
  /// and no other callback gets a chance (FUT-14).
  ///
  /// - Returns: the value.
  /// - Throws: the error; `CancellationError` if the future, or the waiting task,
  ///   was cancelled; `RuntimeError` if the future is another loop's, or the
  ///   waiting task itself.
  ///
  /// asyncio: futures.Future.__await__
  public final func value(
    file: StaticString = #fileID, line: UInt = #line
  ) async throws -> Value {
    if !done() { try await wait(CallSite(file, line)) }
    return try result()
  }
}

extension EventLoop {
  /// Makes a pending future of this loop.
  ///
  /// asyncio: BaseEventLoop.create_future
  public func createFuture<Value>(
    of type: Value.Type = Value.self, file: StaticString = #fileID, line: UInt = #line
  ) -> Future<Value> {
    Future(self, file: file, line: line)
  }
}
