import Foundation
public import Sockets

extension EventLoop {
  // [executor.run-in]
  /// Runs something that blocks, on a thread of its own, and brings the result
  /// back as a future of this loop.
  ///
  /// The worker never touches the future, not even to release it: a future belongs
  /// to one thread. It sends the outcome and a number, and the loop finds the
  /// future by the number.
  ///
  /// - Parameter work: what to run; it must not use the loop.
  /// - Returns: a future. Cancelling it does not stop the work, only nobody waits.
  /// - Throws: `RuntimeError` if the loop is closed.
  ///
  /// asyncio: BaseEventLoop.run_in_executor
  public func runInExecutor<Value: Sendable>(
    file: StaticString = #fileID, line: UInt = #line,
    _ work: @escaping @Sendable () throws -> Value
  ) throws(RuntimeError) -> Future<Value> {
    try checkClosed()
    let future = createFuture(of: Value.self, file: file, line: line)
    let number = future.id
    jobs[number] = future
    let site = CallSite(file, line)
    let executor = executor
    workers.addOperation {
      let outcome = Result { try work() }
      // A loop that was closed meanwhile takes no mail, and nobody waits any more.
      try? executor.post(
        .call(
          {
            let future = executor.loop?.jobs.removeValue(forKey: number)
            guard let future = future as? Future<Value>, !future.done() else { return }
            switch outcome {
            case .success(let value): future.settle(with: value, site)
            case .failure(let error): future.settle(throwing: error, site)
            }
          }, site), site)
    }
    return future
  }
}

/// The threads of one loop. As many as Python's pool has at the most, the rest
/// of the work queues up; Foundation makes them when they are needed.
func makeWorkers() -> OperationQueue {
  let queue = OperationQueue()
  queue.name = "event loop workers"
  queue.maxConcurrentOperationCount = min(
    32, ProcessInfo.processInfo.processorCount + 4)
  return queue
}
