import Sockets

/// A callback on a future's list. It learns which future it was when that one
/// settles; until then it must not hold it, or the two would keep each other alive.
public final class DoneCallback: Handle {
  @exclusivity(unchecked) var future: AnyFuture?
  /// The number of the future that it was made for, the only one it can serve.
  fileprivate let futureID: Int
  @exclusivity(unchecked) private var whenDone: ((AnyFuture) throws -> Void)?

  init(
    _ label: String, of owner: AnyFuture, _ site: CallSite,
    _ whenDone: @escaping (AnyFuture) throws -> Void
  ) {
    self.whenDone = whenDone
    futureID = owner.id
    super.init(Label(label), owner.loop, site) {}
  }

  package override func call() throws {
    if let future { try whenDone?(future) }
  }

  public override func cancel(file: StaticString = #fileID, line: UInt = #line) {
    whenDone = nil
    super.cancel(file: file, line: line)
  }
}

extension Future {
  /// Runs `callback` once the future is done, in a turn of its own. If it is done
  /// already, that is the next turn; never on the spot.
  ///
  /// - Returns: the callback, to take it off again or to attach it once more.
  ///
  /// asyncio: futures.Future.add_done_callback
  @discardableResult
  public func addDoneCallback(
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
  public func addDoneCallback(
    _ callback: DoneCallback, file: StaticString = #fileID, line: UInt = #line
  ) {
    guard callback.futureID == id && callback.loop === loop else {
      fatalError(
        "\(callback.name.label) was made for another future than \(name.label)")
    }
    attach(callback, CallSite(file, line))
  }
}

extension AnyFuture {
  /// Takes a callback off the list, as often as it is there.
  ///
  /// - Parameter callback: what `addDoneCallback` returned.
  /// - Returns: how often it was there.
  ///
  /// asyncio: futures.Future.remove_done_callback
  @discardableResult
  public func removeDoneCallback(
    _ callback: DoneCallback, file: StaticString = #fileID, line: UInt = #line
  ) -> Int {
    detach(callback, CallSite(file, line))
  }
}
