import Sockets

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
  /// - Returns: a future. Cancelling it stops no work that has begun, only nobody
  ///   waits.
  /// - Throws: `RuntimeError` if the loop is closed, or its threads are shut down;
  ///   `SystemError`, EAGAIN, if this needs one more thread than can be had.
  ///
  /// asyncio: BaseEventLoop.run_in_executor
  public func runInExecutor<Value: Sendable>(
    file: StaticString = #fileID, line: UInt = #line,
    _ work: @escaping @Sendable () throws -> Value
  ) throws -> Future<Value> {
    try checkClosed()
    if isExecutorShutDown {
      throw RuntimeError("shutdownDefaultExecutor() was called: there are no threads")
    }
    let pool = workers ?? WorkerPool()
    workers = pool
    let site = CallSite(file, line)
    let future = createFuture(of: Value.self, file: file, line: line)
    let number = future.id
    let executor = executor
    try pool.submit(number) {
      let outcome = Result { try work() }
      bring(to: executor, site) {
        let future = executor.loop?.jobs.removeValue(forKey: number)
        guard let future = future as? Future<Value>, !future.done() else { return }
        switch outcome {
        case .success(let value): future.settle(with: value, site)
        case .failure(let error): future.settle(throwing: error, site)
        }
      }
    }
    jobs[number] = future
    // asyncio: futures._chain_future
    future.addDoneCallback("withdraw the work", file: file, line: line) { [self] in
      if $0.cancelled() {
        pool.withdraw(number)
        jobs[number] = nil
      }
    }
    return future
  }

  // [executor.shut-down]
  /// Takes no more work, and waits until what there is has been done and the threads
  /// are gone. `run` does it at its end.
  ///
  /// - Parameter timeout: seconds; `nil` waits without limit. When the time is up the
  ///   threads are left alone, and who watches the loop hears of it, or standard error.
  /// - Throws: `CancellationError`; `ValueError` if the timeout is not a number.
  ///
  /// asyncio: BaseEventLoop.shutdown_default_executor
  public func shutdownDefaultExecutor(timeout: Double? = nil) async throws {
    if let timeout { try checkTime(timeout, "a timeout") }
    isExecutorShutDown = true
    guard let pool = workers else { return }
    let gone = createFuture(of: Void.self)
    let number = gone.id
    jobs[number] = gone
    defer { jobs[number] = nil }
    let executor = executor
    pool.shutDown {
      bring(to: executor, CallSite()) {
        let gone = executor.loop?.jobs[number] as? Future<Void>
        try gone?.setResultUnlessCancelled(())
      }
    }
    do {
      try await waitFor(timeout) { try await gone.value() }
    } catch is TimeoutError {
      return warn("after \(timeout!) s its threads are still busy: left alone\n")
    }
    pool.forget(waiting: true)
  }

  /// How long `run` waits for the threads at its end, in seconds.
  ///
  /// asyncio: constants.THREAD_JOIN_TIMEOUT
  static let threadJoinTimeout = 300.0
}

/// From a worker to the loop. One that was closed meanwhile takes no mail, and nobody
/// waits any more.
private func bring(
  to executor: LoopExecutor, _ site: CallSite,
  _ callback: @escaping @Sendable () throws -> Void
) {
  do {
    try executor.post(.call(callback, site), site)
  } catch is RuntimeError {
  } catch {
    writeError("the outcome of runInExecutor cannot be brought back: \(error)\n")
  }
}
