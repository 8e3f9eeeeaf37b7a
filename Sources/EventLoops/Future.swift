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
  /// The line that made it.
  public let site: CallSite
  /// Counts the loop's futures, tasks included, from 1.
  package final let id: Int
  let label: Label
  /// Those who want to know, and a hole where one was removed.
  @exclusivity(unchecked) private var callbacks: [Handle?] = []
  private var holes = 0
  @exclusivity(unchecked) private var state = State.pending
  // [future.untyped]
  /// What is in the box. Its type is known to `Future<Value>` only. Kept there it would
  /// be a type within a generic type, which Swift's runtime has to look up each time.
  @exclusivity(unchecked) fileprivate var value: Any?
  @exclusivity(unchecked) fileprivate var error: (any Error)?
  /// There is an error in here that nobody has looked at.
  @exclusivity(unchecked) fileprivate var isErrorUnseen = false
  /// Many wait for it, and it belongs to none of them.
  package final var isShared = false

  enum State { case pending, finished, failed, cancelled }

  init(_ label: Label, _ loop: EventLoop, _ site: CallSite) {
    self.loop = loop
    self.site = site
    self.label = label
    id = loop.nextFutureNumber()
  }

  /// What the future is called, for people.
  public final var name: Name { Name(id, label.written) }

  // [future.bury]
  /// A future that is dropped while it is pending drops its callbacks, one of them may
  /// be the last to hold another pending future, and so on. A long row of these would
  /// be let go from inside one another, a few frames of the stack for each. So the loop
  /// lets go of them, one after the other.
  deinit {
    if callbacks.isEmpty { return }
    loop.buried += callbacks.compactMap { $0 }
    callbacks = []  // or this list would be the last to hold them
    loop.bury()
  }

  /// Whether there is a result, an error or a cancellation in the box.
  ///
  /// asyncio: futures.Future.done
  public final func done() -> Bool { state != .pending }

  /// Whether the future was cancelled.
  ///
  /// asyncio: futures.Future.cancelled
  public final func cancelled() -> Bool { state == .cancelled }

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

  // [future.cancel-wait]
  /// Somebody who waits for this future is cancelled, and so is the future: what one
  /// waits for is mostly made for oneself.
  ///
  /// If it is shared, only the wait ends. The future stays as it is, and the others do
  /// not notice (M9).
  ///
  /// - Parameter wakeup: the callback that brings them back.
  /// - Returns: false if they do not hear from this future that they were cancelled.
  final func cancelWait(of wakeup: Handle, _ site: CallSite) -> Bool {
    if !isShared { return cancel(file: site.file, line: site.line) }
    if detach(wakeup, site) > 0 { loop.enqueue(wakeup, site) }
    return false
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
  final func settle(_ state: State, _ site: CallSite) {
    self.state = state
    isErrorUnseen = state == .failed
    let waiting = callbacks
    callbacks = []
    loop.tell(.futureSettled(name, outcome), self, site)
    for case let handle? in waiting {
      handle.times = 0
      (handle as? DoneCallback)?.future = self
      loop.enqueue(handle, site)
    }
  }

  /// How it ended, for the observer.
  private var outcome: LoopEvent.Outcome {
    if let error { return .exception("\(error)") }
    return state == .cancelled ? .cancelled : .result
  }

  // [future.add-done-callback]
  /// Puts a handle on the list, or, if the future is done, into the ready queue.
  final func attach(_ handle: Handle, _ site: CallSite) {
    if done() {
      (handle as? DoneCallback)?.future = self
      loop.enqueue(handle, site)
    } else {
      // Most futures have two: a clean-up, and the wake-up of who waits.
      if callbacks.isEmpty { callbacks.reserveCapacity(2) }
      if handle.times == 0 { handle.place = callbacks.count }
      handle.times += 1
      callbacks.append(handle)
      loop.tell(.callbackAdded(future: name, callback: handle.name), self, site)
    }
  }

  /// Takes a handle off the list, as often as it is there; returns how often that was.
  @discardableResult
  final func detach(_ handle: Handle, _ site: CallSite) -> Int {
    // On no list, or on another future's, it does not stand at its place in this one.
    guard callbacks.indices.contains(handle.place), callbacks[handle.place] === handle
    else { return 0 }
    let times = handle.times
    handle.times = 0
    let end = times == 1 ? handle.place + 1 : callbacks.count
    for place in handle.place..<end where callbacks[place] === handle {
      callbacks[place] = nil
    }
    holes += times
    if holes > callbacks.count / 2 { closeHoles() }
    loop.tell(.callbackRemoved(future: name, callback: handle.name), self, site)
    return times
  }

  // [future.close-holes]
  /// To search and to close up for each one that is removed would make a million of them
  /// a million times a million steps, as in asyncio. So each knows its place, and the
  /// list is closed up when it is half empty.
  private func closeHoles() {
    let left = callbacks.filter { $0 != nil }
    // From the end, so that the first of several places is noted last.
    for place in left.indices.reversed() { left[place]?.place = place }
    callbacks = left
    holes = 0
  }

  /// The callbacks, in the order in which they will be queued.
  package final var doneCallbacks: [Name] { callbacks.compactMap { $0?.name } }

  fileprivate final func checkPending() throws(InvalidStateError) {
    if done() { throw InvalidStateError("\(name.label) is done already") }
  }
  final func markSeen() { isErrorUnseen = false }
}

/// A value that is not there yet.
///
/// asyncio: futures.Future
public class Future<Value>: AnyFuture {
  // [future.unseen]
  /// An error that nobody ever asked for is reported when the future goes away:
  /// the last chance that anybody hears of it.
  ///
  /// asyncio: futures.Future.__del__
  deinit {
    if isErrorUnseen, let error {
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
    self.init(loop.nextFutureLabel(), loop, CallSite(file, line))
    loop.tell(.futureCreated(name), self, site)
  }

  override init(_ label: Label, _ loop: EventLoop, _ site: CallSite) {
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
    settle(with: value, CallSite(file, line))
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
    settle(throwing: error, CallSite(file, line))
  }

  package final override func lost(_ error: any Error) {
    if !done() { settle(throwing: error, site) }
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

  final func settle(with value: Value, _ site: CallSite) {
    self.value = value
    settle(.finished, site)
  }

  final func settle(throwing error: any Error, _ site: CallSite) {
    self.error = error
    settle(.failed, site)
  }

  /// What is in the box.
  ///
  /// - Returns: the value.
  /// - Throws: the error; `CancellationError` if the future was cancelled;
  ///   `InvalidStateError` if it is pending.
  ///
  /// asyncio: futures.Future.result
  public final func result() throws -> Value {
    try checkDone()
    if let error { throw error }
    return value! as! Value
  }

  /// The error in the box.
  ///
  /// - Returns: the error, or `nil` if there is a value.
  /// - Throws: `CancellationError` if the future was cancelled;
  ///   `InvalidStateError` if it is pending.
  ///
  /// asyncio: futures.Future.exception
  public final func exception() throws -> (any Error)? {
    try checkDone()
    return error
  }

  private func checkDone() throws {
    if cancelled() { throw CancellationError() }
    if !done() { throw InvalidStateError("\(name.label) has no result yet") }
    markSeen()
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
